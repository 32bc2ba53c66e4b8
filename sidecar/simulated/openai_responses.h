// `POST /v1/responses` of the simulated OpenAI, whole or as a stream of events.
#pragma once

#include <variant>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::openai {

// `body` is any JSON object. Of the plan's headers there is only the content type.
std::variant<Refusal, Plan> make_response(const Json& body, const Occasion& occasion);

}  // namespace aigw::simulated::openai
