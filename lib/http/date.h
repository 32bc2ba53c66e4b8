// Dates of HTTP fields: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), the one form
// that is sent today; the two obsolete ones are not read.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace aigw::http {

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text);

}  // namespace aigw::http
