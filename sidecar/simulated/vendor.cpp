#include "sidecar/simulated/vendor.h"

#include <array>

namespace aigw::simulated {
namespace {

constexpr std::array kVendors = {
    VendorRow{"openai", "/v1", &make_openai},
    VendorRow{"dashscope", "/compatible-mode/v1", &make_dashscope},
    VendorRow{"anthropic", "/anthropic", &make_anthropic},
};

}  // namespace

std::span<const VendorRow> vendor_rows() {
    return kVendors;
}

}  // namespace aigw::simulated
