// A caller's body that is not what its protocol says: one way to say where and what.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// "messages[0].content must be a string, not a number".
Error wrong_kind(std::string_view path, std::string_view wanted, JsonValue found);
// "`path` problem".
Error invalid_field(std::string_view path, std::string_view problem);

}  // namespace aigw::protocol
