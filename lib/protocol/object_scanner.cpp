#include "protocol/object_scanner.h"

#include <bit>
#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace aigw::protocol {
namespace {

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

enum class Block : std::uint8_t {
    Taken,
    Ends,     // the value ends in it, just before `end`
    Escapes,  // it has backslashes, and was not looked at
};

#if defined(__SSE2__)
constexpr std::size_t kBlock = 16;

unsigned bits_of(__m128i matches) {
    return static_cast<unsigned>(_mm_movemask_epi8(matches));
}

__m128i load(const char* text) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
}

unsigned bits_equal(__m128i block, char c) {
    return bits_of(_mm_cmpeq_epi8(block, _mm_set1_epi8(c)));
}

// The bits from each opening quote to the one before its closing quote.
unsigned inside(unsigned quotes) {
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    return quotes;
}

Block take_block(const char* text, Nesting& nesting, std::size_t& end) {
    const __m128i block = load(text);
    const unsigned quotes = bits_equal(block, '"');
    if (bits_equal(block, '\\') != 0) return Block::Escapes;
    if (quotes == 0 && nesting.is_in_string) return Block::Taken;
    const unsigned outside = nesting.is_in_string ? inside(quotes) : ~inside(quotes);
    // '[' and '{', ']' and '}' differ in one bit.
    const __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
    const unsigned opening = bits_equal(folded, '{') & outside;
    unsigned brackets = opening | (bits_equal(folded, '}') & outside);
    std::size_t depth = nesting.depth;
    for (; brackets != 0; brackets &= brackets - 1) {
        const unsigned bit = brackets & (0U - brackets);
        if ((opening & bit) != 0) {
            ++depth;
        } else if (--depth == 0) {
            end = static_cast<std::size_t>(std::countr_zero(bit)) + 1;
            return Block::Ends;
        }
    }
    nesting.depth = depth;
    nesting.is_in_string = (outside & 0x8000U) == 0;
    return Block::Taken;
}

// The first quote or backslash from `at` on, sixteen bytes at a time; at fewer, itself.
std::size_t skip_text(std::string_view text, std::size_t at) {
    for (; at + kBlock <= text.size(); at += kBlock) {
        const __m128i block = load(text.data() + at);
        const unsigned found = bits_equal(block, '"') | bits_equal(block, '\\');
        if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
    }
    return at;
}
#else
constexpr std::size_t kBlock = 0;

Block take_block(const char*, const Nesting&, std::size_t) {
    return Block::Escapes;
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

bool ObjectScanner::skip_string() {
    at_ = end_of_string(text_, at_);
    return at_ != std::string_view::npos;
}

bool ObjectScanner::skip_nested() {
    const std::string_view text = text_;
    Nesting nesting;
    for (std::size_t i = at_; i < text.size();) {
        const bool is_block = kBlock > 0 && i + kBlock <= text.size() && !nesting.is_escaped;
        std::size_t end = 0;
        const Block block = is_block ? take_block(text.data() + i, nesting, end) : Block::Escapes;
        if (block == Block::Taken) {
            i += kBlock;
            continue;
        }
        if (block == Block::Ends) {
            at_ = i + end;
            return true;
        }
        for (const std::size_t stop = is_block ? i + kBlock : i + 1; i < stop; ++i) {
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
    std::size_t end = begin;
    while (end < text_.size() && text_[end] != ',' && text_[end] != '}' && !is_blank(text_[end]))
        ++end;
    at_ = end;
    return end > begin;
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
