#include "pricing/shelf.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace aigw::pricing {
namespace {

// FNV-1a, one step per character, so that every beginning of a name is hashed in one pass.
constexpr std::uint64_t kHashSeed = 0xcbf29ce484222325;
constexpr std::uint64_t hash_step(std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
}

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = kHashSeed;
    for (const char c : text) hash = hash_step(hash, c);
    return hash;
}

// The high bits of an FNV hash are the well-mixed ones.
std::size_t home_of(std::uint64_t hash, std::size_t slots) {
    return (hash ^ (hash >> 32)) & (slots - 1);
}

// A set of the characters in a text; different characters may share a bit.
std::uint64_t letters_of(std::string_view text) {
    std::uint64_t letters = 0;
    for (const char c : text) letters |= 1ULL << (static_cast<unsigned char>(c) % 64);
    return letters;
}

bool is_fixed(Match how) {
    return how == Match::Equals || how == Match::Prefix;
}

bool matches_digits(const Pattern& pattern, std::string_view model) {
    if (!model.starts_with(pattern.text)) return false;
    const std::string_view rest = model.substr(pattern.text.size());
    const auto first_other =
        std::find_if(rest.begin(), rest.end(), [](char c) { return c < '0' || c > '9'; });
    const auto digits = first_other - rest.begin();
    if (pattern.how == Match::PrefixThenDigits) return digits >= pattern.digits;
    return digits == pattern.digits && first_other == rest.end();
}

bool matches(const Pattern& pattern, std::string_view model) {
    switch (pattern.how) {
        case Match::Equals:
            return model == pattern.text;
        case Match::Prefix:
            return model.starts_with(pattern.text);
        case Match::Suffix:
            return model.ends_with(pattern.text);
        case Match::Contains:
            return model.find(pattern.text) != std::string_view::npos;
        case Match::PrefixThenDigits:
        case Match::EqualsThenDigits:
            return matches_digits(pattern, model);
    }
    return false;
}

constexpr std::size_t kLongestText = 63;  // the bits of lengths_

}  // namespace

Shelf::Shelf(std::string_view provider, std::span<const Entry> entries)
    : provider_(provider), entries_(entries) {
    assert(entries.size() < kNone);
    std::size_t fixed = 0;
    for (const Entry& entry : entries) {
        fixed += static_cast<std::size_t>(std::ranges::count_if(
            entry.patterns, [](const Pattern& pattern) { return is_fixed(pattern.how); }));
    }
    slots_.resize(std::bit_ceil(2 * fixed + 1));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (const Pattern& pattern : entries[i].patterns) {
            insert(pattern, static_cast<std::uint16_t>(i));
        }
    }
}

void Shelf::insert(const Pattern& pattern, std::uint16_t entry) {
    if (!is_fixed(pattern.how)) {
        loose_.push_back({&pattern, letters_of(pattern.text), entry});
        return;
    }
    assert(pattern.text.size() <= kLongestText);
    Slot& slot = slot_for(pattern.text);
    std::uint16_t& first = pattern.how == Match::Equals ? slot.equals : slot.prefix;
    first = std::min(first, entry);
    lengths_ |= 1ULL << pattern.text.size();
}

Shelf::Slot& Shelf::slot_for(std::string_view text) {
    const std::uint64_t hash = hash_of(text);
    std::size_t at = home_of(hash, slots_.size());
    while (!slots_[at].text.empty() && slots_[at].text != text) at = (at + 1) & (slots_.size() - 1);
    slots_[at].text = text;
    slots_[at].hash = hash;
    return slots_[at];
}

const Shelf::Slot* Shelf::probe(std::string_view text, std::uint64_t hash) const {
    std::size_t at = home_of(hash, slots_.size());
    for (; !slots_[at].text.empty(); at = (at + 1) & (slots_.size() - 1)) {
        if (slots_[at].hash == hash && slots_[at].text == text) return &slots_[at];
    }
    return nullptr;
}

std::uint16_t Shelf::find_fixed(std::string_view model) const {
    std::uint16_t best = kNone;
    std::uint64_t hash = kHashSeed;
    const std::size_t longest = std::min(model.size(), kLongestText);
    for (std::size_t length = 1; length <= longest; ++length) {
        hash = hash_step(hash, model[length - 1]);
        if ((lengths_ >> length & 1) == 0) continue;
        const Slot* slot = probe(model.substr(0, length), hash);
        if (slot == nullptr) continue;
        best = std::min(best, slot->prefix);
        if (length == model.size()) best = std::min(best, slot->equals);
    }
    return best;
}

const Entry* Shelf::find(std::string_view model) const {
    std::uint16_t best = find_fixed(model);
    if (!loose_.empty()) {
        const std::uint64_t letters = letters_of(model);
        for (const Loose& loose : loose_) {
            if (loose.entry >= best) break;
            if ((loose.letters & ~letters) != 0 || !matches(*loose.pattern, model)) continue;
            best = loose.entry;
            break;
        }
    }
    return best == kNone ? nullptr : &entries_[best];
}

}  // namespace aigw::pricing
