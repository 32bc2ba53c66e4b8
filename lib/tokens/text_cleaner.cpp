#include "tokens/text_cleaner.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>

#include "tokens/characters.h"
#include "tokens/normalization.h"
#include "tokens/utf8.h"

namespace aigw::tokens {

namespace {

constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";
// What is kept for the next text: a longer one gives its memory back.
constexpr std::size_t kKeptBytes = 1U << 20U;
constexpr std::size_t kKeptChanges = 1U << 12U;

const char* skip_ascii(const char* at, const char* end) {
#if defined(__SSE2__)
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        if (const int mask = _mm_movemask_epi8(bytes))
            return at + __builtin_ctz(static_cast<unsigned>(mask));
        at += 16;
    }
#endif
    while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
    return at;
}

bool is_unsettled(char32_t character) {
    return (class_of(character) & kUnsettled) != 0;
}

}  // namespace

std::size_t TextCleaner::find_unclean(std::string_view text, std::size_t at) const {
    const char* const end = text.data() + text.size();
    const char* here = text.data() + at;
    while (here != end) {
        if (static_cast<unsigned char>(*here) < 0x80) {
            here = skip_ascii(here, end);
            continue;
        }
        const Decoded decoded = decode(here, end);
        if (decoded.form != Utf8Form::Good) break;
        if (normalizes_ && is_unsettled(decoded.character)) break;
        here += decoded.bytes;
    }
    return static_cast<std::size_t>(here - text.data());
}

std::string_view TextCleaner::clean(std::string_view text, Origins origins) {
    if (changes_.capacity() > kKeptChanges) changes_ = {};
    changes_.clear();
    if (clean_.capacity() > kKeptBytes) clean_ = {};
    clean_.clear();
    copied_ = 0;
    std::size_t at = find_unclean(text, 0);
    while (at != text.size()) {
        const Decoded decoded = decode(text.data() + at, text.data() + text.size());
        if (decoded.form != Utf8Form::Good) {
            replace(text, at, at + decoded.bytes, kReplacementBytes, origins);
            at = find_unclean(text, at + decoded.bytes);
            continue;
        }
        // What settled the text before is the first character that may join the unsettled one.
        std::size_t begin = at;
        if (at != copied_) begin = character_boundary(text, at - 1);
        const std::size_t end = clean_span(text, begin);
        if (const auto source = text.substr(begin, end - begin); changed_ != source)
            replace(text, begin, end, changed_, origins);
        at = find_unclean(text, end);
    }
    if (copied_ == 0) return text;
    clean_.append(text, copied_);
    return clean_;
}

// Leaves the span that begins there in `changed_`, and returns its end.
std::size_t TextCleaner::clean_span(std::string_view text, std::size_t begin) {
    const char* const end = text.data() + text.size();
    const char* here = text.data() + begin;
    span_.clear();
    while (here != end) {
        const Decoded decoded = decode(here, end);
        if (decoded.form != Utf8Form::Good) break;
        if (!span_.empty() && !is_unsettled(decoded.character)) break;
        span_.push_back(decoded.character);
        here += decoded.bytes;
    }
    const auto span_end = static_cast<std::size_t>(here - text.data());
    changed_.assign(text, begin, span_end - begin);
    if (is_normal_span(span_)) return span_end;
    normalize_span(span_);
    changed_.clear();
    for (const char32_t character : span_) append_utf8(changed_, character);
    return span_end;
}

void TextCleaner::replace(std::string_view text, std::size_t begin, std::size_t end,
                          std::string_view with, Origins origins) {
    clean_.append(text, copied_, begin - copied_);
    const std::size_t clean_begin = clean_.size();
    clean_.append(with);
    copied_ = end;
    if (origins == Origins::Kept) changes_.push_back({clean_begin, clean_.size(), begin, end});
}

std::size_t TextCleaner::origin(std::size_t at) const {
    const auto after = std::ranges::upper_bound(changes_, at, {}, &Change::clean_begin);
    if (after == changes_.begin()) return at;
    const Change& change = *(after - 1);
    if (at < change.clean_end) return change.source_begin;
    return change.source_end + (at - change.clean_end);
}

}  // namespace aigw::tokens
