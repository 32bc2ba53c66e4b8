// Tools, the choice between them, and schemas of structured output, as Anthropic takes them.
//
// Source: Anthropic's "tool use" and "structured outputs" pages.
#pragma once

#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/anthropic_words.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

// `tools` and `tool_choice`.
Verdict refuse_tools(const Json& body, const Terms& terms);

// `output_config`, its effort aside.
Verdict refuse_output_config(const Json& body, const Terms& terms);

}  // namespace aigw::simulated::anthropic
