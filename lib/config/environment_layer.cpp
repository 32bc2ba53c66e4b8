#include "config/environment_layer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "config/checks.h"

namespace aigw::config {
namespace {

struct VendorKey {
    std::string_view variable;
    std::string_view platform;
    std::string_view provider;
};
// The variables are those of the vendors' own SDKs.
constexpr std::array kVendorKeys = {
    VendorKey{"OPENAI_API_KEY", "openai", "openai"},
    VendorKey{"ANTHROPIC_API_KEY", "anthropic", "anthropic"},
    VendorKey{"DASHSCOPE_API_KEY", "dashscope", "dashscope"},
    VendorKey{"ARK_API_KEY", "doubao", "doubao"},
    VendorKey{"GEMINI_API_KEY", "gemini", "gemini"},
    VendorKey{"MINIMAX_API_KEY", "minimax", "minimax"},
};
constexpr std::string_view kClientKeys = "GATEWAY_API_KEYS";

bool check_key(std::string_view key, std::string_view variable, Report& report) {
    const auto checked = check_key_text(key);
    if (checked) return true;
    report.error({}, std::string(variable) + " " + checked.error().message, checked.error().hint);
    return false;
}

void add_platforms(Config& config, const Environment& environment, Report& report) {
    for (const VendorKey& vendor : kVendorKeys) {
        const std::string value = environment(vendor.variable).value_or("");
        const std::string_view key = trim(value);
        if (key.empty() || !check_key(key, vendor.variable, report)) continue;
        routing::PlatformOptions& platform = config.routing.platforms.emplace_back();
        platform.name = vendor.platform;
        platform.provider = vendor.provider;
        platform.api_key = Secret(std::string(key), "${" + std::string(vendor.variable) + "}");
    }
}

void add_static_keys(Config& config, const Environment& environment, Report& report) {
    const std::string value = environment(kClientKeys).value_or("");
    auto& keys = config.auth.static_keys;
    for (const std::string_view part : split(value, ',')) {
        const std::string_view key = trim(part);
        if (key.empty() || !check_key(key, kClientKeys, report)) continue;
        const auto is_same = [&](const auto& other) { return other.key.reveal() == key; };
        if (std::ranges::any_of(keys, is_same)) {
            report.error({}, std::string(kClientKeys) + " holds a key twice", "keep one of them");
            continue;
        }
        identity::StaticKeyOptions& options = keys.emplace_back();
        options.name = "env-" + std::to_string(keys.size());
        options.key = Secret(std::string(key), "");
    }
}

}  // namespace

void add_environment_layer(Config& config, const Environment& environment, Report& report) {
    if (config.routing.platforms.empty()) add_platforms(config, environment, report);
    if (config.auth.static_keys.empty()) add_static_keys(config, environment, report);
}

}  // namespace aigw::config
