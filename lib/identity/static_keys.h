// The keys of [[auth.static_keys]]: from a presented key to the principal it stands for.
//
// Lookup:  by hash, then compared in constant time, so that the time taken says nothing about how
//          much of a guess was right.
// Owner:   principals live in the StaticKeys, which never changes after construction.
// Source:  gateway.toml(5), [[auth.static_keys]].
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/principal.h"
#include "identity/options.h"

namespace aigw::identity {

class StaticKeys {
public:
    // Empty keys are left out: nothing presented equals them. Of two equal keys the first counts.
    static StaticKeys make(const Options& options);

    const Principal* find(std::string_view presented) const;
    bool empty() const { return entries_.empty(); }

private:
    struct Entry {
        std::string key;
        Principal principal;
    };

    // By the key's hash; a node stays where it is, so a Principal* lives as long as the object,
    // also across a move.
    std::unordered_multimap<std::size_t, Entry> entries_;
};

}  // namespace aigw::identity
