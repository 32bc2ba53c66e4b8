#include "identity/static_keys.h"

#include "crypto/digest.h"

namespace aigw::identity {
namespace {

std::size_t hash_of(std::string_view key) {
    return std::hash<std::string_view>()(key);
}

Principal principal_of(const StaticKeyOptions& options) {
    return Principal{.kind = PrincipalKind::StaticKey,
                     .key = options.name,
                     .tenant = options.tenant,
                     .scopes = options.scopes,
                     .models = options.models};
}

}  // namespace

StaticKeys StaticKeys::make(const Options& options) {
    StaticKeys keys;
    for (const StaticKeyOptions& one : options.static_keys) {
        const std::string& key = one.key.reveal();
        if (key.empty() || keys.find(key) != nullptr) continue;
        keys.entries_.emplace(hash_of(key), Entry{key, principal_of(one)});
    }
    return keys;
}

const Principal* StaticKeys::find(std::string_view presented) const {
    const auto [first, last] = entries_.equal_range(hash_of(presented));
    for (auto entry = first; entry != last; ++entry) {
        if (crypto::equals_constant_time(entry->second.key, presented)) {
            return &entry->second.principal;
        }
    }
    return nullptr;
}

}  // namespace aigw::identity
