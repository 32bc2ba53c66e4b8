// What the pre-tokenizers and NFC need to know of a code point.
//
// Shape:   `class_of` gives a set of bits from a table of two levels; the tables of NFC are sorted.
//          All are generated from data/unicode_classes.txt and data/nfc.txt when aigw is built.
// Source:  Unicode 16 (classes) and 15 (NFC), data/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace aigw::tokens {

using CharacterClass = std::uint8_t;  // a set of these bits

constexpr CharacterClass kLetter = 1;       // L
constexpr CharacterClass kNumber = 2;       // N
constexpr CharacterClass kWhite = 4;        // White_Space
constexpr CharacterClass kNewline = 8;      // CR and LF
constexpr CharacterClass kUpper = 16;       // Lu Lt Lm Lo M: may begin a word of o200k
constexpr CharacterClass kLower = 32;       // Ll Lm Lo M: may end one
constexpr CharacterClass kUnsettled = 64;   // NFC may change it, move it or join it to the left
constexpr CharacterClass kMayChange = 128;  // NFC may do more than put it in order

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kCodePoints = 0x110000;
constexpr unsigned kBlockBits = 7;
constexpr std::size_t kBlockSize = 1U << kBlockBits;

// A canonical decomposition. `second` is 0 where a character becomes another one.
struct Decomposition {
    std::uint32_t character;
    std::uint32_t first;
    std::uint32_t second;
};

struct Composition {
    std::uint32_t first;
    std::uint32_t second;
    std::uint32_t character;
};

namespace tables {
extern const std::uint8_t kClassBlocks[kCodePoints >> kBlockBits];
extern const std::uint8_t kClasses[];
extern const std::uint8_t kCombiningBlocks[kCodePoints >> kBlockBits];
extern const std::uint8_t kCombining[];
extern const std::span<const Decomposition> kDecompositions;  // by `character`
extern const std::span<const Composition> kCompositions;      // by `first`, then `second`
}  // namespace tables

inline CharacterClass class_of(char32_t character) {
    return tables::kClasses[std::size_t{tables::kClassBlocks[character >> kBlockBits]}
                                << kBlockBits |
                            (character & (kBlockSize - 1))];
}

// Canonical_Combining_Class.
inline std::uint8_t combining_class(char32_t character) {
    return tables::kCombining[std::size_t{tables::kCombiningBlocks[character >> kBlockBits]}
                                  << kBlockBits |
                              (character & (kBlockSize - 1))];
}

}  // namespace aigw::tokens
