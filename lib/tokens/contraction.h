// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`: the ends of English words that are pieces, or parts, of their
// own.
//
// Source:  the patterns in scanner.h. Case is folded by Unicode: ſ (U+017F) is an s; no other
//          character beyond ASCII folds into these.
#pragma once

#include <cstddef>

namespace aigw::tokens {

constexpr char32_t kLongS = 0x17F;

// Whether the quote and this letter are all of it.
constexpr bool contracts(char32_t letter) {
    const char32_t lower = letter | 0x20U;
    return lower == 's' || lower == 't' || lower == 'm' || lower == 'd' || letter == kLongS;
}

// The letter that makes the quote and this one a contraction; 0 when none does.
constexpr char32_t contracting_letter(char32_t first) {
    const char32_t lower = first | 0x20U;
    return lower == 'r' || lower == 'v' ? 'e' : lower == 'l' ? 'l' : 0;
}

// Whether the quote and these two letters are all of it.
constexpr bool contracts(char32_t first, char32_t second) {
    const char32_t wanted = contracting_letter(first);
    return wanted != 0 && (second | 0x20U) == wanted;
}

// How many bytes from `at` it takes; 0 when there is none.
inline std::size_t contraction_bytes(const char* at, const char* end) {
    if (end - at < 2 || *at != '\'') return 0;
    const auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
    if (byte(1) < 0x80 && contracts(byte(1))) return 2;
    if (end - at < 3) return 0;
    if (byte(1) == 0xC5 && byte(2) == 0xBF) return 3;
    return byte(1) < 0x80 && byte(2) < 0x80 && contracts(byte(1), byte(2)) ? 3 : 0;
}

}  // namespace aigw::tokens
