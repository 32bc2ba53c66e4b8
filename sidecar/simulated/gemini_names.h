// The two spellings of a Gemini field: camelCase, which answers have, and snake_case, which
// requests may have as well and refusals speak in.
//
// Source: the JSON mapping of protocol buffers (protobuf.dev, "ProtoJSON format").
#pragma once

#include <string>
#include <string_view>

#include "sidecar/simulated/json.h"

namespace aigw::simulated::gemini {

// "generationConfig" gives "generation_config".
std::string snake_case(std::string_view name);

// `body` with every known field in camelCase; what belongs to the caller (arguments, results,
// schemas) and unknown names stay as they are.
Json with_camel_case(const Json& body);

}  // namespace aigw::simulated::gemini
