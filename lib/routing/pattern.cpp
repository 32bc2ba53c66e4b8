#include "routing/pattern.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/text.h"

namespace aigw::routing {
namespace {

// FNV-1a, 64 bits: each character adds to the hash of what came before it, so that one pass over a
// name yields the hash of every prefix.
constexpr std::uint64_t kHashOfNothing = 0xCBF29CE484222325ULL;

std::uint64_t extend(std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
}

std::uint64_t hash_of(std::string_view text) {
    return std::accumulate(text.begin(), text.end(), kHashOfNothing, extend);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// A name in lower case, also backwards, without an allocation for any name a vendor has given so
// far.
class LowerCase {
public:
    explicit LowerCase(std::string_view name) : size_(name.size()) {
        if (size_ > kInline) overflow_.resize(2 * size_);
        char* const forwards = size_ > kInline ? overflow_.data() : inline_.data();
        std::transform(name.begin(), name.end(), forwards, lower);
        std::reverse_copy(forwards, forwards + size_, forwards + size_);
        text_ = forwards;
    }
    LowerCase(const LowerCase&) = delete;
    LowerCase& operator=(const LowerCase&) = delete;
    std::string_view forwards() const { return {text_, size_}; }
    std::string_view backwards() const { return {text_ + size_, size_}; }

private:
    static constexpr std::size_t kInline = 128;
    std::array<char, 2 * kInline> inline_;
    std::string overflow_;
    std::size_t size_;
    const char* text_;
};

bool fits(std::string_view glob, std::string_view name) {
    const std::string_view tail = glob.substr(glob.rfind('*') + 1);
    return name.ends_with(tail) && matches_glob(glob, name);
}

}  // namespace

PatternKind kind_of(std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return PatternKind::Exact;
    return star + 1 == pattern.size() ? PatternKind::Prefix : PatternKind::Glob;
}

std::size_t literal_length(std::string_view pattern) {
    const auto stars = std::count(pattern.begin(), pattern.end(), '*');
    return pattern.size() - static_cast<std::size_t>(stars);
}

PatternIndex::PatternIndex(std::vector<Entry> entries) : entries_(std::move(entries)) {
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        if (a.priority != b.priority) return a.priority > b.priority;
        if (a.conditions != b.conditions) return a.conditions > b.conditions;
        const std::size_t length_a = literal_length(a.pattern);
        const std::size_t length_b = literal_length(b.pattern);
        if (length_a != length_b) return length_a > length_b;
        return kind_of(a.pattern) < kind_of(b.pattern);
    });
    for (Rank rank = 0; rank < entries_.size(); ++rank) add(rank);
    heads_.build_slots();
    tails_.build_slots();
}

void PatternIndex::add(Rank rank) {
    Entry& entry = entries_[rank];
    const PatternKind kind = kind_of(entry.pattern);
    if (kind == PatternKind::Exact) {
        exact_[entry.pattern].push_back(rank);
        return;
    }
    entry.pattern = to_lower(entry.pattern);
    const std::string_view pattern = entry.pattern;
    if (kind == PatternKind::Prefix) {
        heads_.bucket_for(pattern.substr(0, pattern.size() - 1)).prefixes.push_back(rank);
    } else if (pattern.starts_with('*')) {
        const std::string_view tail = pattern.substr(pattern.rfind('*') + 1);
        tails_.bucket_for(std::string(tail.rbegin(), tail.rend())).globs.push_back(rank);
    } else {
        heads_.bucket_for(pattern.substr(0, pattern.find('*'))).globs.push_back(rank);
    }
}

LiteralTable::Bucket& LiteralTable::bucket_for(std::string_view text) {
    const std::uint64_t hash = hash_of(text);
    const auto found = std::find_if(buckets_.begin(), buckets_.end(), [&](const Bucket& bucket) {
        return bucket.hash == hash && bucket.text == text;
    });
    if (found != buckets_.end()) return *found;
    if (has_length_.size() <= text.size()) has_length_.resize(text.size() + 1);
    has_length_[text.size()] = true;
    return buckets_.emplace_back(Bucket{.text = std::string(text), .hash = hash});
}

void LiteralTable::build_slots() {
    if (buckets_.empty()) return;
    slots_.assign(std::bit_ceil(buckets_.size() * 2), 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        std::size_t slot = buckets_[i].hash & mask;
        while (slots_[slot] != 0) slot = (slot + 1) & mask;
        slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

const LiteralTable::Bucket* LiteralTable::find(std::uint64_t hash, std::string_view text) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
        const Bucket& bucket = buckets_[slots_[slot] - 1];
        if (bucket.hash == hash && bucket.text == text) return &bucket;
    }
    return nullptr;
}

template <class Visit>
void LiteralTable::for_each(std::string_view name, Visit visit) const {
    std::uint64_t hash = kHashOfNothing;
    const std::size_t longest = std::min(name.size() + 1, has_length_.size());
    for (std::size_t length = 0; length < longest; ++length) {
        if (length > 0) hash = extend(hash, name[length - 1]);
        if (!has_length_[length]) continue;
        if (const Bucket* bucket = find(hash, name.substr(0, length))) visit(*bucket);
    }
}

template <class Visit>
void PatternIndex::for_each_bucket(std::string_view name, Visit visit) const {
    if (heads_.empty() && tails_.empty()) return;
    const LowerCase lower_name(name);
    const auto visit_bucket = [&](const LiteralTable::Bucket& bucket) {
        visit(bucket, lower_name.forwards());
    };
    heads_.for_each(lower_name.forwards(), visit_bucket);
    tails_.for_each(lower_name.backwards(), visit_bucket);
}

std::optional<std::uint32_t> PatternIndex::find(std::string_view name, const Holds& holds) const {
    Rank best = static_cast<Rank>(entries_.size());
    const auto try_all = [&](const std::vector<Rank>& ranks, const auto& fits_name) {
        for (const Rank rank : ranks) {
            if (rank >= best) break;
            if (fits_name(rank) && is_met(rank, holds)) best = rank;
        }
    };
    const auto any = [](Rank) { return true; };
    if (const auto exact = exact_.find(name); exact != exact_.end()) try_all(exact->second, any);
    for_each_bucket(name, [&](const LiteralTable::Bucket& bucket, std::string_view lower_name) {
        try_all(bucket.prefixes, any);
        try_all(bucket.globs, [&](Rank rank) { return fits(entries_[rank].pattern, lower_name); });
    });
    if (best == entries_.size()) return std::nullopt;
    return entries_[best].id;
}

InlineVector<std::uint32_t, 8> PatternIndex::find_all(std::string_view name) const {
    InlineVector<std::uint32_t, 8> ids;
    if (const auto exact = exact_.find(name); exact != exact_.end()) {
        ids.push_back(entries_[exact->second.front()].id);
    }
    for_each_bucket(name, [&](const LiteralTable::Bucket& bucket, std::string_view lower_name) {
        for (const Rank rank : bucket.prefixes) ids.push_back(entries_[rank].id);
        for (const Rank rank : bucket.globs) {
            if (fits(entries_[rank].pattern, lower_name)) ids.push_back(entries_[rank].id);
        }
    });
    return ids;
}

}  // namespace aigw::routing
