#include "tokens/scanner.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <cstddef>
#include <cstdint>

#include "tokens/characters.h"
#include "tokens/contraction.h"
#include "tokens/utf8.h"

namespace aigw::tokens {

namespace {

constexpr CharacterClass kNoMark = kLetter | kNumber | kWhite;  // what `[^\s\p{L}\p{N}]` leaves out

consteval std::array<CharacterClass, 128> ascii_classes() {
    std::array<CharacterClass, 128> classes{};
    for (const char c : {'\t', '\n', '\v', '\f', '\r', ' '})
        classes[static_cast<unsigned char>(c)] = kWhite;
    classes['\n'] |= kNewline;
    classes['\r'] |= kNewline;
    for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kNumber;
    for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = kLetter | kUpper;
    for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = kLetter | kLower;
    return classes;
}
constexpr std::array kAscii = ascii_classes();

// A character and its end.
struct Seen {
    CharacterClass bits;
    const char* end;
};

inline Seen see(const char* at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80) return {kAscii[byte], at + 1};
    const CharacterClass bits = class_of(decode_clean(at));
    return {bits, at};
}

// Skips what has one of the bits.
inline const char* skip(const char* at, const char* end, CharacterClass bits) {
    while (at != end) {
        const Seen seen = see(at);
        if ((seen.bits & bits) == 0) break;
        at = seen.end;
    }
    return at;
}

inline const char* skip_marks(const char* at, const char* end) {
    while (at != end) {
        const Seen seen = see(at);
        if ((seen.bits & kNoMark) != 0) break;
        at = seen.end;
    }
    return at;
}

template <Encoding Code>
const char* skip_line_ends(const char* at, const char* end) {
    while (at != end && (*at == '\r' || *at == '\n' || (Code == Encoding::O200kBase && *at == '/')))
        ++at;
    return at;
}

// `U*V+C?`, else `U+V*C?`, from a character that has kUpper or kLower.
const char* cased_word_end(const char* at, const char* end) {
    const char* lower_end = nullptr;  // where the last V of the run of U ended
    while (at != end) {
        const Seen seen = see(at);
        if ((seen.bits & kUpper) == 0) {
            if ((seen.bits & kLower) != 0) lower_end = skip(seen.end, end, kLower);
            break;
        }
        at = seen.end;
        if ((seen.bits & kLower) != 0) lower_end = at;
    }
    if (lower_end != nullptr) at = lower_end;
    return at + contraction_bytes(at, end);
}

template <Encoding Code>
const char* word_end(const char* at, const char* end) {
    if constexpr (Code == Encoding::O200kBase) return cased_word_end(at, end);
    return skip(at, end, kLetter);
}

const char* numbers_end(const char* at, const char* end, int most) {
    while (at != end && most-- > 0) {
        const Seen seen = see(at);
        if ((seen.bits & kNumber) == 0) break;
        at = seen.end;
    }
    return at;
}

// `\s*[\r\n]+|\s+(?!\S)|\s+` from a white character.
const char* white_end(const char* at, const char* end) {
    const char* const begin = at;
    const char* newlines_end = nullptr;
    const char* last = at;
    while (at != end) {
        const Seen seen = see(at);
        if ((seen.bits & kWhite) == 0) break;
        last = at;
        at = seen.end;
        if ((seen.bits & kNewline) != 0) newlines_end = at;
    }
    if (newlines_end != nullptr) return newlines_end;
    return at == end || last == begin ? at : last;
}

template <Encoding Code>
const char* any_piece_end(const char* at, const char* end) {
    constexpr CharacterClass kWord = Code == Encoding::O200kBase ? kUpper | kLower : kLetter;
    constexpr int kDigits = Code == Encoding::Qwen ? 1 : 3;
    if constexpr (Code != Encoding::O200kBase) {
        if (const std::size_t bytes = contraction_bytes(at, end)) return at + bytes;
    }
    const Seen first = see(at);
    if ((first.bits & kWord) != 0) return word_end<Code>(at, end);
    if ((first.bits & kNumber) != 0) return numbers_end(at, end, kDigits);
    const bool has_next = first.end != end;
    const Seen next = has_next ? see(first.end) : Seen{0, end};
    if ((first.bits & kNewline) == 0 && (next.bits & kWord) != 0)
        return word_end<Code>(first.end, end);
    if ((first.bits & kWhite) == 0 || (*at == ' ' && has_next && (next.bits & kNoMark) == 0))
        return skip_line_ends<Code>(skip_marks(first.end, end), end);
    return white_end(at, end);
}

#if defined(__SSE2__)

// One where a word of ASCII may have a byte before its letters.
consteval std::array<std::uint8_t, 256> prefix_bytes() {
    std::array<std::uint8_t, 256> bytes{};
    for (unsigned c = 0; c < 128; ++c)
        bytes[c] = (kAscii[c] & (kLetter | kNumber | kNewline)) == 0 && c != '\'' ? 1 : 0;
    return bytes;
}
constexpr std::array kPrefixBytes = prefix_bytes();

// A bit for each of 16 bytes that lies in first..first+25.
inline unsigned letters(__m128i bytes, char first) {
    const __m128i from_zero = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    const __m128i most = _mm_min_epu8(from_zero, _mm_set1_epi8(25));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(most, from_zero)));
}

inline unsigned ones(unsigned mask) {
    return static_cast<unsigned>(__builtin_ctz(~mask));
}

// What most pieces are: a word of ASCII that ends within 16 bytes. Null when this is none. There
// are 18 bytes to read.
template <Encoding Code>
inline const char* ascii_word_end(const char* at, const char* end) {
    const char* const word = at + kPrefixBytes[static_cast<unsigned char>(*at)];
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word));
    const __m128i lower_case = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const unsigned all = letters(lower_case, 'a');
    if ((all & 1U) == 0 || all == 0xFFFF) return nullptr;
    unsigned count = ones(all);
    if (static_cast<signed char>(word[count]) < 0) return nullptr;
    if constexpr (Code != Encoding::O200kBase) return word + count;
    const unsigned upper = ones(letters(bytes, 'A'));
    if (upper != count) {
        count = upper + ones(letters(bytes, 'a') >> upper);
        if (word[count] != '\'') return word + count;
    }
    return word + count + contraction_bytes(word + count, end);
}

#endif

}  // namespace

template <Encoding Code>
const char* piece_end(const char* at, const char* end) {
#if defined(__SSE2__)
    if (end - at >= 18) {
        if (const char* const word = ascii_word_end<Code>(at, end)) return word;
    }
#endif
    return any_piece_end<Code>(at, end);
}

template const char* piece_end<Encoding::Cl100kBase>(const char*, const char*);
template const char* piece_end<Encoding::O200kBase>(const char*, const char*);
template const char* piece_end<Encoding::Qwen>(const char*, const char*);

}  // namespace aigw::tokens
