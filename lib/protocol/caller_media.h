// Images and files in the bodies of OpenAI's callers: bytes in a URL, or where they are.
//
// Type:    what the first bytes say counts; what the caller says, where they say nothing. A PDF
//          that comes as an image is a document, an image that comes as a file is one.
// Errors:  invalid_request, `param` the path, for a data URL that is none.
// Source:  the conversion contract, section 3.3.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/chat_parts.h"

namespace aigw::protocol {

// By a URL of either kind.
Result<Part> make_image_part(std::string url, std::string detail, std::string_view path);
// By a data URL, or by its base64 alone.
Result<Part> make_file_part(std::string data, std::string filename, std::string_view path);

}  // namespace aigw::protocol
