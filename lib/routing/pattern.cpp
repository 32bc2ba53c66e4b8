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

// A name in lower case, without an allocation for any name a vendor has given so far.
class LowerCase {
public:
    explicit LowerCase(std::string_view name) {
        if (name.size() > buffer_.size()) {
            long_name_ = to_lower(name);
            view_ = long_name_;
            return;
        }
        std::transform(name.begin(), name.end(), buffer_.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        view_ = {buffer_.data(), name.size()};
    }
    LowerCase(const LowerCase&) = delete;
    LowerCase& operator=(const LowerCase&) = delete;
    std::string_view view() const { return view_; }

private:
    std::array<char, 128> buffer_;
    std::string long_name_;
    std::string_view view_;
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
        const std::size_t length_a = literal_length(a.pattern);
        const std::size_t length_b = literal_length(b.pattern);
        if (length_a != length_b) return length_a > length_b;
        return kind_of(a.pattern) < kind_of(b.pattern);
    });
    for (Rank rank = 0; rank < entries_.size(); ++rank) add(rank);
    build_slots();
}

void PatternIndex::add(Rank rank) {
    Entry& entry = entries_[rank];
    const PatternKind kind = kind_of(entry.pattern);
    if (kind == PatternKind::Exact) {
        exact_.try_emplace(entry.pattern, rank);
        return;
    }
    entry.pattern = to_lower(entry.pattern);
    Head& head = head_for(std::string_view(entry.pattern).substr(0, entry.pattern.find('*')));
    (kind == PatternKind::Prefix ? head.prefixes : head.globs).push_back(rank);
}

PatternIndex::Head& PatternIndex::head_for(std::string_view text) {
    const std::uint64_t hash = hash_of(text);
    const auto found = std::find_if(heads_.begin(), heads_.end(), [&](const Head& head) {
        return head.hash == hash && head.text == text;
    });
    if (found != heads_.end()) return *found;
    if (has_length_.size() <= text.size()) has_length_.resize(text.size() + 1);
    has_length_[text.size()] = true;
    return heads_.emplace_back(Head{.text = std::string(text), .hash = hash});
}

void PatternIndex::build_slots() {
    if (heads_.empty()) return;
    slots_.assign(std::bit_ceil(heads_.size() * 2), 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        std::size_t slot = heads_[i].hash & mask;
        while (slots_[slot] != 0) slot = (slot + 1) & mask;
        slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

const PatternIndex::Head* PatternIndex::find_head(std::uint64_t hash, std::string_view text) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
        const Head& head = heads_[slots_[slot] - 1];
        if (head.hash == hash && head.text == text) return &head;
    }
    return nullptr;
}

template <class Visit>
void PatternIndex::for_each_head(std::string_view name, Visit visit) const {
    std::uint64_t hash = kHashOfNothing;
    const std::size_t longest = std::min(name.size() + 1, has_length_.size());
    for (std::size_t length = 0; length < longest; ++length) {
        if (length > 0) hash = extend(hash, name[length - 1]);
        if (!has_length_[length]) continue;
        if (const Head* head = find_head(hash, name.substr(0, length))) visit(*head);
    }
}

std::optional<std::uint32_t> PatternIndex::find(std::string_view name) const {
    if (entries_.empty()) return std::nullopt;
    Rank best = static_cast<Rank>(entries_.size());
    if (const auto exact = exact_.find(name); exact != exact_.end()) best = exact->second;
    if (!heads_.empty()) {
        const LowerCase lower(name);
        for_each_head(lower.view(), [&](const Head& head) {
            if (!head.prefixes.empty()) best = std::min(best, head.prefixes.front());
            for (const Rank rank : head.globs) {
                if (rank >= best) break;
                if (fits(entries_[rank].pattern, lower.view())) best = rank;
            }
        });
    }
    if (best == entries_.size()) return std::nullopt;
    return entries_[best].id;
}

InlineVector<std::uint32_t, 8> PatternIndex::find_all(std::string_view name) const {
    InlineVector<std::uint32_t, 8> ids;
    if (const auto exact = exact_.find(name); exact != exact_.end()) {
        ids.push_back(entries_[exact->second].id);
    }
    const LowerCase lower(name);
    for_each_head(lower.view(), [&](const Head& head) {
        for (const Rank rank : head.prefixes) ids.push_back(entries_[rank].id);
        for (const Rank rank : head.globs) {
            if (fits(entries_[rank].pattern, lower.view())) ids.push_back(entries_[rank].id);
        }
    });
    return ids;
}

}  // namespace aigw::routing
