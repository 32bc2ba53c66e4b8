// Header fields of a request as a command line gives them: -H 'Name: value'.
//
// Errors:  usage; a field may hold a secret, so none is repeated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace aigw::cmd {

bool has_control(std::string_view text);
// In place of what is there by that name.
Result<void> add_headers(const std::vector<std::string>& texts, http::Headers& headers);

}  // namespace aigw::cmd
