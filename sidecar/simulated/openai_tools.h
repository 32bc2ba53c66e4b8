// Tools of an OpenAI chat completion, the choice between them, and their deprecated form.
//
// Source: OpenAI's API reference and the error bodies that its service gives.
#pragma once

#include "sidecar/simulated/openai_models.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {

// `tools`, `tool_choice` and `parallel_tool_calls`.
Verdict refuse_tools(const Json& body, const Model& model);
// `functions` and `function_call`.
Verdict refuse_functions(const Json& body, const Model& model);

}  // namespace aigw::simulated::openai
