// Who calls. Every floor above speaks of principals, so the value lives at the bottom.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aigw {

enum class PrincipalKind : std::uint8_t {
    Local,
    Anonymous,
    StaticKey,
    StoredKey,
    Jwt,
    Remote,
    Internal
};
enum class Role : std::uint8_t { User, Admin };

struct Principal {
    PrincipalKind kind = PrincipalKind::Anonymous;
    std::string key{};  // name of the key, never the key itself
    std::string user{};
    std::string tenant{};
    std::string channel{};
    Role role = Role::User;
    std::vector<std::string> scopes{};  // operations this key may call; empty: all
    std::vector<std::string> models{};  // globs of the models this key may use; empty: all

    friend bool operator==(const Principal&, const Principal&) = default;
};

constexpr std::string_view name_of(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::Local:
            return "local";
        case PrincipalKind::Anonymous:
            return "anonymous";
        case PrincipalKind::StaticKey:
            return "static_key";
        case PrincipalKind::StoredKey:
            return "stored_key";
        case PrincipalKind::Jwt:
            return "jwt";
        case PrincipalKind::Remote:
            return "remote";
        case PrincipalKind::Internal:
            return "internal";
    }
    return "";
}

constexpr std::string_view name_of(Role role) {
    return role == Role::Admin ? "admin" : "user";
}

}  // namespace aigw
