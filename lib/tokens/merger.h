// The tokens of one piece.
//
// Shape:   takes the longest token that goes on, and goes back where it does not stand next to the
//          one before: two tokens are neighbours in a result exactly when merging their bytes alone
//          gives the two again, so the first row of tokens that fits everywhere is the result.
//          Where that takes too many tries the piece is merged pair by pair, with a heap.
// Units:   bytes of the piece. At most about a microsecond per byte, whatever the piece holds.
// Threads: one per thread; borrows the vocabulary.
// Source:  the algorithms are those published as "bpe" (backtracking with validity of pairs) and
//          tiktoken (a heap of pairs); both give what merging the pair of the lowest rank, the
//          leftmost first, gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokens/heap_merger.h"
#include "tokens/vocabulary.h"

namespace aigw::tokens {

// Whether two tokens may stand next to each other; it remembers what it was asked.
class PairValidity {
public:
    explicit PairValidity(const Vocabulary& vocabulary)
        : vocabulary_(vocabulary), answers_(kAnswers) {}

    bool are_neighbours(TokenId left, TokenId right) {
        // An odd factor permutes the 36 bits of a pair: its place and the rest tell it whole.
        const std::uint64_t mixed = pair_key(left, right) * kFactor & kPairMask;
        std::uint32_t& answer = answers_[mixed >> kRestBits];
        const auto asked = static_cast<std::uint32_t>(mixed & kRestMask) << 2U | kKnown;
        if ((answer | kYes) == (asked | kYes)) return (answer & kYes) != 0;
        const bool is_valid = find_out(left, right);
        answer = is_valid ? asked | kYes : asked;
        return is_valid;
    }

private:
    static constexpr unsigned kRestBits = 20;
    static constexpr std::size_t kAnswers = std::size_t{1} << (2 * kTokenBits - kRestBits);
    static constexpr std::uint64_t kPairMask = (std::uint64_t{1} << (2 * kTokenBits)) - 1;
    static constexpr std::uint64_t kRestMask = (std::uint64_t{1} << kRestBits) - 1;
    static constexpr std::uint64_t kFactor = 0x9'E377'9B97;
    static constexpr std::uint32_t kYes = 1, kKnown = 2;

    bool find_out(TokenId left, TokenId right) const;

    const Vocabulary& vocabulary_;
    std::vector<std::uint32_t> answers_;
};

class Merger {
public:
    explicit Merger(const Vocabulary& vocabulary)
        : vocabulary_(vocabulary), validity_(vocabulary), heap_(vocabulary) {}

    // The piece is not empty.
    std::size_t count(std::string_view piece);
    // Valid until the next call.
    std::span<const TokenId> merge(std::string_view piece);

    const Vocabulary& vocabulary() const { return vocabulary_; }
    PairValidity& validity() { return validity_; }

private:
    // Places from which no row of tokens reaches the end.
    class DeadEnds;

    template <class Ends>
    std::size_t backtrack(std::string_view piece, TokenId first, TokenId* tokens, Ends& ends);
    std::size_t backtrack_long(std::string_view piece, TokenId first);

    const Vocabulary& vocabulary_;
    PairValidity validity_;
    HeapMerger heap_;
    std::vector<TokenId> tokens_;
    std::vector<std::uint64_t> dead_ends_;
};

}  // namespace aigw::tokens
