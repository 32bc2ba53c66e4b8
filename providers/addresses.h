// Where a vendor's operations are, below the base URL that a platform gives.
#pragma once

#include <string>
#include <string_view>

#include "http/url.h"

namespace aigw::providers {

// The base URL's path, completed by what of `root` is missing where it ends with no version, then
// `path`, then the base URL's query: "https://x", "https://x/v1" and "https://x/v1/" are the same
// below "/v1".
std::string target_below(const http::Url& base, std::string_view root, std::string_view path);

}  // namespace aigw::providers
