// How many tokens the bytes so far have, for a piece whose end is not known yet.
//
// Shape:   a beginning of a piece has exactly one right last token, which stands right behind the
//          last token of a shorter beginning. So every byte moves the walks of the trie on that
//          began behind each of the last 128 bytes, and of the tokens that end here the one that
//          fits its place tells the count.
// Units:   two kilobytes, whatever the piece's length; up to about half a microsecond per byte.
// Threads: a value; borrows the counter's vocabulary and memory of pairs.
// Source:  the published "appendable" encoder of the same algorithm that merger.h uses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tokens/merger.h"

namespace aigw::tokens {

class PrefixCounter {
public:
    // Starts a piece.
    void clear();

    void append(Merger& merger, std::string_view bytes) {
        for (const char byte : bytes) append_byte(merger, byte);
    }

    std::size_t bytes() const { return bytes_; }
    std::size_t count() const { return count_at(bytes_); }

    // The count of the first `bytes` bytes: all of them, or up to 127 less.
    std::size_t count_at(std::size_t bytes) const {
        return bytes == 0 ? 0 : ends_[bytes % kLongestToken].count;
    }

private:
    // What ends at a byte: the last token of the beginning up to it.
    struct End {
        TokenId token = kNoToken;
        std::uint32_t count = 0;
    };
    // A walk of the trie from behind a byte.
    struct Walk {
        std::uint32_t base;
        std::uint32_t bytes;
    };

    void append_byte(Merger& merger, char byte);

    std::size_t bytes_ = 0;
    std::size_t walk_count_ = 0;
    std::array<End, kLongestToken> ends_;
    std::array<Walk, kLongestToken> walks_;  // the longest first
};

}  // namespace aigw::tokens
