// The tokens of one piece by the very rule that defines them: merge the pair of the lowest rank,
// the leftmost first, until none merges.
//
// Shape:   a heap of pairs over a list of parts.
// Units:   O(n log n) in the piece's bytes, whatever they are; about 20 bytes of memory for each.
// Threads: one per thread; borrows the vocabulary.
// Source:  tiktoken's definition of byte pair encoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokens/vocabulary.h"

namespace aigw::tokens {

class HeapMerger {
public:
    explicit HeapMerger(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

    // Puts the piece's tokens into `tokens`.
    void merge(std::string_view piece, std::vector<TokenId>& tokens);

private:
    using Place = std::uint32_t;
    static constexpr Place kEnd = ~Place{0};

    struct Part {
        TokenId token;
        Place before, after;
    };
    struct Candidate {
        TokenId merged;
        Place place;
        friend auto operator<=>(const Candidate&, const Candidate&) = default;
    };

    void offer(Place place);
    bool is_current(const Candidate& candidate) const;
    void join(const Candidate& candidate);

    const Vocabulary& vocabulary_;
    std::vector<Part> parts_;
    std::vector<Candidate> heap_;
};

}  // namespace aigw::tokens
