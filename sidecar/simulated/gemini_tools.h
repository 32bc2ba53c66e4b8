// Tools, the choice between them, and the subset of OpenAPI's schemas that Gemini takes.
//
// Source: Google's pages on function calling and structured output.
#pragma once

#include <string>

#include "sidecar/simulated/gemini_words.h"

namespace aigw::simulated::gemini {

// `tools` and `toolConfig`.
Verdict refuse_tools(const Json& body);

// Of a function's parameters and of a response.
Verdict refuse_schema(const Json& schema, const std::string& at);

// "AUTO", "ANY", "NONE" or "VALIDATED"; of a checked request.
std::string_view calling_mode(const Json& body);

}  // namespace aigw::simulated::gemini
