#include "protocol/json_tree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/text.h"

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxDepth = 128;
constexpr std::size_t kMaxText = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kMaxMembers = (std::size_t{1} << 27) - 1;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The first quote, backslash or control character from `at` on; the size when there is none.
std::size_t find_string_mark(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
    constexpr std::size_t kBlock = 16;
    for (; at + kBlock <= text.size(); at += kBlock) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
        const __m128i slashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
        const __m128i controls =
            _mm_cmpeq_epi8(_mm_max_epu8(block, _mm_set1_epi8(0x1F)), _mm_set1_epi8(0x1F));
        const auto bits = static_cast<unsigned>(
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)));
        if (bits != 0) return at + static_cast<std::size_t>(std::countr_zero(bits));
    }
#endif
    while (at < text.size() && text[at] != '"' && text[at] != '\\' &&
           static_cast<unsigned char>(text[at]) > 0x1F)
        ++at;
    return at;
}

std::optional<std::uint32_t> hex_of(std::string_view text, std::size_t at) {
    if (text.size() < at + 4) return std::nullopt;
    std::uint32_t value = 0;
    const char* end = text.data() + at + 4;
    const auto parsed = std::from_chars(text.data() + at, end, value, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0 | (point >> 6));
        byte(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        byte(0xE0 | (point >> 12));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    } else {
        byte(0xF0 | (point >> 18));
        byte(0x80 | ((point >> 12) & 0x3F));
        byte(0x80 | ((point >> 6) & 0x3F));
        byte(0x80 | (point & 0x3F));
    }
}

char unescaped(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;  // quote, backslash, slash
    }
}

// `at` is at the backslash of a \u; gives the place after it. A surrogate without its partner is no
// character (RFC 8259, section 8.2).
std::size_t append_unicode_escape(std::string& out, std::string_view inside, std::size_t at) {
    const std::uint32_t high = hex_of(inside, at + 2).value_or(0);
    at += 6;
    if (high < 0xD800 || high > 0xDFFF) {
        append_utf8(out, high);
        return at;
    }
    const bool is_pair = high < 0xDC00 && inside.substr(at).starts_with("\\u");
    const std::uint32_t low = is_pair ? hex_of(inside, at + 2).value_or(0) : 0;
    if (low < 0xDC00 || low > 0xDFFF) {
        out.append(kReplacement);
        return at;
    }
    append_utf8(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return at + 6;
}

void append_unescaped(std::string& out, std::string_view inside) {
    for (std::size_t at = 0; at < inside.size();) {
        const std::size_t slash = inside.find('\\', at);
        out.append(inside.substr(at, slash - at));
        if (slash == std::string_view::npos || slash + 1 >= inside.size()) return;
        if (inside[slash + 1] == 'u') {
            at = append_unicode_escape(out, inside, slash);
        } else {
            out.push_back(unescaped(inside[slash + 1]));
            at = slash + 2;
        }
    }
}

// From `begin` on, what is no character becomes U+FFFD: a JSON literal and back does that.
void replace_bad_bytes(std::string& text, std::size_t begin) {
    const std::string_view added = std::string_view(text).substr(begin);
    if (is_utf8(added)) return;
    const std::string clean = json_string(added);
    text.resize(begin);
    append_unescaped(text, std::string_view(clean).substr(1, clean.size() - 2));
}

// The string literal's text; `literal` has its quotes.
void append_string(std::string& out, std::string_view literal, bool has_escapes) {
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    if (has_escapes) {
        append_unescaped(out, inside);
    } else {
        out.append(inside);
    }
}

// Where the literal that begins at `at` ends; it is a valid one.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    ++at;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    return at + 1;
}

bool is_same_text(std::string_view literal, bool has_escapes, std::string_view text) {
    if (!has_escapes) return literal.substr(1, literal.size() - 2) == text;
    std::string plain;
    append_string(plain, literal, true);
    return plain == text;
}

bool has_escapes(std::string_view literal) {
    return literal.find('\\') != std::string_view::npos;
}

}  // namespace

std::string_view name_of(JsonKind kind) {
    switch (kind) {
        case JsonKind::Absent:
            return "nothing";
        case JsonKind::Null:
            return "null";
        case JsonKind::Boolean:
            return "a boolean";
        case JsonKind::Number:
            return "a number";
        case JsonKind::String:
            return "a string";
        case JsonKind::Array:
            return "an array";
        case JsonKind::Object:
            return "an object";
    }
    return "";
}

// ---- Parsing ---------------------------------------------------------------------------------

class JsonTree::Parser {
public:
    Parser(std::string_view text, std::vector<Node>& nodes) : text_(text), nodes_(nodes) {}

    Result<void> run() {
        skip_blanks();
        if (!parse_value(0, 0)) return failure();
        skip_blanks();
        if (at_ != text_.size()) {
            problem_ = "something follows the value";
            return failure();
        }
        return {};
    }

private:
    Error failure() const {
        const std::string_view before = text_.substr(0, at_);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
        return Error{.code = ErrorCode::InvalidRequest,
                     .message = "invalid JSON at line " + std::to_string(line) + ", column " +
                                std::to_string(at_ - line_start + 1) + ": " + problem_,
                     .wire_code = "invalid_json"};
    }

    bool fail(const char* problem) {
        problem_ = problem;
        return false;
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool parse_value(std::size_t key, std::size_t depth) {
        if (at_ >= text_.size()) return fail("the text ends where a value should be");
        if (depth > kMaxDepth) return fail("more than 128 levels");
        const auto index = nodes_.size();
        nodes_.push_back({.begin = narrow(at_), .key = narrow(key)});
        nodes_[index].key_has_escapes = key != 0 && key_has_escapes_ ? 1 : 0;
        if (!parse_by_first_byte(index, depth)) return false;
        nodes_[index].end = narrow(at_);
        nodes_[index].next = narrow(nodes_.size());
        return true;
    }

    bool parse_by_first_byte(std::size_t index, std::size_t depth) {
        switch (text_[at_]) {
            case '{':
                return parse_object(index, depth);
            case '[':
                return parse_array(index, depth);
            case '"':
                set_kind(index, JsonKind::String);
                return parse_string(index);
            case 't':
                set_kind(index, JsonKind::Boolean);
                return parse_word("true");
            case 'f':
                set_kind(index, JsonKind::Boolean);
                return parse_word("false");
            case 'n':
                set_kind(index, JsonKind::Null);
                return parse_word("null");
            default:
                set_kind(index, JsonKind::Number);
                return parse_number();
        }
    }

    void set_kind(std::size_t index, JsonKind kind) {
        nodes_[index].kind = static_cast<std::uint32_t>(kind) & 7U;
    }

    bool parse_word(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return fail("no JSON value begins like this");
        at_ += word.size();
        return true;
    }

    // RFC 8259, section 6.
    bool parse_number() {
        take('-');
        if (at_ >= text_.size() || !is_digit(text_[at_]))
            return fail("no JSON value begins like this");
        if (!take('0')) skip_digits();
        if (take('.') && skip_digits() == 0) return fail("a digit must follow the point");
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (skip_digits() == 0) return fail("a digit must follow the exponent's sign");
        }
        return true;
    }

    std::size_t skip_digits() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        return at_ - begin;
    }

    bool parse_string(std::optional<std::size_t> index) {
        ++at_;
        while (true) {
            at_ = find_string_mark(text_, at_);
            if (at_ >= text_.size()) return fail("the text ends inside a string");
            if (text_[at_] == '"') {
                ++at_;
                return true;
            }
            if (text_[at_] != '\\') return fail("a control character inside a string");
            if (index) {
                nodes_[*index].has_escapes = 1;
            } else {
                key_has_escapes_ = true;
            }
            if (!parse_escape()) return false;
        }
    }

    bool parse_escape() {
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        if (at_ + 1 >= text_.size()) return fail("the text ends inside a string");
        if (text_[at_ + 1] == 'u') {
            if (!hex_of(text_, at_ + 2)) return fail("four hexadecimal digits must follow \\u");
            at_ += 6;
            return true;
        }
        if (kEscapes.find(text_[at_ + 1]) == std::string_view::npos)
            return fail("an escape that JSON does not know");
        at_ += 2;
        return true;
    }

    bool parse_array(std::size_t index, std::size_t depth) {
        set_kind(index, JsonKind::Array);
        ++at_;
        skip_blanks();
        if (take(']')) return true;
        for (std::size_t size = 1;; ++size) {
            skip_blanks();
            if (!parse_value(0, depth + 1) || !set_size(index, size)) return false;
            skip_blanks();
            if (take(']')) return true;
            if (!take(',')) return fail("a comma or ] must follow an element");
        }
    }

    bool parse_object(std::size_t index, std::size_t depth) {
        set_kind(index, JsonKind::Object);
        ++at_;
        skip_blanks();
        if (take('}')) return true;
        for (std::size_t size = 1;; ++size) {
            skip_blanks();
            if (!parse_member(depth) || !set_size(index, size)) return false;
            skip_blanks();
            if (take('}')) return true;
            if (!take(',')) return fail("a comma or } must follow a member");
        }
    }

    bool parse_member(std::size_t depth) {
        const std::size_t key = at_;
        if (at_ >= text_.size() || text_[at_] != '"') return fail("a member's name must be here");
        key_has_escapes_ = false;
        if (!parse_string(std::nullopt)) return false;
        skip_blanks();
        if (!take(':')) return fail("a colon must follow a member's name");
        skip_blanks();
        return parse_value(key, depth + 1);
    }

    bool set_size(std::size_t index, std::size_t size) {
        if (size > kMaxMembers) return fail("too many values");
        nodes_[index].size = narrow(size) & ((1U << 27) - 1);
        return true;
    }

    static std::uint32_t narrow(std::size_t value) { return static_cast<std::uint32_t>(value); }

    std::string_view text_;
    std::vector<Node>& nodes_;
    std::size_t at_ = 0;
    bool key_has_escapes_ = false;  // of the name that was read last
    const char* problem_ = "";
};

Result<JsonValue> JsonTree::parse(std::string_view text) {
    nodes_.clear();
    text_ = text;
    if (text.size() >= kMaxText) {
        return Error{.code = ErrorCode::TooLarge, .message = "a JSON text of 4 GiB or more"};
    }
    if (auto parsed = Parser(text, nodes_).run(); !parsed) {
        nodes_.clear();
        return std::move(parsed).error();
    }
    return JsonValue(this, 0);
}

// ---- Reading ---------------------------------------------------------------------------------

JsonKind JsonValue::kind() const {
    if (tree_ == nullptr) return JsonKind::Absent;
    return static_cast<JsonKind>(tree_->at(index_).kind);
}

std::string_view JsonValue::raw() const {
    if (tree_ == nullptr) return {};
    const JsonTree::Node& node = tree_->at(index_);
    return tree_->text_.substr(node.begin, node.end - node.begin);
}

void JsonValue::append_text(std::string& out) const {
    if (!is_string()) return;
    const std::size_t before = out.size();
    append_string(out, raw(), tree_->at(index_).has_escapes != 0);
    replace_bad_bytes(out, before);
}

std::string JsonValue::text() const {
    std::string out;
    append_text(out);
    return out;
}

std::optional<bool> JsonValue::boolean() const {
    if (kind() != JsonKind::Boolean) return std::nullopt;
    return raw() == "true";
}

std::optional<std::int64_t> JsonValue::integer() const {
    if (!is_number()) return std::nullopt;
    const std::string_view digits = raw();
    std::int64_t value = 0;
    const char* begin = digits.data();
    const char* end = begin + digits.size();
    const auto parsed = std::from_chars(begin, end, value);
    if (parsed.ec != std::errc()) return std::nullopt;
    if (parsed.ptr == end) return value;
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    const bool is_whole =
        rest.front() == '.' && rest.find_first_not_of('0', 1) == std::string_view::npos;
    return is_whole ? std::optional(value) : std::nullopt;
}

std::optional<double> JsonValue::number() const {
    if (!is_number()) return std::nullopt;
    const std::string_view digits = raw();
    double value = 0;
    const char* begin = digits.data();
    const auto parsed = std::from_chars(begin, begin + digits.size(), value);
    if (parsed.ec == std::errc::result_out_of_range) return std::nullopt;
    return value;
}

JsonValue JsonValue::operator[](std::string_view key) const {
    if (!is_object()) return {};
    JsonValue found;
    for (const JsonValue& member : *this) {
        if (member.has_key(key)) found = member;
    }
    return found;
}

std::size_t JsonValue::size() const {
    return tree_ == nullptr ? 0 : tree_->at(index_).size;
}

bool JsonValue::is(std::string_view text) const {
    return is_string() && is_same_text(raw(), tree_->at(index_).has_escapes != 0, text);
}

JsonValue::Iterator JsonValue::begin() const {
    return {JsonValue(tree_, index_ + 1), static_cast<std::uint32_t>(size())};
}

JsonValue::Iterator JsonValue::end() const {
    return {JsonValue(tree_, 0), 0};
}

JsonValue::Iterator& JsonValue::Iterator::operator++() {
    --left_;
    value_.index_ = value_.tree_->at(value_.index_).next;
    return *this;
}

std::string JsonValue::key() const {
    std::string out;
    if (tree_ == nullptr || tree_->at(index_).key == 0) return out;
    const std::size_t begin = tree_->at(index_).key;
    const std::string_view literal =
        tree_->text_.substr(begin, end_of_string(tree_->text_, begin) - begin);
    append_string(out, literal, protocol::has_escapes(literal));
    return out;
}

bool JsonValue::has_key(std::string_view name) const {
    if (tree_ == nullptr || tree_->at(index_).key == 0) return false;
    const JsonTree::Node& node = tree_->at(index_);
    if (node.key_has_escapes != 0) return key() == name;
    // Most names are told apart by where they end.
    const std::string_view text = tree_->text_.substr(node.key + std::size_t{1});
    return text.size() > name.size() && text[name.size()] == '"' && text.starts_with(name);
}

void append_compact(std::string& out, std::string_view json) {
    const std::size_t begin = out.size();
    for (std::size_t at = 0; at < json.size();) {
        if (json[at] == '"') {
            const std::size_t end = std::min(end_of_string(json, at), json.size());
            out.append(json.substr(at, end - at));
            at = end;
            continue;
        }
        if (!is_blank(json[at])) out.push_back(json[at]);
        ++at;
    }
    replace_bad_bytes(out, begin);
}

}  // namespace aigw::protocol
