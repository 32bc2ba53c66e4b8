#include "tokens/piece_tracker.h"

#include "tokens/contraction.h"

namespace aigw::tokens {

namespace {

bool is_symbol(CharacterClass bits) {
    return (bits & (kLetter | kNumber | kWhite)) == 0;
}
bool is_white(CharacterClass bits) {
    return (bits & kWhite) != 0;
}
bool is_newline(CharacterClass bits) {
    return (bits & kNewline) != 0;
}

}  // namespace

bool PieceTracker::is_word(CharacterClass bits) const {
    return (bits & (is_cased() ? kUpper | kLower : kLetter)) != 0;
}

bool PieceTracker::go(State state) {
    state_ = state;
    return true;
}

bool PieceTracker::end_with(State state) {
    ends_with_last_ = true;
    return go(state);
}

bool PieceTracker::close_at(Place place, State next) {
    begin_ = place;
    state_ = next;
    has_mark_ = false;
    return false;
}

bool PieceTracker::step(const Seen& seen) {
    switch (state_) {
        case State::Start:
            return start(seen);
        case State::Quote:
            return after_quote(seen);
        case State::QuoteLetter:
            return after_quote_letter(seen);
        case State::Prefix:
            return after_prefix(seen);
        case State::Word:
            return in_word(seen);
        case State::Capitals:
            return in_capitals(seen);
        case State::WordQuote:
            return after_word_quote(seen);
        case State::WordQuoteLetter:
            return after_word_quote_letter(seen);
        case State::Numbers:
            return in_numbers(seen);
        case State::Symbols:
            return in_symbols(seen);
        case State::LineEnds:
            return in_line_ends(seen);
        case State::White:
            return in_white(seen);
    }
    return true;
}

bool PieceTracker::start(const Seen& seen) {
    has_mark_ = false;
    if (is_word(seen.bits)) return start_word(seen.bits, seen.end);
    if ((seen.bits & kNumber) != 0) {
        numbers_ = 1;
        return encoding_ == Encoding::Qwen ? end_with(State::Numbers) : go(State::Numbers);
    }
    if (is_newline(seen.bits)) {
        has_mark_ = true;
        mark_ = seen.end;
        return go(State::White);
    }
    kept_ = seen.character;
    return go(seen.character == '\'' && !is_cased() ? State::Quote : State::Prefix);
}

bool PieceTracker::start_word(CharacterClass bits, Place end) {
    if (!is_cased() || (bits & kUpper) == 0) return go(State::Word);
    has_mark_ = (bits & kLower) != 0;
    mark_ = end;
    return go(State::Capitals);
}

bool PieceTracker::after_quote(const Seen& seen) {
    if (contracts(seen.character)) return end_with(State::QuoteLetter);
    if (contracting_letter(seen.character) != 0) {
        kept_ = seen.character;
        return go(State::QuoteLetter);
    }
    return after_prefix(seen);
}

bool PieceTracker::after_quote_letter(const Seen& seen) {
    if (contracts(kept_, seen.character)) return end_with(State::QuoteLetter);
    state_ = State::Word;
    return in_word(seen);
}

bool PieceTracker::after_prefix(const Seen& seen) {
    if (is_word(seen.bits)) return start_word(seen.bits, seen.end);
    const bool is_blank = is_white(class_of(kept_));
    if (is_blank && is_white(seen.bits)) {
        state_ = State::White;
        return in_white(seen);
    }
    if (is_symbol(seen.bits) && (!is_blank || kept_ == ' ')) return go(State::Symbols);
    if (is_newline(seen.bits)) return go(State::LineEnds);
    return close_at(seen.begin, State::Start);
}

bool PieceTracker::in_word(const Seen& seen) {
    if ((seen.bits & (is_cased() ? kLower : kLetter)) != 0) return true;
    if (is_cased() && seen.character == '\'') return mark_quote(seen.begin);
    return close_at(seen.begin, State::Start);
}

bool PieceTracker::mark_quote(Place begin) {
    has_mark_ = true;
    mark_ = begin;
    return go(State::WordQuote);
}

bool PieceTracker::in_capitals(const Seen& seen) {
    const bool ends_small = (seen.bits & kLower) != 0;
    if ((seen.bits & kUpper) != 0) {
        if (ends_small) {
            has_mark_ = true;
            mark_ = seen.end;
        }
        return true;
    }
    if (ends_small) {
        has_mark_ = false;
        return go(State::Word);
    }
    // Capitals behind the last V are a word of their own.
    if (has_mark_ && mark_.clean != seen.begin.clean) return close_at(mark_, State::Capitals);
    if (seen.character == '\'') return mark_quote(seen.begin);
    return close_at(seen.begin, State::Start);
}

bool PieceTracker::after_word_quote(const Seen& seen) {
    if (contracts(seen.character)) return end_with(State::WordQuote);
    if (contracting_letter(seen.character) != 0) {
        kept_ = seen.character;
        return go(State::WordQuoteLetter);
    }
    kept_ = '\'';
    return close_at(mark_, State::Prefix);
}

bool PieceTracker::after_word_quote_letter(const Seen& seen) {
    if (contracts(kept_, seen.character)) return end_with(State::WordQuoteLetter);
    return close_at(mark_, (class_of(kept_) & kUpper) != 0 ? State::Capitals : State::Word);
}

bool PieceTracker::in_numbers(const Seen& seen) {
    if ((seen.bits & kNumber) == 0) return close_at(seen.begin, State::Start);
    return ++numbers_ == 3 ? end_with(State::Numbers) : true;
}

bool PieceTracker::in_symbols(const Seen& seen) {
    if (is_symbol(seen.bits)) return true;
    if (is_newline(seen.bits)) return go(State::LineEnds);
    return close_at(seen.begin, State::Start);
}

bool PieceTracker::in_line_ends(const Seen& seen) {
    if (is_newline(seen.bits) || (is_cased() && seen.character == '/')) return true;
    return close_at(seen.begin, State::Start);
}

bool PieceTracker::in_white(const Seen& seen) {
    if (is_white(seen.bits)) {
        kept_ = seen.character;
        last_white_ = seen.begin;
        if (is_newline(seen.bits)) {
            has_mark_ = true;
            mark_ = seen.end;
        }
        return true;
    }
    if (has_mark_ && mark_.clean == seen.begin.clean) return close_at(mark_, State::Start);
    // One character is left for what comes next; more are white without a newline.
    if (has_mark_ && mark_.clean != last_white_.clean) return close_at(mark_, State::White);
    return close_at(last_white_, State::Prefix);
}

}  // namespace aigw::tokens
