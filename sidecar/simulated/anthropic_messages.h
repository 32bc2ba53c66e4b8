// How the messages of an Anthropic request may follow each other, and what each may hold.
//
// Source: the Messages API reference and the error bodies that the service gives.
#pragma once

#include <span>

#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/anthropic_turns.h"
#include "sidecar/simulated/anthropic_words.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

// `system` and every message for itself. `body` is what with_blocks made.
Verdict refuse_contents(const Json& body, const Terms& terms);

// After refuse_contents found nothing; `turns` are read_turns(body).
Verdict refuse_order(const Json& body, std::span<const Turn> turns, const Terms& terms);

// Where and how often the cache is marked, tools and system included.
Verdict refuse_marks(const Json& body);

}  // namespace aigw::simulated::anthropic
