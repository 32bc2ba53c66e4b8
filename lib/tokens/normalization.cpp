#include "tokens/normalization.h"

#include <algorithm>
#include <utility>

#include "tokens/characters.h"

namespace aigw::tokens {

namespace {

constexpr char32_t kLeadBase = 0x1100, kVowelBase = 0x1161, kTrailBase = 0x11A7;
constexpr char32_t kLeads = 19, kVowels = 21, kTrails = 28;
constexpr char32_t kSyllableBase = 0xAC00, kSyllables = kLeads * kVowels * kTrails;

void decompose(char32_t character, std::u32string& out) {
    if (const char32_t syllable = character - kSyllableBase; syllable < kSyllables) {
        out.push_back(kLeadBase + syllable / (kVowels * kTrails));
        out.push_back(kVowelBase + syllable / kTrails % kVowels);
        if (syllable % kTrails != 0) out.push_back(kTrailBase + syllable % kTrails);
        return;
    }
    const auto found =
        std::ranges::lower_bound(tables::kDecompositions, character, {}, &Decomposition::character);
    if (found == tables::kDecompositions.end() || found->character != character) {
        out.push_back(character);
        return;
    }
    // The first part may fall apart further; the second never does.
    decompose(found->first, out);
    if (found->second != 0) out.push_back(found->second);
}

// Marks that follow each other stand in the order of their combining classes.
void put_in_order(std::u32string& text) {
    for (auto at = text.begin(); at != text.end();) {
        const auto is_mark = [](char32_t character) { return combining_class(character) != 0; };
        const auto first = std::find_if(at, text.end(), is_mark);
        const auto last = std::find_if_not(first, text.end(), is_mark);
        if (!std::is_sorted(first, last, [](char32_t a, char32_t b) {
                return combining_class(a) < combining_class(b);
            })) {
            std::stable_sort(first, last, [](char32_t a, char32_t b) {
                return combining_class(a) < combining_class(b);
            });
        }
        at = last;
    }
}

// 0 when the two make no character.
char32_t compose(char32_t first, char32_t second) {
    if (const char32_t lead = first - kLeadBase, vowel = second - kVowelBase;
        lead < kLeads && vowel < kVowels) {
        return kSyllableBase + (lead * kVowels + vowel) * kTrails;
    }
    if (const char32_t syllable = first - kSyllableBase, trail = second - kTrailBase;
        syllable < kSyllables && syllable % kTrails == 0 && trail != 0 && trail < kTrails) {
        return first + trail;
    }
    const auto found = std::ranges::lower_bound(
        tables::kCompositions, std::pair<std::uint32_t, std::uint32_t>(first, second), {},
        [](const Composition& row) { return std::pair(row.first, row.second); });
    if (found == tables::kCompositions.end() || found->first != first || found->second != second)
        return 0;
    return found->character;
}

void compose_all(std::u32string& text) {
    constexpr std::size_t kNone = ~std::size_t{0};
    std::size_t starter = kNone;
    std::size_t kept = 0;
    int blocking = -1;  // the class of the last mark kept since the starter, 0 for another starter
    for (const char32_t character : text) {
        const int own = combining_class(character);
        if (starter != kNone && blocking < own) {
            if (const char32_t composed = compose(text[starter], character)) {
                text[starter] = composed;
                continue;
            }
        }
        if (own == 0) {
            starter = kept;
            blocking = -1;
        } else {
            blocking = own;
        }
        text[kept++] = character;
    }
    text.resize(kept);
}

}  // namespace

void normalize_span(std::u32string& span) {
    std::u32string decomposed;
    decomposed.reserve(span.size() * 2);
    for (const char32_t character : span) decompose(character, decomposed);
    put_in_order(decomposed);
    compose_all(decomposed);
    span = std::move(decomposed);
}

bool is_normal_span(const std::u32string& span) {
    int before = 0;
    for (const char32_t character : span) {
        const int own = combining_class(character);
        if ((class_of(character) & kMayChange) != 0 || (own != 0 && own < before)) return false;
        before = own;
    }
    return true;
}

}  // namespace aigw::tokens
