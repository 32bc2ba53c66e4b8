// Messages as Anthropic has them, answered by the simulated MiniMax.
//
// Ignored: top_k, stop_sequences, service_tier, mcp_servers, container, context_management.
// Source:  MiniMax's page on its Anthropic-compatible path. Images there are not documented, and
//          refused.
#pragma once

#include <variant>

#include "http/message.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::minimax {

// `asked` is any JSON object. Of the plan's headers there are only the content type and what keeps
// a stream from being stored.
std::variant<Refusal, Plan> make_message(const Json& asked, const http::Request& request,
                                         const Occasion& occasion);

}  // namespace aigw::simulated::minimax
