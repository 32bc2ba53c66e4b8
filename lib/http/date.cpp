#include "http/date.h"

#include <ctime>
#include <string>

namespace aigw::http {

std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
    std::tm parts{};
    const std::string terminated(text);
    const char* const end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || end != terminated.c_str() + terminated.size()) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace aigw::http
