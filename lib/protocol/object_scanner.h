// Byte ranges of the fields of one JSON object, found without building anything.
//
// Shape:   next() gives one field after the other, in the order of the text. Values are skipped,
//          not checked: of valid JSON every range is exact; of any other text the ranges are within
//          it, and the scan ends early.
// Cost:    linear; strings are skipped with memchr.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/byte_range.h"

namespace aigw::protocol {

class ObjectScanner {
public:
    struct Field {
        ByteRange key{};    // quotes included
        ByteRange value{};  // from its first byte to its last
    };

    // `text` is an object, perhaps with blanks around it; else the scan gives nothing.
    explicit ObjectScanner(std::string_view text);

    std::optional<Field> next();
    // Just after the opening brace.
    std::size_t first_key() const { return first_key_; }
    // The closing brace has been reached, and nothing but blanks stands after it.
    bool is_complete() const { return is_complete_; }

private:
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] <= ' ' && is_blank(text_[at_])) ++at_;
    }
    static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
    bool skip_string();
    bool skip_nested();
    bool skip_value();
    void close();
    bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t first_key_ = 0;
    bool is_open_ = false;
    bool is_complete_ = false;
};

// Value of the object's field of that name; the last one when it comes several times. Names that
// are written with escapes are not recognised.
std::optional<ByteRange> find_field(std::string_view object, std::string_view name);

// The text is one whole object: nothing is cut off, nothing follows.
bool is_whole_object(std::string_view text);

}  // namespace aigw::protocol
