// MiniMax's status codes, and the three envelopes that they come in.
//
// Shape:   under /v1 a failure is HTTP 200 with `base_resp`, unless it never came to a model: then
//          it is an error as OpenAI has it, under its own status. Under /anthropic it is an error
//          as Anthropic has it, the code behind the message.
// Source:  MiniMax's list of error codes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::minimax {

using Verdict = std::optional<Refusal>;

enum class Code : std::uint16_t {
    Unknown = 1000,
    Timeout = 1001,
    RateLimit = 1002,
    NotAuthorized = 1004,
    NoBalance = 1008,
    Internal = 1024,
    InputSensitive = 1026,
    OutputSensitive = 1027,
    System = 1033,
    TokenLimit = 1039,
    ConnectionLimit = 1041,
    InvisibleCharacters = 1042,
    InvalidParams = 2013,
    GrowthTooFast = 2045,
    InvalidKey = 2049,
    PlanLimit = 2056,
    NotInPlan = 2061,
};

// In the vendor's words, with its code and the status that it has where statuses count.
Refusal refusal_of(Code code);
// 2013: "invalid params, " and the problem.
Refusal invalid(const std::string& problem);
// The refusal of a code's number; nothing for a code that there is none of.
std::optional<Refusal> find_code(std::string_view number);
// What never came to a model: without a code.
Refusal at_front(int status, std::string message);

Json render_base_resp(const Refusal& refusal);
// `is_anthropic`: under /anthropic.
Plan refuse(const Refusal& refusal, bool is_anthropic, std::uint64_t seed);
Json render_anthropic_error(const Refusal& refusal, std::uint64_t seed);

// "Trace-Id" of every answer, and the id of what it holds.
std::string trace_id(std::uint64_t seed);
http::Headers common_headers(std::uint64_t seed);

}  // namespace aigw::simulated::minimax
