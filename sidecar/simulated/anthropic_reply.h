// A message of the simulated Anthropic, whole or as a stream.
//
// Refusals: a prompt with ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL is declined, with stop_details.
// Thoughts: a prompt with ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING gets redacted ones.
#pragma once

#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated::anthropic {

// `asked` is the request as it came, checked; `body` what with_blocks made of it. Of the headers
// only the content type and what keeps a stream from being stored.
Plan answer_message(const Json& asked, const Json& body, const Terms& terms,
                    const Occasion& occasion);

}  // namespace aigw::simulated::anthropic
