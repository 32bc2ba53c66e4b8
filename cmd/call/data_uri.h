// An image file as a data URI, so that it can travel inside a JSON body (RFC 2397).
//
// The media type is that of the first bytes, never that of the file's name.
#pragma once

#include <string>

#include "base/result.h"
#include "cmd/program.h"

namespace aigw::cmd {

// Errors: usage: the file cannot be read, or is neither PNG, JPEG, GIF nor WebP.
Result<std::string> read_image_as_data_uri(const std::string& path, Program& program);

}  // namespace aigw::cmd
