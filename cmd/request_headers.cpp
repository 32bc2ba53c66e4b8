#include "cmd/request_headers.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::cmd {

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<void> add_headers(const std::vector<std::string>& texts, http::Headers& headers) {
    for (const std::string_view text : texts) {
        const std::size_t colon = text.find(':');
        if (colon == 0 || colon == std::string_view::npos || has_control(text) ||
            text.substr(0, colon).find(' ') != std::string_view::npos) {
            return Error{ErrorCode::Usage, "a header of -H has no name and value",
                         "write it as -H 'Name: value'"};
        }
        headers.set(text.substr(0, colon), trim(text.substr(colon + 1)));
    }
    return {};
}

}  // namespace aigw::cmd
