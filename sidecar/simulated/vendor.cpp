#include "sidecar/simulated/vendor.h"

#include <array>
#include <nlohmann/json.hpp>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/front.h"

namespace aigw::simulated {
namespace {

constexpr std::array kVendors = {
    VendorRow{"openai", "/v1", "/v1", &make_openai},
    VendorRow{"dashscope", "/compatible-mode/v1", "/compatible-mode/v1", &make_dashscope},
    VendorRow{"doubao", "/doubao/api/v3", "/doubao/api/v3", &make_doubao},
    VendorRow{"gemini", "/gemini/v1beta", "/gemini/v1beta", &make_gemini},
    VendorRow{"minimax", "/minimax", "/minimax/v1", &make_minimax},
    VendorRow{"anthropic", "/anthropic", "/anthropic", &make_anthropic},
};

}  // namespace

std::string SimulatedVendor::model_of(const http::Request& request) const {
    return std::string(text_field(Json::parse(request.body, nullptr, false), "model"));
}

std::string SimulatedVendor::key_of(const http::Request& request) const {
    return std::string(api_key(request).value_or(""));
}

std::span<const VendorRow> vendor_rows() {
    return kVendors;
}

}  // namespace aigw::simulated
