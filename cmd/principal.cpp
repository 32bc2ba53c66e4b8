#include "cmd/principal.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cmd/input.h"
#include "identity/identifier.h"

namespace aigw::cmd {
namespace {

Result<Principal> signed_in(std::string_view prefix, const std::string& as) {
    Principal principal{.kind = PrincipalKind::Jwt};
    const std::string id = as.substr(prefix.size());
    if (id.empty()) {
        return usage_error("--as " + std::string(prefix) + " names nobody",
                           "write it as " + std::string(prefix) + "ID");
    }
    (prefix == kAsUser ? principal.user : principal.tenant) = id;
    return principal;
}

// A key by its name, else by its value.
Result<Principal> find_key(const std::string& as, const identity::Options& auth) {
    std::string presented = as;
    std::string names;
    for (const identity::StaticKeyOptions& key : auth.static_keys) {
        if (key.name == as) presented = key.key.reveal();
        names += (names.empty() ? "" : ", ") + json_string(key.name);
    }
    constexpr std::string_view kOthers = "user:ID, tenant:ID or anonymous";
    if (names.empty()) {
        return usage_error("--as names a key, and the configuration has none",
                           "leave it out, or use " + std::string(kOthers));
    }
    const auto identifier = identity::Identifier::make(auth);
    const auto principal = identifier.identify({.x_api_key = presented});
    if (!principal) {
        return usage_error("--as names no configured key",
                           "one of " + names + ", " + std::string(kOthers));
    }
    return **principal;
}

}  // namespace

void add_as_option(CLI::App& command, std::string& as) {
    command
        .add_option("--as", as,
                    "Who asks: a configured key, user:ID, tenant:ID or anonymous (else local)")
        ->type_name("WHO");
}

Result<Principal> find_principal(const std::string& as, const identity::Options& auth) {
    if (as.empty()) return identity::local_principal();
    const bool is_a_key =
        std::ranges::count(auth.static_keys, as, &identity::StaticKeyOptions::name);
    if (as == kAsAnonymous && !is_a_key) return Principal{};
    for (const std::string_view prefix : {kAsUser, kAsTenant})
        if (as.starts_with(prefix)) return signed_in(prefix, as);
    return find_key(as, auth);
}

}  // namespace aigw::cmd
