// What the simulated MiniMax refuses of a chat completion, on its own path and on OpenAI's.
//
// Source: MiniMax's chat page and its list of error codes. What it does not know it ignores, the
//         penalties, `seed` and `logit_bias` among it.
#pragma once

#include <span>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/minimax_models.h"
#include "sidecar/simulated/minimax_words.h"

namespace aigw::simulated::minimax {

std::span<const FieldRule> chat_fields();

// A model that there is none of, or one that stands for a code ("sim-code-1002"): of any request.
Verdict refuse_model(const Json& body);
// After refuse_model found nothing.
Verdict refuse_chat(const Json& body, const Model& model);
// What the trigger words of a prompt ask for.
Verdict refuse_sensitive(std::string_view prompt);

// Of a checked request.
bool is_thinking(const Json& body, const Model& model);

}  // namespace aigw::simulated::minimax
