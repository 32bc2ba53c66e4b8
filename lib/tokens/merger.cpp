#include "tokens/merger.h"

#include <algorithm>
#include <array>

#include "tokens/prefix_counter.h"

namespace aigw::tokens {

namespace {

// Up to this size a piece is merged on the stack.
constexpr std::size_t kShort = 256;
// Tries that a byte may cost before the heap is the cheaper way.
constexpr std::size_t kTriesPerByte = 4;
// Longer pieces give their memory back.
constexpr std::size_t kKeptTokens = 1U << 16U;
constexpr std::size_t kGivenUp = 0;

}  // namespace

// Undoes the later of the two merges that made the tokens, again and again: had a merge across the
// border come earlier than the one just undone, the two would not have been there.
bool PairValidity::find_out(TokenId left, TokenId right) const {
    TokenId before = kNoToken;  // merges across the border count when they come before this one
    for (;;) {
        const TokenId merged = vocabulary_.merged(left, right);
        if (merged < before) return false;
        const bool is_left_later = left > right;
        for (const bool undo_left : {is_left_later, !is_left_later}) {
            TokenId& token = undo_left ? left : right;
            const TokenParents& parents = vocabulary_.parents(token);
            // At the border of equal tokens the left one was merged first.
            before = undo_left ? token : token + 1;
            if (parents.left != token) {
                token = undo_left ? parents.right : parents.left;
                break;
            }
            if (undo_left != is_left_later) return true;
        }
    }
}

// One bit for each place in the piece, its end included.
class Merger::DeadEnds {
public:
    explicit DeadEnds(std::span<std::uint64_t> words) : words_(words) {
        std::ranges::fill(words_, 0U);
    }
    static constexpr std::size_t words_for(std::size_t bytes) { return bytes / 64 + 1; }

    bool has(std::size_t place) const { return (words_[place / 64] >> place % 64 & 1U) != 0; }
    void add(std::size_t place) { words_[place / 64] |= std::uint64_t{1} << place % 64; }

private:
    std::span<std::uint64_t> words_;
};

// Returns how many tokens it wrote; kGivenUp when it took too many tries.
template <class Ends>
std::size_t Merger::backtrack(std::string_view piece, TokenId first, TokenId* tokens, Ends& ends) {
    const char* const text = piece.data();
    const char* const end = text + piece.size();
    std::size_t tries_left = piece.size() * kTriesPerByte + kShort;
    std::size_t count = 0;
    std::size_t at = 0;
    TokenId token = first;
    for (;;) {
        if (tries_left-- == 0) return kGivenUp;
        const TokenShape shape = vocabulary_.shape(token);
        const std::size_t next = at + shape.bytes();
        if (!ends.has(next) && (count == 0 || validity_.are_neighbours(tokens[count - 1], token))) {
            tokens[count++] = token;
            at = next;
            if (at == piece.size()) return count;
            token = vocabulary_.longest_match(text + at, end);
            continue;
        }
        token = shape.shorter();
        while (token == kNoToken) {
            // Nothing fits here: what led here was wrong.
            ends.add(at);
            const TokenShape wrong = vocabulary_.shape(tokens[--count]);
            at -= wrong.bytes();
            token = wrong.shorter();
        }
    }
}

std::size_t Merger::backtrack_long(std::string_view piece, TokenId first) {
    if (tokens_.capacity() > kKeptTokens) tokens_ = {};
    tokens_.resize(piece.size());
    dead_ends_.resize(DeadEnds::words_for(piece.size()));
    DeadEnds ends(dead_ends_);
    return backtrack(piece, first, tokens_.data(), ends);
}

std::size_t Merger::count(std::string_view piece) {
    const TokenId first = vocabulary_.longest_match(piece.data(), piece.data() + piece.size());
    if (vocabulary_.shape(first).bytes() == piece.size()) return 1;
    std::size_t count = kGivenUp;
    if (piece.size() <= kShort) {
        std::array<TokenId, kShort> tokens;
        std::array<std::uint64_t, DeadEnds::words_for(kShort)> words;
        DeadEnds ends({words.data(), DeadEnds::words_for(piece.size())});
        count = backtrack(piece, first, tokens.data(), ends);
    } else {
        count = backtrack_long(piece, first);
    }
    if (count != kGivenUp) return count;
    PrefixCounter prefix;
    prefix.clear();
    prefix.append(*this, piece);
    return prefix.count();
}

std::span<const TokenId> Merger::merge(std::string_view piece) {
    const TokenId first = vocabulary_.longest_match(piece.data(), piece.data() + piece.size());
    const std::size_t count = backtrack_long(piece, first);
    if (count != kGivenUp) return std::span(tokens_).first(count);
    heap_.merge(piece, tokens_);
    return tokens_;
}

}  // namespace aigw::tokens
