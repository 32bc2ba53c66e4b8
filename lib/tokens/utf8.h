// Characters of UTF-8.
//
// Shape:   `decode` checks what it reads; `decode_clean` trusts it. What is broken stands for
//          U+FFFD: a surrogate's three bytes, and else the longest start of a character that what
//          follows does not complete.
// Source:  RFC 3629; the Unicode Standard, section 3.9, "U+FFFD Substitution of Maximal Subparts".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tokens/characters.h"

namespace aigw::tokens {

enum class Utf8Form : std::uint8_t { Good, Broken, Cut };  // Cut: more bytes might complete it

struct Decoded {
    char32_t character;
    std::uint8_t bytes;
    Utf8Form form;
};

constexpr bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

// The character that a text of at least one byte begins with.
inline Decoded decode(const char* at, const char* end) {
    const auto lead = static_cast<unsigned char>(*at);
    if (lead < 0x80) return {lead, 1, Utf8Form::Good};
    if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1, Utf8Form::Broken};
    const std::uint8_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t character = lead & (0x7FU >> wanted);
    for (std::uint8_t i = 1; i < wanted; ++i) {
        if (at + i == end) return {kReplacement, i, Utf8Form::Cut};
        if (!continues(at[i])) return {kReplacement, i, Utf8Form::Broken};
        character = character << 6U | (static_cast<unsigned char>(at[i]) & 0x3FU);
        // The second byte shows an overlong form, and what is beyond Unicode.
        if (i != 1) continue;
        const bool is_overlong =
            (lead == 0xE0 && character < 0x20) || (lead == 0xF0 && character < 0x10);
        if (is_overlong || (lead == 0xF4 && character > 0x10F))
            return {kReplacement, 1, Utf8Form::Broken};
    }
    if (character >= 0xD800 && character < 0xE000) return {kReplacement, 3, Utf8Form::Broken};
    return {character, wanted, Utf8Form::Good};
}

// The same of text that is known to be whole and well-formed; `at` moves behind the character.
inline char32_t decode_clean(const char*& at) {
    const auto byte = [&] { return static_cast<unsigned char>(*at++); };
    const char32_t lead = byte();
    if (lead < 0x80) return lead;
    char32_t character = byte() & 0x3FU;
    if (lead < 0xE0) return (lead & 0x1FU) << 6U | character;
    character = character << 6U | (byte() & 0x3FU);
    if (lead < 0xF0) return (lead & 0x0FU) << 12U | character;
    character = character << 6U | (byte() & 0x3FU);
    return (lead & 0x07U) << 18U | character;
}

inline void append_utf8(std::string& out, char32_t character) {
    const auto append = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (character < 0x80) return append(character);
    if (character < 0x800) {
        append(0xC0U | character >> 6U);
    } else {
        if (character < 0x10000) {
            append(0xE0U | character >> 12U);
        } else {
            append(0xF0U | character >> 18U);
            append(0x80U | (character >> 12U & 0x3FU));
        }
        append(0x80U | (character >> 6U & 0x3FU));
    }
    append(0x80U | (character & 0x3FU));
}

// The last place up to `at` where a character begins, or where none can be told from the bytes.
inline std::size_t character_boundary(std::string_view text, std::size_t at) {
    if (at >= text.size()) return text.size();
    for (std::size_t back = 0; back < 4 && back <= at; ++back) {
        if (!continues(text[at - back])) return at - back;
    }
    return at;
}

}  // namespace aigw::tokens
