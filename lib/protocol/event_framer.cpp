#include "protocol/event_framer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "base/text.h"
#include "protocol/sse.h"

namespace aigw::protocol {
namespace {

using Masks = EventFramer::Masks;

constexpr std::size_t kWord = 64;    // bytes that a mask speaks of
constexpr char kLastLineEnd = '\r';  // line ends are the only bytes up to here that come
constexpr Watch kNothing{{{{'\0', '\0'}, {'\0', '\0'}, {'\0', '\0'}}}, nullptr, {}};

constexpr std::uint64_t bits_below(int count) {
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

// Masks of `words` times 64 bytes, behind which kClueDistance more can be read. No branch depends
// on the bytes, and nothing is called: what is compared with stays in registers.
#if defined(__SSE2__)

void fill_by_16(const char* text, std::size_t words, const Watch& watch, Masks* out) {
    const __m128i last_end = _mm_set1_epi8(kLastLineEnd);
    for (std::size_t word = 0; word < words; ++word) {
        Masks masks{};
        for (std::size_t i = 0; i < kWord; i += sizeof(__m128i)) {
            const char* at = text + word * kWord + i;
            const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
            const __m128i there =
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + kClueDistance));
            __m128i found = _mm_setzero_si128();
            for (const Clue& clue : watch.clues) {
                const __m128i first = _mm_cmpeq_epi8(here, _mm_set1_epi8(clue.first));
                const __m128i second = _mm_cmpeq_epi8(there, _mm_set1_epi8(clue.second));
                found = _mm_or_si128(found, _mm_and_si128(first, second));
            }
            const __m128i ends = _mm_cmpeq_epi8(_mm_min_epu8(here, last_end), here);
            const auto bits_of = [](__m128i bytes) {
                return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(bytes))};
            };
            masks.line_ends |= bits_of(ends) << i;
            masks.clues |= bits_of(found) << i;
        }
        out[word] = masks;
    }
}

[[gnu::target("avx2")]] void fill_by_32(const char* text, std::size_t words, const Watch& watch,
                                        Masks* out) {
    const __m256i last_end = _mm256_set1_epi8(kLastLineEnd);
    const __m256i first_0 = _mm256_set1_epi8(watch.clues[0].first);
    const __m256i first_1 = _mm256_set1_epi8(watch.clues[1].first);
    const __m256i first_2 = _mm256_set1_epi8(watch.clues[2].first);
    const __m256i second_0 = _mm256_set1_epi8(watch.clues[0].second);
    const __m256i second_1 = _mm256_set1_epi8(watch.clues[1].second);
    const __m256i second_2 = _mm256_set1_epi8(watch.clues[2].second);
    for (std::size_t word = 0; word < words; ++word) {
        Masks masks{};
        for (std::size_t i = 0; i < kWord; i += sizeof(__m256i)) {
            const char* at = text + word * kWord + i;
            const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
            const __m256i there =
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + kClueDistance));
            const __m256i found_0 = _mm256_and_si256(_mm256_cmpeq_epi8(here, first_0),
                                                     _mm256_cmpeq_epi8(there, second_0));
            const __m256i found_1 = _mm256_and_si256(_mm256_cmpeq_epi8(here, first_1),
                                                     _mm256_cmpeq_epi8(there, second_1));
            const __m256i found_2 = _mm256_and_si256(_mm256_cmpeq_epi8(here, first_2),
                                                     _mm256_cmpeq_epi8(there, second_2));
            const __m256i found = _mm256_or_si256(_mm256_or_si256(found_0, found_1), found_2);
            const __m256i ends = _mm256_cmpeq_epi8(_mm256_min_epu8(here, last_end), here);
            masks.line_ends |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(ends))}
                               << i;
            masks.clues |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(found))}
                           << i;
        }
        out[word] = masks;
    }
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

void fill(const char* text, std::size_t words, const Watch& watch, Masks* out) {
    if (kHasAvx2) return fill_by_32(text, words, watch, out);
    fill_by_16(text, words, watch, out);
}

#else

void fill(const char* text, std::size_t words, const Watch& watch, Masks* out) {
    for (std::size_t word = 0; word < words; ++word) {
        Masks masks{};
        for (std::size_t i = 0; i < kWord; ++i) {
            const char* at = text + word * kWord + i;
            const std::uint64_t bit = std::uint64_t{1} << i;
            if (static_cast<unsigned char>(*at) <= kLastLineEnd) masks.line_ends |= bit;
            for (const Clue& clue : watch.clues) {
                if (*at == clue.first && at[kClueDistance] == clue.second) masks.clues |= bit;
            }
        }
        out[word] = masks;
    }
}

#endif

// The bytes of a JSON string's text up to the quote that ends it; npos when it does not end, or
// holds what no string may.
std::size_t string_size(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte == '"') return at;
        if (byte < 0x20) return std::string_view::npos;
        if (byte == '\\') ++at;
    }
    return std::string_view::npos;
}

}  // namespace

void EventFramer::open(std::string_view window) {
    window_ = window;
    alike_ = {};
    begin_ = 0;
    seen_from_ = seen_to_ = left_at_;
    word_ = 0;
    masks_[0] = {};
    found_ = 0;
    is_whole_look_ = watch_ != nullptr && left_at_ == 0;  // else a clue may be split
}

void EventFramer::reset() {
    left_at_ = line_ = lines_ = 0;
}

// Masks for the next part of the window; what is left of it is too short to be read in place.
void EventFramer::look_further() {
    const Watch& watch = watch_ == nullptr ? kNothing : *watch_;
    const std::size_t rest = window_.size() - seen_to_;
    const char* text = window_.data() + seen_to_;
    seen_from_ = seen_to_;
    word_ = 0;
    if (rest >= kWord + kClueDistance) {
        const std::size_t words = std::min((rest - kClueDistance) / kWord, masks_.size());
        fill(text, words, watch, masks_.data());
        seen_to_ += words * kWord;
        return;
    }
    std::array<char, 2 * kWord> padded{};
    const std::size_t taken = std::min(rest, kWord);
    std::memcpy(padded.data(), text, rest);
    fill(padded.data(), 1, watch, masks_.data());
    masks_[0].line_ends &= bits_below(static_cast<int>(taken));
    seen_to_ += taken;
}

std::optional<EventFramer::Frame> EventFramer::next() {
    while (true) {
        Masks& masks = masks_[word_];
        if (masks.line_ends == 0) {
            if (masks.clues != 0) look_at_clues(bits_below(64));
            if (seen_from_ + (word_ + 1) * kWord < seen_to_) {
                ++word_;
                continue;
            }
            if (seen_to_ == window_.size()) {
                suspend(seen_to_);
                return std::nullopt;
            }
            look_further();
            continue;
        }
        const int offset = std::countr_zero(masks.line_ends);
        if (masks.clues != 0) look_at_clues(bits_below(offset));
        masks.line_ends &= masks.line_ends - 1;
        const std::size_t position = seen_from_ + word_ * kWord + static_cast<std::size_t>(offset);
        const char byte = window_[position];
        if (byte != '\n' && byte != '\r') continue;
        if (byte == '\r' && position + 1 == window_.size()) {
            suspend(position);
            return std::nullopt;
        }
        // The second half of a CRLF, whose first half was the end of the line.
        if (byte == '\n' && position + 1 == line_) continue;
        const std::size_t line = line_;
        line_ = byte == '\r' && window_[position + 1] == '\n' ? position + 2 : position + 1;
        if (position != line) {
            ++lines_;
            continue;
        }
        const Frame frame{window_.substr(begin_, line_ - begin_), lines_, found_, is_whole_look_};
        begin_ = line_;
        lines_ = 0;
        found_ = 0;
        is_whole_look_ = watch_ != nullptr;
        return frame;
    }
}

// A text in a string is all that may differ: no key, and nothing that stands for a value, begins or
// ends in it. Only worth its while where another event follows.
void EventFramer::note_nothing_in(std::string_view event) {
    if (window_.size() - begin_ < event.size()) return;
    for (const std::string_view end_of_key : watch_->differing) {
        const std::size_t key = event.find(end_of_key);
        if (key == std::string_view::npos) continue;
        const std::size_t text = key + end_of_key.size();
        const std::size_t size = string_size(event.substr(text));
        if (size == std::string_view::npos) return;
        const std::string_view tail = event.substr(text + size);
        const bool is_value = tail.starts_with("\"}") || tail.starts_with("\",");
        if (is_value) alike_ = {event.substr(0, text), tail};
        return;
    }
}

// The size of the event at the beginning, when it is alike; else 0.
std::size_t EventFramer::match_alike(std::string_view rest) const {
    const std::size_t head = alike_.head.size();
    const std::size_t tail = alike_.tail.size();
    if (rest.size() < head + tail) return 0;
    if (std::memcmp(rest.data(), alike_.head.data(), head) != 0) return 0;
    const std::size_t text = string_size(rest.substr(head));
    if (text == std::string_view::npos || rest.size() - head - text < tail) return 0;
    if (std::memcmp(rest.data() + head + text, alike_.tail.data(), tail) != 0) return 0;
    return head + text + tail;
}

EventFramer::Run EventFramer::take_alike() {
    Run run;
    if (alike_.tail.empty()) return run;
    while (const std::size_t size = match_alike(window_.substr(begin_ + run.bytes))) {
        ++run.events;
        run.bytes += size;
    }
    alike_ = {};
    if (run.events == 0) return run;
    begin_ = line_ = begin_ + run.bytes;
    seen_from_ = seen_to_ = begin_;
    word_ = 0;
    masks_[0] = {};
    return run;
}

void EventFramer::suspend(std::size_t position) {
    left_at_ = position - begin_;
    line_ -= begin_;
}

void EventFramer::look_at_clues(std::uint64_t before) {
    Masks& masks = masks_[word_];
    std::uint64_t clues = masks.clues & before;
    masks.clues &= ~before;
    if (!is_whole_look_) return;
    for (; clues != 0; clues &= clues - 1) {
        const auto offset = static_cast<std::size_t>(std::countr_zero(clues));
        found_ |= watch_->look(window_, seen_from_ + word_ * kWord + offset);
    }
}

// Most events have one line, or a name before it.
std::optional<std::string_view> data_of(const EventFramer::Frame& frame, std::string& joined) {
    constexpr std::string_view kData = "data:";
    constexpr std::string_view kEvent = "event:";
    const std::string_view bytes = frame.bytes;
    std::string_view last = bytes;
    if (frame.lines == 2 && bytes.starts_with(kEvent)) last = bytes.substr(bytes.find('\n') + 1);
    const bool is_single = frame.lines == 1 || last.size() < bytes.size();
    if (is_single && last.starts_with(kData)) return trim(last.substr(kData.size()));
    SseReader reader;
    reader.feed(bytes);
    const auto event = reader.next();
    if (!event || !*event) return std::nullopt;
    joined = (*event)->data;
    return trim(joined);
}

}  // namespace aigw::protocol
