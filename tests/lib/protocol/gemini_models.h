// Models of Gemini's as the tests of conversions know them.
#pragma once

#include "protocol/model_traits.h"

namespace aigw::protocol::tests {

inline constexpr std::string_view kMissingInGemini =
    "n logit_bias prediction store verbosity prompt_cache_key "
    "web_search_options metadata modalities audio";

// Thinks by levels, takes no sampling, wants calls signed.
inline constexpr ModelTraits kGemini3{
    .max_output = 65'536,
    .efforts = {Effort::Low, Effort::Medium, Effort::High},
    .thinking = ModelTraits::Thinking::Adaptive,
    .thinking_can_be_off = false,
    .takes_sampling = false,
    .system_position = ModelTraits::SystemPosition::FirstOnly,
    .max_stops = 5,
    .missing_fields = kMissingInGemini,
    .placeholder_signature = "placeholder",
};

// Thinks by budget, takes all sampling, gives no JSON beside tools.
inline constexpr ModelTraits kGemini25{
    .max_output = 65'536,
    .thinking = ModelTraits::Thinking::Budget,
    .takes_top_k = true,
    .system_position = ModelTraits::SystemPosition::FirstOnly,
    .max_stops = 5,
    .missing_fields = kMissingInGemini,
    .min_thinking_budget = 128,
    .max_thinking_budget = 24'576,
    .format_with_tools = false,
};

}  // namespace aigw::protocol::tests
