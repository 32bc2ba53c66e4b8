// How many tokens a piece has, with a memory for short pieces.
//
// Shape:   pieces of 2 to 15 bytes are looked up in a table of fixed size, at the place that their
//          bytes tell, which holds two; what is not there is merged and replaces the older of them.
// Units:   half a megabyte for each.
// Threads: one per thread; borrows the vocabulary.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/merger.h"

namespace aigw::tokens {

class PieceCounter {
public:
    explicit PieceCounter(const Vocabulary& vocabulary) : merger_(vocabulary), known_(kPlaces) {}

    // The piece is clean, as a scanner cut it, and not empty.
    std::size_t count(std::string_view piece) {
        if (piece.size() <= 1) return 1;
        if (piece.size() > kLongest) return merger_.count(piece);
        std::array<char, 16> bytes{};
        std::memcpy(bytes.data(), piece.data(), piece.size());
        return count_short(bytes.data(), piece.size());
    }

    // The same of a piece with at least 16 bytes to read from its beginning on.
    std::size_t count_readable(const char* piece, std::size_t size) {
        if (size <= 1) return 1;
        return size > kLongest ? merger_.count({piece, size}) : count_short(piece, size);
    }

    Merger& merger() { return merger_; }

private:
    static constexpr std::size_t kLongest = 15;
    static constexpr unsigned kPlaceBits = 14;
    static constexpr std::size_t kPlaces = std::size_t{1} << kPlaceBits;
    static constexpr unsigned kCountShift = 56, kSizeShift = 60;
    static constexpr std::uint64_t kCountMask = std::uint64_t{15} << kCountShift;

    // A piece's bytes, its size in the four highest bits and its count in the next.
    struct Known {
        std::uint64_t low = 0, high = 0;
    };

    static std::size_t counted(const Known& known) {
        return (known.high & kCountMask) >> kCountShift;
    }

    static std::uint64_t first_bytes(const char* from, std::size_t size) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof(word));
        if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
        return size >= 8 ? word : word & ((std::uint64_t{1} << size * 8) - 1);
    }

    std::size_t count_short(const char* piece, std::size_t size) {
        const std::uint64_t low = first_bytes(piece, size);
        const std::uint64_t high =
            (size > 8 ? first_bytes(piece + 8, size - 8) : 0) | std::uint64_t{size} << kSizeShift;
        const std::uint64_t mixed =
            low * 0x9E37'79B9'7F4A'7C15U + (high ^ low >> 32U) * 0xC2B2'AE3D'27D4'EB4FU;
        auto& [newer, older] = known_[mixed >> (64 - kPlaceBits)];
        if (newer.low == low && (newer.high & ~kCountMask) == high) return counted(newer);
        if (older.low == low && (older.high & ~kCountMask) == high) {
            std::swap(newer, older);
            return counted(newer);
        }
        const std::size_t count = merger_.count({piece, size});
        older = newer;
        newer = {low, high | std::uint64_t{count} << kCountShift};
        return count;
    }

    Merger merger_;
    std::vector<std::array<Known, 2>> known_;
};

}  // namespace aigw::tokens
