// The file that a vocabulary becomes at build time, mapped into memory as it stands.
//
// Shape:   a header, then five tables, each from a multiple of 64 bytes:
//            trie     one unit for each prefix of a token: the unit of a prefix with one byte more
//                     is at `base ^ byte`, if that unit's label is the byte
//            filter   a bit that is set where a pair may be in the next table: small, so that most
//                     questions end in the processor's cache
//            pairs    open addressing by (left, right): the token that the two merge into
//            parents  the two tokens that each was merged from
//            shapes   each token's length, and the longest token that it begins with
// Units:   numbers have the byte order of the machine that built the file.
// Errors:  whoever reads a file checks magic, version, sizes and the checksum of all that follows
//          the header: a file that passes is one that aigw_compile_vocabulary wrote, whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aigw::tokens {

using TokenId = std::uint32_t;

constexpr std::array<char, 8> kIndexMagic = {'a', 'i', 'g', 'w', 'v', 'o', 'c', '\n'};
constexpr std::uint32_t kIndexVersion = 1;
constexpr std::size_t kTableAlignment = 64;
constexpr TokenId kNoToken = 0xFF'FFFF;

struct IndexHeader {
    std::array<char, 8> magic = kIndexMagic;
    std::uint32_t version = kIndexVersion;
    std::uint32_t encoding = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t checksum = 0;
    std::uint32_t trie_units = 0;
    std::uint32_t pair_slots = 0;  // a power of two
    std::uint32_t token_count = 0;
    std::uint32_t root_base = 0;
    std::array<TokenId, 256> byte_tokens{};
    std::array<std::uint8_t, 16> reserved{};
};
static_assert(sizeof(IndexHeader) % kTableAlignment == 0);

// A prefix of tokens: the token that ends here, the base of what follows, the prefix's last byte.
// The first 256 units stay free, so that a base of 0 leads nowhere.
class TrieUnit {
public:
    constexpr TrieUnit() = default;
    constexpr TrieUnit(TokenId token, std::uint32_t base, std::uint8_t label)
        : bits_(std::uint64_t{token} | std::uint64_t{base} << 24U | std::uint64_t{label} << 48U) {}

    constexpr TokenId token() const { return static_cast<TokenId>(bits_ & 0xFF'FFFFU); }
    constexpr std::uint32_t base() const {
        return static_cast<std::uint32_t>(bits_ >> 24U & 0xFF'FFFFU);
    }
    constexpr bool has_label(std::uint8_t byte) const { return bits_ >> 48U == byte; }

private:
    static constexpr std::uint64_t kFreeLabel = 0x100;

    std::uint64_t bits_ = kNoToken | kFreeLabel << 48U;
};
static_assert(sizeof(TrieUnit) == 8);

// left, right and merged, 18 bits each.
using PairSlot = std::uint64_t;
constexpr unsigned kTokenBits = 18;
constexpr PairSlot kEmptyPair = ~PairSlot{0};
constexpr std::uint32_t kFilterBitsPerSlot = 8;

constexpr std::uint64_t pair_key(TokenId left, TokenId right) {
    return std::uint64_t{left} << kTokenBits | right;
}
// Its high bits place the pair in both tables.
constexpr std::uint64_t pair_hash(std::uint64_t key) {
    return key * 0x9E37'79B9'7F4A'7C15U;
}

// A token of one byte has itself twice.
struct TokenParents {
    TokenId left = 0;
    TokenId right = 0;
};
static_assert(sizeof(TokenParents) == 8);

class TokenShape {
public:
    constexpr TokenShape() = default;
    constexpr TokenShape(std::uint32_t bytes, TokenId shorter) : bits_(bytes | shorter << 8U) {}

    constexpr std::uint32_t bytes() const { return bits_ & 0xFFU; }
    // kNoToken when it begins with no other.
    constexpr TokenId shorter() const { return bits_ >> 8U; }

private:
    std::uint32_t bits_ = kNoToken << 8U;
};
static_assert(sizeof(TokenShape) == 4);

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + kTableAlignment - 1) / kTableAlignment * kTableAlignment;
}

// Four sums side by side: as fast as memory is read. `content` has a multiple of 64 bytes.
inline std::uint64_t index_checksum(std::string_view content) {
    std::array<std::uint64_t, 4> sums = {1, 2, 3, 4};
    for (std::size_t at = 0; at + 32 <= content.size(); at += 32) {
        std::array<std::uint64_t, 4> words;
        std::memcpy(words.data(), content.data() + at, 32);
        for (std::size_t i = 0; i < 4; ++i) {
            sums[i] = (sums[i] ^ words[i]) * 0x9E37'79B9'7F4A'7C15U;
            sums[i] ^= sums[i] >> 32U;
        }
    }
    return ((sums[0] * 31 + sums[1]) * 31 + sums[2]) * 31 + sums[3];
}

}  // namespace aigw::tokens
