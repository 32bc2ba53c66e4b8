// JSON on one line, as Python writes it: `, ` and `: ` between values, no escapes that are not
// needed. Chat templates render tools that way, and blanks are tokens.
//
// Source: jinja's `tojson` in transformers (json.dumps with ensure_ascii=False).
#pragma once

#include <string>

#include "protocol/json_tree.h"

namespace aigw::tokens {

void append_spaced(std::string& out, protocol::JsonValue value);

}  // namespace aigw::tokens
