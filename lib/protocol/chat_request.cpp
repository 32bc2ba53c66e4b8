#include "protocol/chat_request.h"

#include <algorithm>
#include <array>

namespace aigw::protocol {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 7> kEfforts = {"none", "minimal", "low", "medium",
                                                      "high", "xhigh",   "max"};

}  // namespace

std::string_view name_of(Effort effort) {
    return kEfforts[static_cast<std::size_t>(effort)];
}

std::optional<Effort> find_effort(std::string_view name) {
    const auto found = std::ranges::find(kEfforts, name);
    if (found == kEfforts.end()) return std::nullopt;
    return static_cast<Effort>(found - kEfforts.begin());
}

const ExtraField* ChatRequest::find_extra(std::string_view name) const {
    const auto found =
        std::ranges::find_if(extras, [&](const ExtraField& extra) { return extra.name == name; });
    return found == extras.end() ? nullptr : &*found;
}

}  // namespace aigw::protocol
