// What an answer of the simulated Gemini says beside its content: usage, probabilities, where it
// was found, how harmful it is.
//
// Source: Google's reference of UsageMetadata, LogprobsResult, GroundingMetadata and SafetyRating.
#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/simulated/gemini_prompt.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::gemini {

struct UsageCounts {
    PromptTokens prompt{};
    std::int64_t cached = 0;  // part of prompt
    std::int64_t candidates = 0;
    std::int64_t thoughts = 0;
    std::int64_t tool_use = 0;  // what the vendor's own tools brought
};

// Counters of zero are left out.
Json render_usage(const UsageCounts& counts);

// `avgLogprobs` and `logprobsResult` of a text that is not empty.
void add_logprobs(std::string_view text, std::int64_t top, std::uint64_t seed, Json& candidate);

// Of a search for `query`; `text` is what it is the ground of.
Json render_grounding(std::string_view query, std::string_view text);

enum class Harm : std::uint8_t { Negligible, Blocked };
// One for each of the request's `safetySettings`.
Json render_ratings(const Json& body, Harm harm);

}  // namespace aigw::simulated::gemini
