// An answer of the simulated Gemini: whole, as events, or as the growing array of a stream without
// `alt=sse`.
//
// Moderation: SIM_BLOCK_REASON in the last user message gives `promptFeedback` with that
//             blockReason, SIM_FINISH_REASON a candidate with that finishReason; see triggers.h.
// Ends:       the last piece of a stream is that which has the finishReason.
// Source:     Google's reference of GenerateContentResponse; member order as its service has it.
#pragma once

#include <cstdint>

#include "sidecar/simulated/gemini_models.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated::gemini {

enum class Form : std::uint8_t { Whole, Events, Array };

// `body` is a checked request in camelCase. Of the headers only the content type and the tier.
Plan answer_request(const Json& body, const Model& model, Form form, const Occasion& occasion);

}  // namespace aigw::simulated::gemini
