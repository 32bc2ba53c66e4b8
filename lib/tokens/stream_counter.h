// The tokens of a text that arrives in parts, at any moment those of all of it so far.
//
// Shape:   pieces whose end is certain are counted once. A short open piece is counted when the
// total
//          is asked for, a long one byte by byte as it grows: a part's cost depends on the part.
//          What is not a whole character yet is held back: `total` counts the characters so far.
//          The total may fall by a few where a part's beginning merges with what was there.
// Units:   tokens; offsets in bytes of the part last fed. Less than 400 bytes for each stream, the
//          text of its open piece and of its last part, and some kilobytes while a piece is longer
//          than 64 bytes.
// Errors:  none; broken UTF-8 counts as U+FFFD.
// Threads: that of the counter, which it borrows; one counter serves any number of streams.
// Source:  piece_tracker.h, prefix_counter.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tokens/counter.h"
#include "tokens/piece_tracker.h"

namespace aigw::tokens {

// The pieces of clean text, character by character.
class GrowingPieces {
public:
    explicit GrowingPieces(Encoding encoding);
    GrowingPieces(const GrowingPieces& other);
    GrowingPieces(GrowingPieces&&) noexcept;
    GrowingPieces& operator=(const GrowingPieces&) = delete;
    GrowingPieces& operator=(GrowingPieces&&) noexcept;
    ~GrowingPieces();

    // The character that comes from `source`, which is Place::kNoSource when it is not the first of
    // a span that NFC changes.
    void take(PieceCounter& counter, char32_t character, std::size_t source);

    // Of all text so far, as if it ended here.
    std::size_t total(PieceCounter& counter) const;
    // More than this it cannot be.
    std::size_t most() const { return settled_ + (clean_ - tracker_.begin().clean); }

    // A piece's end that is certain, the last one whose source is known, and the count up to there.
    std::size_t base_source() const { return base_source_; }
    std::size_t base_count() const { return base_count_; }

private:
    struct LongPiece;

    // A longer piece is counted byte by byte.
    static constexpr std::size_t kShort = 64;
    // A new piece is no longer than this when the one before it ends, or begins at that one's mark.
    static constexpr std::size_t kLeft = 8;

    void append(PieceCounter& counter, std::string_view bytes);
    void close(PieceCounter& counter, Place end);
    void close_long(Place end);
    void follow_mark(PieceCounter& counter);
    void become_long(PieceCounter& counter);
    void keep_last(std::size_t bytes);
    std::string_view open() const { return {open_.data(), open_size_}; }

    PieceTracker tracker_;
    std::uint8_t open_size_ = 0;
    std::array<char, kShort + 8> open_{};  // the open piece; of a long one its last bytes
    std::size_t open_begin_ = 0;           // where the open piece begins
    std::size_t clean_ = 0;                // bytes of clean text so far
    std::size_t settled_ = 0;              // tokens of the pieces before the open one
    std::size_t base_source_ = 0;
    std::size_t base_count_ = 0;
    std::unique_ptr<LongPiece> long_;
};

class StreamCounter {
public:
    explicit StreamCounter(Counter& counter);

    // Takes the next part of the text, split anywhere.
    void feed(std::string_view part);

    // Nothing comes any more: what was held back for want of its last bytes counts as broken.
    void finish();

    // Exact: what Counter::count says of the whole characters so far.
    std::size_t total();

    // More than this it is not, and what has come by now will not have more of any longer text.
    std::size_t most() const { return pieces_.most() + (fed() - span_begin_) * kMostGrowth; }

    // The end of a token that no further text can move.
    struct Settled {
        std::size_t bytes = 0;  // of the text before it
        std::size_t tokens = 0;
    };
    Settled settled() const { return {pieces_.base_source(), pieces_.base_count()}; }

    // Whether the total is more than `limit`; seldom counts to find out.
    bool exceeds(std::size_t limit);

    // When it is: how many bytes of the part last fed belong to the first `limit` tokens, up to the
    // end of a whole character; 0 also where those end before that part.
    std::optional<std::size_t> find_cut(std::size_t limit);

private:
    // NFC makes a character at most three times as long.
    static constexpr std::size_t kMostGrowth = 3;

    void forget_settled();
    void take(char32_t character, std::size_t bytes);
    void take_span(GrowingPieces& pieces) const;
    std::size_t held_bytes() const { return read_ - span_begin_; }
    std::size_t fed() const { return recent_begin_ + recent_.size(); }

    Counter& counter_;
    GrowingPieces pieces_;
    // The text as it came, from the last certain end of a piece before the last part on.
    std::string recent_;
    std::size_t recent_begin_ = 0;
    std::size_t recent_count_ = 0;  // tokens before it
    std::size_t part_bytes_ = 0;
    std::size_t read_ = 0;        // up to here characters were whole
    std::size_t span_begin_ = 0;  // from here on they wait for marks that may join them
    bool has_unsettled_ = false;  // a mark or the like is among those
};

static_assert(sizeof(StreamCounter) <= 400);

}  // namespace aigw::tokens
