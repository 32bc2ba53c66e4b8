#include "providers/model_table.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace aigw::providers {
namespace {

using protocol::Effort;
using protocol::Efforts;
using Traits = protocol::ModelTraits;

struct Row {
    std::string_view pattern;
    Traits traits;
};

// ---- Anthropic: the sheet's section 4 ----------------------------------------------------------

constexpr Efforts kFiveEfforts = {Effort::Low, Effort::Medium, Effort::High, Effort::Xhigh,
                                  Effort::Max};
constexpr Efforts kFourEfforts = {Effort::Low, Effort::Medium, Effort::High, Effort::Max};
constexpr Efforts kThreeEfforts = {Effort::Low, Effort::Medium, Effort::High};

// The generation that thinks as it likes and takes no sampling.
constexpr Traits newest_claude(bool can_be_off, bool takes_forced_calls) {
    Traits traits;
    traits.max_output = 128'000;
    traits.context = 1'000'000;
    traits.efforts = kFiveEfforts;
    traits.thinking = Traits::Thinking::Adaptive;
    traits.thinking_can_be_off = can_be_off;
    traits.thinks_by_default = true;
    traits.sampling = Traits::Sampling::None;
    traits.structured_output = true;
    traits.mid_system = true;
    traits.prefill = false;
    traits.forced_calls = takes_forced_calls;
    return traits;
}

// Thinks when asked to, adaptively only.
constexpr Traits adaptive_claude(bool takes_mid_system) {
    Traits traits = newest_claude(true, true);
    traits.thinks_by_default = false;
    traits.mid_system = takes_mid_system;
    return traits;
}

constexpr Traits claude_4_6() {
    Traits traits;
    traits.max_output = 128'000;
    traits.context = 1'000'000;
    traits.efforts = kFourEfforts;
    traits.thinking = Traits::Thinking::Both;
    traits.sampling = Traits::Sampling::OneOf;
    traits.structured_output = true;
    return traits;
}

constexpr Traits claude_with_budget(std::int64_t max_output, Traits::Sampling sampling,
                                    bool has_structured_output) {
    Traits traits;
    traits.max_output = max_output;
    traits.context = 200'000;
    traits.thinking = Traits::Thinking::Budget;
    traits.sampling = sampling;
    traits.structured_output = has_structured_output;
    return traits;
}

constexpr Traits claude_without_thinking(std::int64_t max_output) {
    Traits traits;
    traits.max_output = max_output;
    traits.context = 200'000;
    return traits;
}

constexpr std::array kClaude = {
    Row{"claude-opus-5-5*", newest_claude(false, false)},
    Row{"claude-fable-5-1*", newest_claude(false, false)},
    Row{"claude-mythos-5-1*", newest_claude(false, false)},
    Row{"claude-sonnet-5-5*", newest_claude(false, false)},
    Row{"claude-haiku-5-5*", newest_claude(true, true)},
    Row{"claude-opus-5*", newest_claude(true, true)},
    Row{"claude-sonnet-5*", adaptive_claude(true)},
    Row{"claude-opus-4-8*", adaptive_claude(true)},
    Row{"claude-opus-4-7*", adaptive_claude(false)},
    Row{"claude-opus-4-6*", claude_4_6()},
    Row{"claude-sonnet-4-6*", claude_4_6()},
    Row{"claude-*-4-5*", claude_with_budget(64'000, Traits::Sampling::OneOf, true)},
    Row{"claude-opus-4-1*", claude_with_budget(32'000, Traits::Sampling::OneOf, false)},
    Row{"claude-opus-4*", claude_with_budget(32'000, Traits::Sampling::Full, false)},
    Row{"claude-sonnet-4*", claude_with_budget(64'000, Traits::Sampling::Full, false)},
    Row{"claude-3-7*", claude_with_budget(64'000, Traits::Sampling::Full, false)},
    Row{"claude-3-5*", claude_without_thinking(8'192)},
    Row{"claude-3*", claude_without_thinking(4'096)},
    Row{"*", Traits{}},
};

// ---- OpenAI: the sheet's sections 2 and 9 ------------------------------------------------------

constexpr Traits gpt(std::int64_t max_output) {
    Traits traits;
    traits.max_output = max_output;
    traits.max_field = Traits::MaxField::MaxCompletionTokens;
    traits.strict_tools = true;
    traits.file_parts = true;
    traits.developer_role = true;
    return traits;
}

constexpr Traits reasoning_gpt(const Efforts& efforts, bool takes_effort_with_tools,
                               bool takes_stop, Traits::CacheMarks marks) {
    Traits traits = gpt(128'000);
    traits.efforts = efforts;
    traits.reasoning_field = Traits::ReasoningField::Effort;
    traits.thinks_by_default = true;
    traits.takes_sampling = false;
    traits.effort_with_tools = takes_effort_with_tools;
    traits.takes_stop = takes_stop;
    traits.custom_tools = true;
    traits.cache_marks = marks;
    return traits;
}

constexpr Efforts kGpt6Efforts = {Effort::None,   Effort::Minimal, Effort::Low,
                                  Effort::Medium, Effort::High,    Effort::Xhigh};
constexpr Efforts kGpt6Thinking = {Effort::Low, Effort::Medium, Effort::High, Effort::Xhigh};
constexpr Efforts kGpt5Efforts = {Effort::Minimal, Effort::Low, Effort::Medium, Effort::High};
constexpr auto kBreakpoint = Traits::CacheMarks::Breakpoint;
constexpr auto kNoMarks = Traits::CacheMarks::None;

// Given by Responses only.
constexpr Traits gpt_by_responses(const Efforts& efforts) {
    Traits traits = reasoning_gpt(efforts, false, false, kNoMarks);
    traits.responses_only = true;
    return traits;
}

constexpr std::array kOpenAi = {
    Row{"gpt-5-pro*", gpt_by_responses({Effort::High})},
    Row{"gpt-*-pro*", gpt_by_responses(kThreeEfforts)},
    Row{"o1-pro*", gpt_by_responses(kThreeEfforts)},
    Row{"o3-pro*", gpt_by_responses(kThreeEfforts)},
    Row{"gpt-*codex*", gpt_by_responses(kThreeEfforts)},
    Row{"codex-*", gpt_by_responses(kThreeEfforts)},
    Row{"gpt-6-astra*", reasoning_gpt(kGpt6Thinking, false, false, kBreakpoint)},
    Row{"gpt-6.1-sol*", reasoning_gpt(kGpt6Thinking, false, false, kBreakpoint)},
    Row{"gpt-6*", reasoning_gpt(kGpt6Efforts, false, false, kBreakpoint)},
    Row{"gpt-5.6*", reasoning_gpt(kGpt6Efforts, false, false, kBreakpoint)},
    Row{"gpt-5.4*", reasoning_gpt(kGpt6Efforts, false, false, kNoMarks)},
    Row{"gpt-5.5*", reasoning_gpt(kGpt6Efforts, false, false, kNoMarks)},
    Row{"gpt-5*", reasoning_gpt(kGpt5Efforts, true, false, kNoMarks)},
    Row{"o1*", reasoning_gpt(kThreeEfforts, true, true, kNoMarks)},
    Row{"o3*", reasoning_gpt(kThreeEfforts, true, false, kNoMarks)},
    Row{"o4*", reasoning_gpt(kThreeEfforts, true, false, kNoMarks)},
    Row{"gpt-4.1*", gpt(32'768)},
    Row{"gpt-4o*", gpt(16'384)},
    Row{"*", gpt(0)},
};

// ---- DashScope: the sheet's sections 2 and 8 ---------------------------------------------------

constexpr Traits qwen(bool sees, bool thinks_by_default, bool thinks_only_in_streams) {
    Traits traits;
    traits.reasoning_field = Traits::ReasoningField::EnableThinking;
    traits.thinks_by_default = thinks_by_default;
    traits.thinks_only_in_streams = thinks_only_in_streams;
    traits.replays_reasoning = true;
    traits.takes_top_k = true;
    traits.choice_required = false;
    traits.choice_while_thinking = false;
    traits.parallel_by_default = false;
    traits.images = sees;
    traits.content_arrays = sees;
    traits.image_detail = false;
    traits.system_position = Traits::SystemPosition::FirstOnly;
    traits.continued_answer = Traits::ContinuedAnswer::Partial;
    traits.cache_marks = Traits::CacheMarks::CacheControl;
    traits.max_temperature = 1.99;
    traits.min_top_p = 0.001;
    traits.refused_tool_name = "search";
    traits.missing_fields =
        "frequency_penalty logit_bias user safety_identifier metadata store service_tier "
        "prediction verbosity prompt_cache_key prompt_cache_retention web_search_options "
        "moderation";
    traits.own_fields =
        "enable_thinking thinking_budget preserve_thinking enable_search search_options "
        "repetition_penalty enable_code_interpreter vl_high_resolution_images tool_stream "
        "translation_options";
    return traits;
}

// Models that know nothing of thinking.
constexpr Traits plain_qwen(bool sees) {
    Traits traits = qwen(sees, false, false);
    traits.reasoning_field = Traits::ReasoningField::None;
    return traits;
}

constexpr Traits always_thinking_qwen(bool sees, bool only_in_streams) {
    Traits traits = qwen(sees, true, only_in_streams);
    traits.thinking_can_be_off = false;
    return traits;
}

constexpr std::array kDashScope = {
    Row{"qwq-*", always_thinking_qwen(false, true)},
    Row{"qvq-*", always_thinking_qwen(true, true)},
    Row{"*-thinking*", always_thinking_qwen(false, true)},
    Row{"qwen*-omni*", plain_qwen(true)},
    Row{"qwen3-vl-*", qwen(true, false, false)},
    Row{"qwen*-vl-*", plain_qwen(true)},
    Row{"qwen-mt-*", plain_qwen(false)},
    Row{"qwen-long*", plain_qwen(false)},
    Row{"qwen*-coder*", plain_qwen(false)},
    Row{"qwen3-max*", qwen(false, false, false)},
    Row{"qwen3.*", qwen(true, true, false)},
    Row{"qwen3-*", qwen(false, true, true)},
    Row{"qwen-max*", plain_qwen(false)},
    Row{"qwen-plus*", qwen(false, false, false)},
    Row{"qwen-turbo*", qwen(false, false, false)},
    Row{"qwen-flash*", qwen(false, false, false)},
    Row{"deepseek-*", qwen(false, false, false)},
    Row{"*", qwen(true, false, false)},
};

// ---- Doubao: the sheet's sections 2 and 8 ------------------------------------------------------

constexpr Traits doubao(bool has_penalties, bool takes_sampling, bool takes_choice) {
    Traits traits;
    traits.efforts = {Effort::Minimal, Effort::Low, Effort::Medium, Effort::High};
    traits.max_field = Traits::MaxField::MaxCompletionTokens;
    traits.reasoning_field = Traits::ReasoningField::ThinkingType;
    traits.thinks_by_default = true;
    traits.replays_reasoning = true;
    traits.takes_sampling = takes_sampling;
    traits.choice_required = takes_choice;
    traits.choice_named = takes_choice;
    traits.thinking_adaptive = "auto";
    traits.missing_fields = has_penalties
                                ? "n seed metadata store prediction verbosity prompt_cache_key "
                                  "prompt_cache_retention safety_identifier web_search_options "
                                  "moderation"
                                : "n seed metadata store prediction verbosity prompt_cache_key "
                                  "prompt_cache_retention safety_identifier web_search_options "
                                  "moderation frequency_penalty presence_penalty logit_bias "
                                  "logprobs top_logprobs";
    traits.own_fields = "thinking";
    return traits;
}

constexpr std::array kDoubao = {
    Row{"doubao-seed-2*", doubao(false, false, true)},
    Row{"doubao-seed-1-8*", doubao(false, true, true)},
    Row{"doubao-seed-*", doubao(true, true, true)},
    Row{"doubao-1*", doubao(true, true, false)},
    Row{"deepseek-*", doubao(true, true, false)},
    Row{"*", doubao(true, true, true)},
};

// ---- MiniMax: the sheet's sections 7 and 9 -----------------------------------------------------

constexpr Traits minimax(bool can_be_off, bool has_schema, bool sees) {
    Traits traits;
    traits.max_field = Traits::MaxField::MaxCompletionTokens;
    traits.reasoning_field =
        can_be_off ? Traits::ReasoningField::ThinkingType : Traits::ReasoningField::None;
    traits.thinks_by_default = true;
    traits.thinking_can_be_off = can_be_off;
    traits.replays_reasoning = true;
    traits.choice_required = false;
    traits.choice_named = false;
    traits.json_schema = has_schema;
    traits.json_object = false;
    traits.images = sees;
    traits.content_arrays = sees;
    traits.min_temperature = 0.01;
    traits.max_temperature = 1;
    traits.min_top_p = 0.01;
    traits.reasoning_split = true;
    traits.thinking_on = "adaptive";
    traits.thinking_adaptive = "adaptive";
    traits.missing_fields =
        "parallel_tool_calls presence_penalty frequency_penalty logit_bias seed logprobs "
        "top_logprobs user safety_identifier metadata store verbosity prediction service_tier "
        "prompt_cache_key prompt_cache_retention web_search_options moderation";
    return traits;
}

constexpr std::array kMiniMax = {
    Row{"MiniMax-M3*", minimax(true, false, true)},
    Row{"MiniMax-Text-01*", minimax(false, true, false)},
    Row{"*", minimax(false, false, false)},
};

// ---- Servers of whom nothing is known ----------------------------------------------------------

constexpr Traits generic() {
    Traits traits;
    traits.continued_answer = Traits::ContinuedAnswer::Plain;
    traits.reasoning_field = Traits::ReasoningField::Effort;
    traits.efforts = {Effort::Low, Effort::Medium, Effort::High};
    return traits;
}

constexpr Traits deepseek() {
    Traits traits = generic();
    traits.reasoning_field = Traits::ReasoningField::None;
    traits.replays_reasoning = true;
    traits.json_schema = false;
    traits.images = false;
    traits.content_arrays = false;
    return traits;
}

constexpr std::array kGeneric = {
    Row{"deepseek-*", deepseek()},
    Row{"gpt-5*", reasoning_gpt(kGpt5Efforts, true, false, kNoMarks)},
    Row{"*", generic()},
};

std::span<const Row> rows_of(Dialect dialect) {
    switch (dialect) {
        case Dialect::OpenAi:
            return kOpenAi;
        case Dialect::DashScope:
            return kDashScope;
        case Dialect::Doubao:
            return kDoubao;
        case Dialect::MiniMax:
            return kMiniMax;
        case Dialect::Generic:
            return kGeneric;
        case Dialect::Anthropic:
            return kClaude;
    }
    return kGeneric;
}

}  // namespace

const protocol::ModelTraits& find_traits(Dialect dialect, std::string_view model) {
    const std::span<const Row> rows = rows_of(dialect);
    const auto row = std::ranges::find_if(
        rows, [&](const Row& known) { return matches_glob(known.pattern, model); });
    return row == rows.end() ? rows.back().traits : row->traits;
}

}  // namespace aigw::providers
