// The subset of JSON Schema that OpenAI holds `strict: true` to.
//
// Source: OpenAI's "structured outputs" guide: every object is closed, every property required.
#pragma once

#include <string>

#include "sidecar/simulated/json.h"

namespace aigw::simulated::openai {

// The vendor's words for the first thing that is wrong; "" for nothing.
std::string find_strict_problem(const Json& schema);

}  // namespace aigw::simulated::openai
