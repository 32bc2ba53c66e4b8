#include "sidecar/simulated/front.h"

#include "base/text.h"

namespace aigw::simulated {

std::string_view path_of(const http::Request& request) {
    const std::string_view target = request.target;
    return target.substr(0, target.find('?'));
}

std::string_view query_value(std::string_view target, std::string_view name) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return "";
    for (const std::string_view pair : split(target.substr(mark + 1), '&')) {
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return pair.substr(equals + 1);
        }
    }
    return "";
}

std::optional<std::string_view> bearer_key(const http::Request& request) {
    constexpr std::string_view kScheme = "Bearer ";
    const auto field = request.headers.find("authorization");
    if (!field || !starts_with_ignoring_case(*field, kScheme)) return std::nullopt;
    const std::string_view key = trim(field->substr(kScheme.size()));
    if (key.empty()) return std::nullopt;
    return key;
}

std::optional<std::string_view> api_key(const http::Request& request) {
    const auto field = request.headers.find("x-api-key");
    if (!field || trim(*field).empty()) return bearer_key(request);
    return trim(*field);
}

bool is_good_key(std::string_view key) {
    return key.size() > 3 && key.starts_with("sk-") && !key.starts_with("sk-invalid");
}

std::string masked_key(std::string_view key) {
    constexpr std::size_t kShown = 4;
    if (key.size() <= 2 * kShown) return std::string(key.size(), '*');
    return std::string(key.substr(0, kShown)) + std::string(key.size() - 2 * kShown, '*') +
           std::string(key.substr(key.size() - kShown));
}

bool has_json_content_type(const http::Request& request) {
    const auto type = request.headers.find("content-type");
    return !type ||
           equals_ignoring_case(trim(type->substr(0, type->find(';'))), "application/json");
}

}  // namespace aigw::simulated
