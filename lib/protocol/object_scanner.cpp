#include "protocol/object_scanner.h"

#include <array>

namespace aigw::protocol {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// What a walk through nested values looks at, beside strings.
constexpr auto kBrackets = [] {
    std::array<bool, 256> brackets{};
    for (const char c : {'{', '}', '[', ']'}) brackets[static_cast<unsigned char>(c)] = true;
    return brackets;
}();

// Just after the string that begins at `quote`; npos when it has no end.
std::size_t end_of_string(std::string_view text, std::size_t quote) {
    const std::size_t begin = quote + 1;
    std::size_t at = begin;
    for (;;) {
        const std::size_t end = text.find('"', at);
        if (end == std::string_view::npos) return end;
        std::size_t backslashes = 0;
        while (end - backslashes > begin && text[end - backslashes - 1] == '\\') ++backslashes;
        at = end + 1;
        if (backslashes % 2 == 0) return at;
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
    std::size_t depth = 0;
    for (std::size_t i = at_; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            i = end_of_string(text, i);
            continue;
        }
        ++i;
        if (!kBrackets[static_cast<unsigned char>(c)]) continue;
        if (c == '{' || c == '[') {
            ++depth;
        } else if (--depth == 0) {
            at_ = i;
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
