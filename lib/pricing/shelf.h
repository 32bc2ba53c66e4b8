// Some entries of the price list, indexed by the names they serve.
//
// Lookup:  names and prefixes sit in one hash table under the hash of their text; one pass over the
//          model's name hashes all its beginnings and probes at the lengths that occur. The few
//          other patterns are tried one by one, most of them dismissed by the characters they need.
//          Of all that match, the first entry wins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pricing/catalog.h"

namespace aigw::pricing {

class Shelf {
public:
    // `entries` must outlive the shelf, as the compiled-in tables do.
    Shelf(std::string_view provider, std::span<const Entry> entries);

    std::string_view provider() const { return provider_; }
    // The entry that serves `model`, in lower case; nullptr when there is none.
    const Entry* find(std::string_view model) const;

private:
    static constexpr std::uint16_t kNone = UINT16_MAX;

    // The first entry that has the text as a name, and the first that has it as a prefix.
    struct Slot {
        std::string_view text{};
        std::uint64_t hash = 0;
        std::uint16_t equals = kNone;
        std::uint16_t prefix = kNone;
    };
    struct Loose {
        const Pattern* pattern = nullptr;
        std::uint64_t letters = 0;  // the characters that the text needs
        std::uint16_t entry = kNone;
    };

    void insert(const Pattern& pattern, std::uint16_t entry);
    Slot& slot_for(std::string_view text);
    const Slot* probe(std::string_view text, std::uint64_t hash) const;
    std::uint16_t find_fixed(std::string_view model) const;

    std::string_view provider_;
    std::span<const Entry> entries_;
    std::vector<Slot> slots_;    // open addressing; at most half full, its size a power of two
    std::vector<Loose> loose_;   // in the order of their entries
    std::uint64_t lengths_ = 0;  // bit n: some text in slots_ has n characters
};

}  // namespace aigw::pricing
