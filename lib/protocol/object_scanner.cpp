#include "protocol/object_scanner.h"

#include <bit>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace aigw::protocol {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// How far a walk through a nested value has come.
struct Nesting {
    std::size_t depth = 0;
    bool is_in_string = false;
    bool is_escaped = false;

    // True when this byte closes the value.
    bool ends_with(char c) {
        if (is_in_string) {
            const bool was_escaped = std::exchange(is_escaped, false);
            if (c == '\\') is_escaped = !was_escaped;
            if (c == '"' && !was_escaped) is_in_string = false;
            return false;
        }
        if (c == '"') is_in_string = true;
        if (c == '{' || c == '[') ++depth;
        return (c == '}' || c == ']') && --depth == 0;
    }
};

#if defined(__SSE2__)
constexpr std::size_t kBlock = 16;

unsigned bits_of(__m128i matches) {
    return static_cast<unsigned>(_mm_movemask_epi8(matches));
}

// One bit for each byte of a block.
struct BlockMarks {
    explicit BlockMarks(const char* text) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
        // '[' and '{', ']' and '}' differ in one bit.
        const __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
        quotes = bits_of(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
        backslashes = bits_of(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
        opening = bits_of(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')));
        closing = bits_of(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    }
    // From each opening quote to the byte before its closing one.
    unsigned strings() const {
        unsigned inside = quotes;
        for (unsigned step = 1; step < kBlock; step *= 2) inside ^= inside << step;
        return inside & 0xFFFFU;
    }
    unsigned quotes, backslashes, opening, closing;
};

// Takes the block when no string in it has escapes and the value does not end in it.
bool take_block(const char* text, Nesting& nesting) {
    const BlockMarks marks(text);
    if (marks.backslashes != 0) return false;
    const unsigned outside = (nesting.is_in_string ? marks.strings() : ~marks.strings()) & 0xFFFFU;
    std::size_t depth = nesting.depth;
    for (unsigned brackets = (marks.opening | marks.closing) & outside; brackets != 0;
         brackets &= brackets - 1) {
        const unsigned bit = brackets & (0U - brackets);
        if ((marks.opening & bit) != 0) {
            ++depth;
        } else if (--depth == 0) {
            return false;
        }
    }
    nesting.depth = depth;
    nesting.is_in_string = (outside & 0x8000U) == 0;
    return true;
}

// The first quote or backslash from `at` on, sixteen bytes at a time; at fewer, itself.
std::size_t skip_text(std::string_view text, std::size_t at) {
    for (; at + kBlock <= text.size(); at += kBlock) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const unsigned found = bits_of(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                    _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
        if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
    }
    return at;
}
#else
constexpr std::size_t kBlock = 0;
bool take_block(const char*, const Nesting&) {
    return false;
}
std::size_t skip_text(std::string_view, std::size_t at) {
    return at;
}
#endif

// Just after the string that begins at `quote`; npos when it has no end.
std::size_t end_of_string(std::string_view text, std::size_t quote) {
    for (std::size_t at = quote + 1;; ++at) {
        at = skip_text(text, at);
        if (at >= text.size()) return std::string_view::npos;
        if (text[at] == '"') return at + 1;
        if (text[at] == '\\') ++at;
    }
}

}  // namespace

ObjectScanner::ObjectScanner(std::string_view text) : text_(text) {
    skip_blanks();
    if (!at('{')) return;
    first_key_ = ++at_;
    is_open_ = true;
    skip_blanks();
    if (at('}')) close();
}

std::optional<ObjectScanner::Field> ObjectScanner::next() {
    if (!is_open_) return std::nullopt;
    is_open_ = false;  // until this field has proved whole
    Field field;
    skip_blanks();
    field.key.begin = at_;
    if (!at('"') || !skip_string()) return std::nullopt;
    field.key.end = at_;
    skip_blanks();
    if (!at(':')) return std::nullopt;
    ++at_;
    skip_blanks();
    field.value.begin = at_;
    if (!skip_value()) return std::nullopt;
    field.value.end = at_;
    skip_blanks();
    if (at(',')) {
        ++at_;
        is_open_ = true;
    } else if (at('}')) {
        close();
    } else {
        return std::nullopt;
    }
    return field;
}

void ObjectScanner::close() {
    is_open_ = false;
    ++at_;
    skip_blanks();
    is_complete_ = at_ == text_.size();
}

void ObjectScanner::skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool ObjectScanner::skip_string() {
    at_ = end_of_string(text_, at_);
    return at_ != std::string_view::npos;
}

bool ObjectScanner::skip_nested() {
    const std::string_view text = text_;
    Nesting nesting;
    for (std::size_t i = at_; i < text.size();) {
        const bool is_block = kBlock > 0 && i + kBlock <= text.size() && !nesting.is_escaped;
        if (is_block && take_block(text.data() + i, nesting)) {
            i += kBlock;
            continue;
        }
        const std::size_t end = is_block ? i + kBlock : i + 1;
        for (; i < end; ++i) {
            if (!nesting.ends_with(text[i])) continue;
            at_ = i + 1;
            return true;
        }
    }
    return false;
}

bool ObjectScanner::skip_value() {
    if (at_ >= text_.size()) return false;
    const char first = text_[at_];
    if (first == '"') return skip_string();
    if (first == '{' || first == '[') return skip_nested();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && !is_blank(text_[at_]))
        ++at_;
    return at_ > begin;
}

std::optional<ByteRange> find_field(std::string_view object, std::string_view name) {
    std::optional<ByteRange> found;
    ObjectScanner scanner(object);
    while (const auto field = scanner.next()) {
        if (field->key.of(object).substr(1, field->key.size() - 2) == name) found = field->value;
    }
    return found;
}

bool is_whole_object(std::string_view text) {
    ObjectScanner scanner(text);
    while (scanner.next()) {
    }
    return scanner.is_complete();
}

}  // namespace aigw::protocol
