// Media inside a URL (RFC 2397), and what its first bytes say that it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw::protocol {

struct DataUrl {
    std::string media_type{};  // lower case, without parameters; "text/plain" when it names none
    std::string base64{};
    friend bool operator==(const DataUrl&, const DataUrl&) = default;
};

bool is_data_url(std::string_view url);
// Errors: invalid_request when it is no data URL or its base64 is none. Blanks and line ends inside
// the data are removed, percent escapes undone; data that is not base64 is encoded.
Result<DataUrl> parse_data_url(std::string_view url);

// "image/png" and the like, or "application/pdf", by the first bytes of what `base64` encodes.
std::optional<std::string_view> sniff_media_type(std::string_view base64);

std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view base64);

}  // namespace aigw::protocol
