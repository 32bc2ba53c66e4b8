// Exact counting of a text's tokens.
//
// Shape:   a text is cleaned (text_cleaner.h), cut into pieces (scanner.h), and each piece merged
//          (merger.h), the short ones with a memory in front. Text that spells a special token is
//          ordinary text.
// Units:   tokens, and bytes of the text as given. Up to about a microsecond per byte at worst:
// what
//          is long and comes from strangers is counted off the event loop, or estimated.
// Errors:  none; broken UTF-8 counts as U+FFFD.
// Threads: one counter per thread (a megabyte each); it borrows the vocabulary, which all share.
// Source:  the patterns and rules of each encoding, scanner.h and merger.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tokens/piece_counter.h"
#include "tokens/text_cleaner.h"
#include "tokens/vocabulary.h"

namespace aigw::tokens {

// A token and the bytes of the text that it stands for. What was changed before counting (NFC,
// broken UTF-8) belongs to the token in which it ends; a token that ends earlier in it has no
// bytes.
struct Token {
    TokenId id = 0;
    std::size_t begin = 0, end = 0;

    friend bool operator==(const Token&, const Token&) = default;
};

// What can be said without counting.
struct Bounds {
    std::size_t at_least = 0, at_most = 0;

    friend bool operator==(const Bounds&, const Bounds&) = default;
};

// Whether a text has at most a number of tokens.
struct AtMost {
    bool fits = true;
    // Known when it fits and had to be counted.
    std::optional<std::size_t> count{};
    // How many bytes of the text the allowed tokens hold, up to the end of a whole character; all
    // of it when it fits.
    std::size_t cut = 0;
};

struct Estimate {
    std::size_t count = 0;
    bool is_exact = true;
};

class Counter {
public:
    explicit Counter(const Vocabulary& vocabulary);

    const Vocabulary& vocabulary() const { return vocabulary_; }

    std::size_t count(std::string_view text);

    // Looks at the size first, and stops where the limit is passed.
    AtMost count_at_most(std::string_view text, std::size_t limit);

    // The tokens, in order; their bytes laid end to end are the text.
    std::vector<Token> encode(std::string_view text);

    // A look at each byte, some microseconds for 64 kB.
    Bounds bounds(std::string_view text) const;

    // Exact up to `exact_bytes`; of a longer text sixteen slices of at most 64 kB, evenly spaced,
    // are counted and scaled by bytes.
    Estimate estimate(std::string_view text, std::size_t exact_bytes);

    // A piece of clean text (stream_counter.h).
    PieceCounter& pieces() { return pieces_; }

private:
    template <class Take>
    void each_piece(std::string_view clean, Take take) const;
    AtMost cut_at(std::string_view text, std::size_t limit);
    std::size_t cut_in_piece(std::string_view piece, std::size_t limit);

    const Vocabulary& vocabulary_;
    TextCleaner cleaner_;
    PieceCounter pieces_;
};

}  // namespace aigw::tokens
