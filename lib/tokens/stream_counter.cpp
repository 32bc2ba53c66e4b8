#include "tokens/stream_counter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tokens/normalization.h"
#include "tokens/prefix_counter.h"
#include "tokens/utf8.h"

namespace aigw::tokens {

namespace {

// A longer memory is given back once it is not needed.
constexpr std::size_t kKeptBytes = 4096;

}  // namespace

// The open piece, and what would be the next one if the text ended here.
struct GrowingPieces::LongPiece {
    PrefixCounter whole;
    PrefixCounter behind_mark;
    std::optional<std::size_t> mark{};
    std::size_t count_at_mark = 0;
};

GrowingPieces::GrowingPieces(Encoding encoding) : tracker_(encoding) {}
GrowingPieces::GrowingPieces(GrowingPieces&&) noexcept = default;
GrowingPieces& GrowingPieces::operator=(GrowingPieces&&) noexcept = default;
GrowingPieces::~GrowingPieces() = default;

GrowingPieces::GrowingPieces(const GrowingPieces& other)
    : tracker_(other.tracker_),
      open_size_(other.open_size_),
      open_(other.open_),
      open_begin_(other.open_begin_),
      clean_(other.clean_),
      settled_(other.settled_),
      base_source_(other.base_source_),
      base_count_(other.base_count_),
      long_(other.long_ ? std::make_unique<LongPiece>(*other.long_) : nullptr) {}

void GrowingPieces::take(PieceCounter& counter, char32_t character, std::size_t source) {
    if (clean_ == open_begin_ && source != Place::kNoSource) {
        base_source_ = source;
        base_count_ = settled_;
    }
    std::string bytes;  // at most four: no memory is taken
    append_utf8(bytes, character);
    const Place begin{.clean = clean_, .source = source};
    clean_ += bytes.size();
    append(counter, bytes);
    // What comes next begins a span, or says that it doesn't.
    const Place end{.clean = clean_, .source = Place::kNoSource};
    tracker_.take(character, begin, end, [&](Place place) { close(counter, place); });
    if (long_) follow_mark(counter);
    if (!long_ && open_size_ > kShort) become_long(counter);
}

void GrowingPieces::append(PieceCounter& counter, std::string_view bytes) {
    if (long_) {
        long_->whole.append(counter.merger(), bytes);
        if (long_->mark) long_->behind_mark.append(counter.merger(), bytes);
        if (open_size_ + bytes.size() > kShort) keep_last(kLeft);
    }
    std::memcpy(open_.data() + open_size_, bytes.data(), bytes.size());
    open_size_ = static_cast<std::uint8_t>(open_size_ + bytes.size());
}

void GrowingPieces::keep_last(std::size_t bytes) {
    std::memmove(open_.data(), open_.data() + open_size_ - bytes, bytes);
    open_size_ = static_cast<std::uint8_t>(bytes);
}

void GrowingPieces::close(PieceCounter& counter, Place end) {
    if (long_) {
        close_long(end);
    } else {
        const std::size_t size = end.clean - open_begin_;
        settled_ += counter.count(open().substr(0, size));
        keep_last(open_size_ - size);
    }
    open_begin_ = end.clean;
    if (end.source == Place::kNoSource) return;
    base_source_ = end.source;
    base_count_ = settled_;
}

void GrowingPieces::close_long(Place end) {
    const bool is_at_mark = long_->mark == end.clean;
    settled_ += is_at_mark ? long_->count_at_mark : long_->whole.count_at(end.clean - open_begin_);
    const std::size_t left = clean_ - end.clean;
    if (left <= kLeft) {
        long_.reset();
        keep_last(left);
        return;
    }
    std::swap(long_->whole, long_->behind_mark);
    long_->mark.reset();
}

// The mark moves to the end of the character just taken, or to its beginning.
void GrowingPieces::follow_mark(PieceCounter& counter) {
    const auto mark = tracker_.mark();
    if (!mark) {
        long_->mark.reset();
        return;
    }
    if (long_->mark == mark->clean) return;
    long_->mark = mark->clean;
    long_->count_at_mark = long_->whole.count_at(mark->clean - open_begin_);
    long_->behind_mark.clear();
    long_->behind_mark.append(counter.merger(), open().substr(open_size_ - (clean_ - mark->clean)));
}

void GrowingPieces::become_long(PieceCounter& counter) {
    long_ = std::make_unique<LongPiece>();
    long_->whole.clear();
    long_->whole.append(counter.merger(), open());
    follow_mark(counter);
    keep_last(kLeft);
}

std::size_t GrowingPieces::total(PieceCounter& counter) const {
    if (clean_ == open_begin_) return settled_;
    const auto mark = tracker_.mark();
    const bool is_divided = mark && mark->clean != clean_;
    if (long_) {
        return settled_ + (is_divided ? long_->count_at_mark + long_->behind_mark.count()
                                      : long_->whole.count());
    }
    if (!is_divided) return settled_ + counter.count(open());
    const std::size_t size = mark->clean - open_begin_;
    return settled_ + counter.count(open().substr(0, size)) + counter.count(open().substr(size));
}

StreamCounter::StreamCounter(Counter& counter)
    : counter_(counter), pieces_(counter.vocabulary().encoding()) {}

void StreamCounter::forget_settled() {
    if (pieces_.base_source() <= recent_begin_) return;
    recent_.erase(0, pieces_.base_source() - recent_begin_);
    recent_begin_ = pieces_.base_source();
    recent_count_ = pieces_.base_count();
    if (recent_.capacity() > kKeptBytes && recent_.size() < kKeptBytes / 4) recent_.shrink_to_fit();
}

void StreamCounter::feed(std::string_view part) {
    forget_settled();
    recent_.append(part);
    part_bytes_ = part.size();
    const char* const end = recent_.data() + recent_.size();
    while (read_ != fed()) {
        const Decoded decoded = decode(recent_.data() + (read_ - recent_begin_), end);
        if (decoded.form == Utf8Form::Cut) return;
        take(decoded.character, decoded.bytes);
    }
}

void StreamCounter::finish() {
    if (read_ != fed()) take(kReplacement, fed() - read_);
}

void StreamCounter::take(char32_t character, std::size_t bytes) {
    if (!normalizes(counter_.vocabulary().encoding())) {
        pieces_.take(counter_.pieces(), character, read_);
        read_ += bytes;
        span_begin_ = read_;
        return;
    }
    const bool is_unsettled = (class_of(character) & kUnsettled) != 0;
    if (!is_unsettled) {
        take_span(pieces_);
        span_begin_ = read_;
        has_unsettled_ = false;
    }
    has_unsettled_ |= is_unsettled;
    read_ += bytes;
}

// Takes what waits from `span_begin_` on.
void StreamCounter::take_span(GrowingPieces& pieces) const {
    const char* at = recent_.data() + (span_begin_ - recent_begin_);
    const char* const end = recent_.data() + (read_ - recent_begin_);
    if (at == end) return;
    if (!has_unsettled_)
        return pieces.take(counter_.pieces(), decode(at, end).character, span_begin_);
    std::u32string span;
    for (; at != end; at += decode(at, end).bytes) span.push_back(decode(at, end).character);
    if (!is_normal_span(span)) normalize_span(span);
    std::size_t source = span_begin_;
    for (const char32_t character : span)
        pieces.take(counter_.pieces(), character, std::exchange(source, Place::kNoSource));
}

std::size_t StreamCounter::total() {
    if (held_bytes() == 0) return pieces_.total(counter_.pieces());
    GrowingPieces pieces(pieces_);
    take_span(pieces);
    return pieces.total(counter_.pieces());
}

bool StreamCounter::exceeds(std::size_t limit) {
    if (most() <= limit) return false;
    return total() > limit;
}

std::optional<std::size_t> StreamCounter::find_cut(std::size_t limit) {
    if (!exceeds(limit)) return std::nullopt;
    const std::size_t left = limit - std::min(limit, recent_count_);
    const auto text = std::string_view(recent_).substr(0, read_ - recent_begin_);
    const std::size_t cut = recent_begin_ + counter_.count_at_most(text, left).cut;
    const std::size_t part_begin = fed() - part_bytes_;
    return cut - std::min(cut, part_begin);
}

}  // namespace aigw::tokens
