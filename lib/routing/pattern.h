// Patterns of model names, and an index that finds the first that fits without trying them all.
//
// Shape:   a pattern is exact ("gpt-4o"), a prefix ("gpt-*": one star, at the end) or a glob (any
//          other star: "*-turbo", "o*-mini"). Exact names compare by case, as vendors' names are
//          case-sensitive; prefixes and globs ignore the case of ASCII letters.
// Order:   higher priority first, then more literal characters (stars don't count), then exact
//          before prefix before glob, then the order in which the entries were given.
// Cost:    exact names are hashed. Prefixes and the literal heads of globs share one hash table
// that
//          is probed once per length that occurs, while the name is hashed in a single pass; only
//          globs whose head fits are tried, and only while they could still win.
// Threads: immutable after construction; share by const reference.
// Source:  gateway.toml(5) ROUTES; contracts of the project ("Routes, in what order").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/inline_vector.h"

namespace aigw::routing {

enum class PatternKind : std::uint8_t { Exact, Prefix, Glob };

PatternKind kind_of(std::string_view pattern);
// The characters of a pattern that stand for themselves.
std::size_t literal_length(std::string_view pattern);

class PatternIndex {
public:
    struct Entry {
        std::string pattern{};
        int priority = 0;
        std::uint32_t id = 0;  // what find() answers; the owner's own numbering
    };

    PatternIndex() = default;
    explicit PatternIndex(std::vector<Entry> entries);

    // The id of the first entry, in the order above, that fits.
    std::optional<std::uint32_t> find(std::string_view name) const;
    // The ids of all that fit, in no particular order. Of several exact entries of one name, the
    // first only.
    InlineVector<std::uint32_t, 8> find_all(std::string_view name) const;
    bool empty() const { return entries_.empty(); }

private:
    using Rank = std::uint32_t;  // position in `entries_`: smaller wins

    // Everything that begins with the same literal text.
    struct Head {
        std::string text{};  // lower case
        std::uint64_t hash = 0;
        std::vector<Rank> prefixes{};  // ascending
        std::vector<Rank> globs{};     // ascending
    };
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };

    void add(Rank rank);
    Head& head_for(std::string_view text);
    void build_slots();
    const Head* find_head(std::uint64_t hash, std::string_view text) const;
    // Calls visit(head) for every head that begins the lower-case `name`.
    template <class Visit>
    void for_each_head(std::string_view name, Visit visit) const;

    std::vector<Entry> entries_;  // in order of precedence; glob patterns in lower case
    std::unordered_map<std::string, Rank, NameHash, std::equal_to<>> exact_;
    std::vector<Head> heads_;
    std::vector<std::uint32_t> slots_;  // open addressing: 0 is free, else index in heads_ + 1
    std::vector<bool> has_length_;      // has_length_[n]: some head has n characters
};

}  // namespace aigw::routing
