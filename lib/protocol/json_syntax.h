// The rare cases of reading JSON: saying where it is broken, and numbers too large for a machine
// word.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace aigw::protocol {

// "line 3, column 14" of the first syntax error; nothing when there is none.
std::optional<std::string> find_syntax_error(std::string_view json);

// A copy in which every well-formed number with more than 18 digits or an exponent is a zero and
// blanks, so that all other bytes keep their places. Such numbers are valid JSON (RFC 8259, section
// 6) and pass through the gateway unread.
std::string without_large_numbers(std::string_view json);

}  // namespace aigw::protocol
