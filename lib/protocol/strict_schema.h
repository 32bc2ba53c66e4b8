// JSON Schemas as OpenAI wants them.
//
// Source: platform.openai.com/docs/guides/structured-outputs ("Supported schemas"); the conversion
//         contract, sections 6.1 and 6.3.
#pragma once

#include <string>
#include <string_view>

#include "protocol/json_tree.h"

namespace aigw::protocol {

// Whether `schema` meets the rules of strict mode as it stands: the root is an object; every object
// is closed and requires each of its properties; no keyword that the mode refuses.
bool meets_strict_rules(JsonValue schema);

// Appends the parameters of a tool: the schema as it is, with `type` and `properties` at its root
// where they are missing. An absent schema takes no arguments.
void append_tool_schema(std::string& out, JsonValue schema);

}  // namespace aigw::protocol
