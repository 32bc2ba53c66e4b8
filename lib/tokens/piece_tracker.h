// Where the pieces of a growing text end.
//
// Shape:   takes one character after the other and tells each piece's end as soon as no further
// text
//          can move it; agrees with scanner.h for every text. Of the open piece it knows its
//          beginning and, where the pattern may still fall back to it, its `mark`: were the text to
//          end here, the piece would end at the mark, and what follows it would be one piece more.
// Threads: a value.
// Source:  the patterns in scanner.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tokens/characters.h"
#include "tokens/encoding.h"

namespace aigw::tokens {

// Between two characters of a stream.
struct Place {
    std::size_t clean = 0;   // bytes of the cleaned text before it
    std::size_t source = 0;  // bytes of the text as it came; kNoSource inside of what NFC changes

    static constexpr std::size_t kNoSource = ~std::size_t{0};
};

class PieceTracker {
public:
    explicit PieceTracker(Encoding encoding) : encoding_(encoding) {}

    // Takes the character between two places, the first one being the second of the call before.
    // Calls `close(place)` for the end of each piece that now has one, in order.
    template <class Close>
    void take(char32_t character, Place begin, Place end, Close close) {
        const Seen seen{character, class_of(character), begin, end};
        while (!step(seen)) close(begin_);
        if (!ends_with_last_) return;
        ends_with_last_ = false;
        begin_ = end;
        state_ = State::Start;
        close(begin_);
    }

    Place begin() const { return begin_; }
    std::optional<Place> mark() const { return has_mark_ ? std::optional(mark_) : std::nullopt; }

private:
    enum class State : std::uint8_t {
        Start,            // no character of a piece yet
        Quote,            // ' first: a contraction, a word's prefix or a mark
        QuoteLetter,      // and a letter that makes it one with the right next letter
        Prefix,           // one character that a word may have before its letters
        Word,             // letters; in o200k the run of V
        Capitals,         // o200k: the run of U, with its mark behind the last V
        WordQuote,        // o200k: a word, with its mark, and '
        WordQuoteLetter,  // o200k: and a letter that makes it a contraction with the right next one
        Numbers,
        Symbols,
        LineEnds,  // behind symbols
        White,     // with its mark behind the last CR or LF
    };
    struct Seen {
        char32_t character;
        CharacterClass bits;
        Place begin, end;
    };

    // True when the character is part of the open piece. False when that piece ended before it, at
    // begin_: the character is to be tried again.
    bool step(const Seen& seen);
    bool start(const Seen& seen);
    bool start_word(CharacterClass bits, Place end);
    bool after_quote(const Seen& seen);
    bool after_quote_letter(const Seen& seen);
    bool after_prefix(const Seen& seen);
    bool in_word(const Seen& seen);
    bool in_capitals(const Seen& seen);
    bool after_word_quote(const Seen& seen);
    bool after_word_quote_letter(const Seen& seen);
    bool in_numbers(const Seen& seen);
    bool in_symbols(const Seen& seen);
    bool in_line_ends(const Seen& seen);
    bool in_white(const Seen& seen);

    bool is_cased() const { return encoding_ == Encoding::O200kBase; }
    bool is_word(CharacterClass bits) const;
    bool go(State state);
    bool end_with(State state);
    bool close_at(Place place, State next);
    bool mark_quote(Place begin);

    Encoding encoding_;
    State state_ = State::Start;
    std::uint8_t numbers_ = 0;
    bool has_mark_ = false;
    bool ends_with_last_ = false;  // the character just taken is its piece's last
    char32_t kept_ = 0;  // the prefix, the letter behind a quote, the last white character
    Place begin_, mark_;
    Place last_white_;  // where the last white character begins
};

}  // namespace aigw::tokens
