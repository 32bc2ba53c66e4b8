// Patterns of model names, and an index that finds the first that fits without trying them all.
//
// Shape:   a pattern is exact ("gpt-4o"), a prefix ("gpt-*": one star, at the end) or a glob (any
//          other star: "*-turbo", "o*-mini"). Exact names compare by case, as vendors' names are
//          case-sensitive; prefixes and globs ignore the case of ASCII letters.
// Order:   higher priority first, then more conditions, then more literal characters (stars don't
//          count), then exact before prefix before glob, then the order in which the entries were
//          given.
// Conditions: whether those of an entry hold is asked of the caller of find(), and only where the
//          entry would win.
// Cost:    exact names are hashed. Prefixes and globs are found by the literal text they begin or
//          end with: a table that is probed once per length that occurs, while the name is hashed
//          in a single pass. Only globs that share that text are tried, and only while they could
//          still win. Globs with a star at both ends are all tried.
// Threads: immutable after construction; share by const reference.
// Source:  gateway.toml(5) ROUTES; contracts of the project ("Routes, in what order").
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

using Rank = std::uint32_t;  // an entry's position in the order above: smaller wins

// Entries by a literal text, found by any name that begins with it.
class LiteralTable {
public:
    struct Bucket {
        std::string text{};
        std::uint64_t hash = 0;
        std::vector<Rank> prefixes{};  // patterns that are this text and a star; ascending
        std::vector<Rank> globs{};     // patterns that ask for more; ascending
    };

    Bucket& bucket_for(std::string_view text);
    // Call once, when every bucket is there.
    void build_slots();
    // Calls visit(bucket) for each bucket whose text begins `name`, the shortest first.
    template <class Visit>
    void for_each(std::string_view name, Visit visit) const;
    bool empty() const { return buckets_.empty(); }

private:
    const Bucket* find(std::uint64_t hash, std::string_view text) const;

    std::vector<Bucket> buckets_;
    std::vector<std::uint32_t> slots_;  // open addressing: 0 is free, else index in buckets_ + 1
    std::vector<bool> has_length_;      // has_length_[n]: some text has n characters
};

class PatternIndex {
public:
    struct Entry {
        std::string pattern{};
        int priority = 0;
        std::uint32_t id = 0;          // what find() answers; the owner's own numbering
        std::uint32_t conditions = 0;  // how many it has, beside its pattern
    };
    // Whether the conditions of the entry with that id hold.
    using Holds = std::function<bool(std::uint32_t id)>;

    PatternIndex() = default;
    explicit PatternIndex(std::vector<Entry> entries);

    // The id of the first entry, in the order above, that fits. Without `holds` no conditions hold.
    std::optional<std::uint32_t> find(std::string_view name, const Holds& holds = nullptr) const;
    // The ids of all that fit, in no particular order. Of several exact entries of one name, the
    // first only.
    InlineVector<std::uint32_t, 8> find_all(std::string_view name) const;
    bool empty() const { return entries_.empty(); }

private:
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };

    void add(Rank rank);
    bool is_met(Rank rank, const Holds& holds) const {
        const Entry& entry = entries_[rank];
        return entry.conditions == 0 || (holds && holds(entry.id));
    }
    // Calls visit(bucket, lower-case name) for every bucket, of heads and of tails, that fits.
    template <class Visit>
    void for_each_bucket(std::string_view name, Visit visit) const;

    std::vector<Entry> entries_;  // in order of precedence; prefixes and globs in lower case
    // Ascending; more than one only where the earlier ones have conditions.
    std::unordered_map<std::string, std::vector<Rank>, NameHash, std::equal_to<>> exact_;
    LiteralTable heads_;
    LiteralTable tails_;  // of globs that begin with a star; texts and names read backwards
};

}  // namespace aigw::routing
