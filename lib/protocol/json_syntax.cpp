#include "protocol/json_syntax.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace aigw::protocol {
namespace {

using Json = nlohmann::json;

// Takes every value and remembers where the parser gave up.
struct SyntaxCheck : nlohmann::json_sax<Json> {
    std::size_t error_at = 0;  // bytes read, the offending one included

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
        error_at = position;
        return false;
    }
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number_byte(char c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// RFC 8259, section 6.
bool is_number(std::string_view text) {
    const auto take = [&](char c) {
        const bool is_there = text.starts_with(c);
        if (is_there) text.remove_prefix(1);
        return is_there;
    };
    const auto take_digits = [&] {
        const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
        const auto count = static_cast<std::size_t>(end - text.begin());
        text.remove_prefix(count);
        return count > 0;
    };
    take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if (take('e') || take('E')) {
        if (!take('+')) take('-');
        if (!take_digits()) return false;
    }
    return text.empty();
}

bool is_large(std::string_view number) {
    constexpr std::ptrdiff_t kSafeDigits = 18;
    return number.find_first_of("eE") != std::string_view::npos ||
           std::count_if(number.begin(), number.end(), is_digit) > kSafeDigits;
}

}  // namespace

std::optional<std::string> find_syntax_error(std::string_view json) {
    SyntaxCheck check;
    if (Json::sax_parse(json, &check)) return std::nullopt;
    const std::size_t offset = std::min(check.error_at == 0 ? 0 : check.error_at - 1, json.size());
    const std::string_view before = json.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1);
}

std::string without_large_numbers(std::string_view json) {
    std::string copy(json);
    bool is_in_string = false;
    for (std::size_t i = 0; i < copy.size(); ++i) {
        const char c = copy[i];
        if (c == '"') {
            is_in_string = !is_in_string;
        } else if (is_in_string) {
            if (c == '\\') ++i;
        } else if (c == '-' || is_digit(c)) {
            const auto end = std::find_if_not(copy.begin() + static_cast<std::ptrdiff_t>(i),
                                              copy.end(), is_number_byte);
            const std::size_t length = static_cast<std::size_t>(end - copy.begin()) - i;
            const std::string_view number = std::string_view(copy).substr(i, length);
            if (is_number(number) && is_large(number)) {
                copy.replace(i, length, "0" + std::string(length - 1, ' '));
            }
            i += length - 1;
        }
    }
    return copy;
}

}  // namespace aigw::protocol
