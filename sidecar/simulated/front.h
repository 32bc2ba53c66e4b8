// What the fronts of the simulated vendors read from a request's head.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace aigw::simulated {

// The path without its query.
std::string_view path_of(const http::Request& request);
// The value of a query parameter, undecoded; "" when there is none.
std::string_view query_value(std::string_view target, std::string_view name);
// The key of `Authorization: Bearer KEY`; nothing when there is no such field or no key in it.
std::optional<std::string_view> bearer_key(const http::Request& request);
// The key of `x-api-key: KEY`, else that of bearer_key.
std::optional<std::string_view> api_key(const http::Request& request);
// Any "sk-…" but "sk-invalid…".
bool is_good_key(std::string_view key);
// "sk-ab****yz": as vendors show a wrong key.
std::string masked_key(std::string_view key);
// True when the body says that it is JSON, or says nothing.
bool has_json_content_type(const http::Request& request);

}  // namespace aigw::simulated
