#include "config/listeners.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace aigw::config {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kLongestSocketPath = 107;  // sun_path holds 108 bytes with its end

struct Address {
    std::string host{};
    std::string_view port{};
    bool is_v6 = false;
};

Error bad_address(std::string_view address, std::string_view why) {
    return Error{ErrorCode::Config,
                 "is " + json_string(address.substr(0, 80)) + ", which " + std::string(why),
                 R"(write it like "127.0.0.1:8080", "[::1]:8080" or "unix:/run/aigw.sock")"};
}

Address split_address(std::string_view address) {
    if (address.starts_with('[')) {
        const std::size_t close = std::min(address.find(']'), address.size());
        const std::string_view rest = address.substr(std::min(close + 1, address.size()));
        return {std::string(address.substr(1, close - 1)),
                rest.starts_with(':') ? rest.substr(1) : std::string_view(), true};
    }
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return {std::string(address), {}, false};
    return {std::string(address.substr(0, colon)), address.substr(colon + 1), false};
}

bool is_address(int family, const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

// A name, or four numbers (RFC 1123, section 2.1).
bool is_host(const std::string& host) {
    const auto is_good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    };
    if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, is_good)) return false;
    const bool is_numeric = host.find_first_not_of("0123456789.") == std::string::npos;
    return !is_numeric || is_address(AF_INET, host);
}

}  // namespace

Result<void> check_address(std::string_view address) {
    if (address.starts_with(kUnixPrefix)) {
        const std::string_view path = address.substr(kUnixPrefix.size());
        if (!path.starts_with('/')) return bad_address(address, "has no absolute path");
        if (path.size() > kLongestSocketPath)
            return bad_address(address, "is longer than a socket's path may be");
        if (path.find('\0') != std::string_view::npos)
            return bad_address(address, "holds a NUL byte");
        return {};
    }
    const Address parts = split_address(address);
    const auto port = parse_uint(parts.port);
    if (!port || *port > 65535) return bad_address(address, "has no port from 0 to 65535");
    if (parts.host.empty()) return bad_address(address, "has no host");
    if (parts.is_v6 ? !is_address(AF_INET6, parts.host) : !is_host(parts.host))
        return bad_address(address, "has no valid host");
    return {};
}

bool is_local_address(std::string_view address) {
    if (address.starts_with(kUnixPrefix)) return true;
    const Address parts = split_address(address);
    if (parts.is_v6) {
        in6_addr bytes{};
        return inet_pton(AF_INET6, parts.host.c_str(), &bytes) == 1 &&
               IN6_IS_ADDR_LOOPBACK(&bytes) != 0;
    }
    return equals_ignoring_case(parts.host, "localhost") ||
           (parts.host.starts_with("127.") && is_address(AF_INET, parts.host));
}

Result<void> check_listeners(const Config& config) {
    if (!config.auth.static_keys.empty()) return {};
    const auto open = std::ranges::find_if_not(config.server.listen, is_local_address);
    if (open == config.server.listen.end()) return {};
    return Error{ErrorCode::Config, "others can reach " + *open + ", and no key says who may call",
                 "set GATEWAY_API_KEYS, add [[auth.static_keys]], or listen on 127.0.0.1"};
}

}  // namespace aigw::config
