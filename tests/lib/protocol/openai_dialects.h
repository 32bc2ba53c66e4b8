// Models as the tests of conversions know them: one of each dialect of Chat Completions.
#pragma once

#include "protocol/model_traits.h"

namespace aigw::protocol::tests {

inline constexpr ModelTraits kGpt{
    .max_output = 128'000,
    .efforts = {Effort::None, Effort::Low, Effort::Medium, Effort::High, Effort::Xhigh},
    .max_field = ModelTraits::MaxField::MaxCompletionTokens,
    .reasoning_field = ModelTraits::ReasoningField::Effort,
    .strict_tools = true,
    .file_parts = true,
    .custom_tools = true,
};

inline constexpr ModelTraits kQwen{
    .reasoning_field = ModelTraits::ReasoningField::EnableThinking,
    .replays_reasoning = true,
    .takes_top_k = true,
    .choice_required = false,
    .choice_while_thinking = false,
    .parallel_by_default = false,
    .system_position = ModelTraits::SystemPosition::FirstOnly,
    .continued_answer = ModelTraits::ContinuedAnswer::Partial,
    .cache_marks = ModelTraits::CacheMarks::CacheControl,
    .max_top_logprobs = 5,
    .max_seed = 2'147'483'647,
    .one_answer_alone = true,
    .max_temperature = 1.99,
    .min_top_p = 0.001,
    .json_while_thinking = false,
    .json_word = true,
    .image_detail = false,
    .search_switch = "enable_search",
    .refused_tool_name = "search",
    .missing_fields =
        "frequency_penalty logit_bias user metadata store service_tier prediction "
        "verbosity prompt_cache_key audio modalities",
    .own_fields = "enable_thinking thinking_budget enable_search repetition_penalty",
};

inline constexpr ModelTraits kDoubao{
    .efforts = {Effort::Minimal, Effort::Low, Effort::Medium, Effort::High},
    .max_field = ModelTraits::MaxField::MaxCompletionTokens,
    .takes_both_limits = true,
    .reasoning_field = ModelTraits::ReasoningField::ThinkingType,
    .thinks_by_default = true,
    .replays_reasoning = true,
    .thinking_adaptive = "auto",
    .service_tiers = "default flex fast",
    .missing_fields = "n seed metadata store",
    .own_fields = "thinking",
};

inline constexpr ModelTraits kMiniMax{
    .max_field = ModelTraits::MaxField::MaxCompletionTokens,
    .reasoning_field = ModelTraits::ReasoningField::ThinkingType,
    .thinks_by_default = true,
    .replays_reasoning = true,
    .choice_required = false,
    .choice_named = false,
    .json_schema = false,
    .min_temperature = 0.01,
    .max_temperature = 1,
    .json_object = false,
    .reasoning_split = true,
    .thinking_on = "adaptive",
    .thinking_adaptive = "adaptive",
    .missing_fields = "n user parallel_tool_calls seed logprobs presence_penalty",
};

}  // namespace aigw::protocol::tests
