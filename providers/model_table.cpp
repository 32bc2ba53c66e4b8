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

// A model of whom nothing more is known.
constexpr Traits claude() {
    Traits traits;
    traits.audio = false;
    return traits;
}

// The generation that thinks as it likes and takes no sampling.
constexpr Traits newest_claude(bool can_be_off, bool takes_forced_calls) {
    Traits traits = claude();
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
    Traits traits = claude();
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
    Traits traits = claude();
    traits.max_output = max_output;
    traits.context = 200'000;
    traits.thinking = Traits::Thinking::Budget;
    traits.sampling = sampling;
    traits.structured_output = has_structured_output;
    return traits;
}

constexpr Traits claude_without_thinking(std::int64_t max_output) {
    Traits traits = claude();
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
    Row{"*", claude()},
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
    traits.audio = false;
    traits.content_arrays = sees;
    traits.image_detail = false;
    traits.system_position = Traits::SystemPosition::FirstOnly;
    traits.continued_answer = Traits::ContinuedAnswer::Partial;
    traits.cache_marks = Traits::CacheMarks::CacheControl;
    traits.json_while_thinking = false;
    traits.json_word = true;
    traits.max_temperature = 1.99;
    traits.min_top_p = 0.001;
    traits.max_top_logprobs = 5;
    traits.max_seed = 2'147'483'647;
    traits.one_answer_alone = true;
    traits.search_switch = "enable_search";
    traits.refused_tool_name = "search";
    traits.missing_fields =
        "frequency_penalty logit_bias user safety_identifier metadata store service_tier "
        "modalities audio prediction verbosity prompt_cache_key prompt_cache_retention "
        "web_search_options moderation functions function_call";
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

// Answers in sound, too.
constexpr Traits omni_qwen() {
    Traits traits = plain_qwen(true);
    traits.audio = true;
    traits.answers_only_in_streams = true;
    traits.missing_fields =
        "frequency_penalty logit_bias user safety_identifier metadata store service_tier "
        "prediction verbosity prompt_cache_key prompt_cache_retention web_search_options "
        "moderation functions function_call";
    return traits;
}

// Takes levels of effort beside budgets.
constexpr Traits newest_qwen() {
    Traits traits = qwen(true, true, false);
    traits.efforts = {Effort::None, Effort::Low, Effort::Medium, Effort::Xhigh};
    return traits;
}

constexpr Traits always_thinking_qwen(bool sees, bool only_in_streams) {
    Traits traits = qwen(sees, true, only_in_streams);
    traits.thinking_can_be_off = false;
    return traits;
}

constexpr Traits up_to(std::int64_t max_output, Traits traits) {
    traits.max_output = max_output;
    return traits;
}

constexpr std::array kDashScope = {
    Row{"qwq-*", up_to(8'192, always_thinking_qwen(false, true))},
    Row{"qvq-*", up_to(8'192, always_thinking_qwen(true, true))},
    Row{"*-thinking*", up_to(32'768, always_thinking_qwen(false, true))},
    Row{"qwen*-omni*", omni_qwen()},
    Row{"qwen3-*-instruct*", up_to(32'768, plain_qwen(false))},
    Row{"qwen3-vl-*", up_to(32'768, qwen(true, false, false))},
    Row{"qwen*-vl-*", up_to(8'192, plain_qwen(true))},
    Row{"qwen-mt-*", plain_qwen(false)},
    Row{"qwen-long*", plain_qwen(false)},
    Row{"qwen*-coder*", up_to(65'536, plain_qwen(false))},
    Row{"qwen3-max*", up_to(65'536, qwen(false, false, false))},
    Row{"qwen3.8*", up_to(65'536, newest_qwen())},
    Row{"qwen3.*", up_to(65'536, qwen(true, true, false))},
    Row{"qwen3-8b*", up_to(8'192, qwen(false, true, true))},
    Row{"qwen3-*", up_to(16'384, qwen(false, true, true))},
    Row{"qwen-max*", up_to(8'192, plain_qwen(false))},
    Row{"qwen-plus*", up_to(32'768, qwen(false, false, false))},
    Row{"qwen-turbo*", up_to(16'384, qwen(false, false, false))},
    Row{"qwen-flash*", up_to(32'768, qwen(false, false, false))},
    Row{"deepseek-*", up_to(65'536, qwen(false, false, false))},
    Row{"*", qwen(true, false, false)},
};

// ---- Doubao: the sheet's sections 2 and 8 ------------------------------------------------------

// Several lists of names as one.
template <const std::string_view&... Lists>
class Joined {
    static constexpr auto kText = [] {
        std::array<char, (Lists.size() + ...) + sizeof...(Lists)> text{};
        std::size_t at = 0;
        const auto add = [&](std::string_view list) {
            for (const char c : list) text[at++] = c;
            text[at++] = ' ';
        };
        (add(Lists), ...);
        return text;
    }();

public:
    static constexpr std::string_view kNames{kText.data(), kText.size() - 1};
};

constexpr std::string_view kNowhereAtArk =
    "n seed metadata store modalities audio prediction verbosity prompt_cache_key "
    "prompt_cache_retention safety_identifier web_search_options moderation functions "
    "function_call";
constexpr std::string_view kNotInDeepThought = "logit_bias logprobs top_logprobs";
constexpr std::string_view kPenalties = "frequency_penalty presence_penalty";
constexpr std::string_view kNotBeforeSeed = "parallel_tool_calls";
constexpr Efforts kArkEfforts = {Effort::Minimal, Effort::Low, Effort::Medium, Effort::High};
constexpr Efforts kEveryEffort = {Effort::None, Effort::Minimal, Effort::Low, Effort::Medium,
                                  Effort::High, Effort::Xhigh,   Effort::Max};

// Also what stands behind an endpoint's id (`ep-…`), of which nothing is known.
constexpr Traits ark() {
    Traits traits;
    traits.max_output = 65'536;
    traits.efforts = kArkEfforts;
    traits.max_field = Traits::MaxField::MaxCompletionTokens;
    traits.takes_both_limits = true;
    traits.reasoning_field = Traits::ReasoningField::ThinkingType;
    traits.thinks_by_default = true;
    traits.replays_reasoning = true;
    traits.thinking_adaptive = "auto";
    traits.service_tiers = "default flex fast";
    traits.min_top_p = 0.001;
    traits.auto_detail = false;
    traits.missing_fields = kNowhereAtArk;
    traits.own_fields = "thinking";
    return traits;
}

// Seeds reason deeply: they take no stops, no bias, and show no probabilities.
constexpr Traits newest_seed(const Efforts& efforts, bool takes_sampling) {
    Traits traits = ark();
    traits.efforts = efforts;
    traits.takes_stop = false;
    traits.takes_sampling = takes_sampling;
    traits.thinking_adaptive = "enabled";
    traits.missing_fields = Joined<kNowhereAtArk, kNotInDeepThought, kPenalties>::kNames;
    return traits;
}

constexpr Traits seed_1_6(const Efforts& efforts, std::string_view adaptive) {
    Traits traits = ark();
    traits.efforts = efforts;
    traits.takes_stop = false;
    traits.replays_reasoning = false;
    traits.thinking_adaptive = adaptive;
    traits.missing_fields = Joined<kNowhereAtArk, kNotInDeepThought>::kNames;
    return traits;
}

// Levels came with the later ones.
constexpr Traits small_seed(bool can_be_off) {
    Traits traits = seed_1_6(Efforts{}, "enabled");
    traits.max_output = 32'768;
    traits.thinking_can_be_off = can_be_off;
    return traits;
}

// Nothing can be said about which tool is called, or whether one is.
constexpr Traits before_seed(Traits traits) {
    traits.choice_auto = false;
    traits.choice_required = false;
    traits.choice_named = false;
    traits.choice_none = false;
    traits.json_schema = false;
    traits.missing_fields = traits.takes_stop
                                ? Joined<kNowhereAtArk, kNotBeforeSeed>::kNames
                                : Joined<kNowhereAtArk, kNotInDeepThought, kNotBeforeSeed>::kNames;
    return traits;
}

constexpr Traits doubao_1_5(bool sees) {
    Traits traits = before_seed(ark());
    traits.max_output = 12'288;
    traits.efforts = {};
    traits.reasoning_field = Traits::ReasoningField::None;
    traits.thinks_by_default = false;
    traits.replays_reasoning = false;
    traits.images = sees;
    return traits;
}

constexpr Traits ark_deepseek(bool is_deep) {
    Traits traits = before_seed(is_deep ? small_seed(false) : ark());
    traits.max_output = 32'768;
    traits.efforts = {};
    traits.thinks_by_default = is_deep;
    traits.replays_reasoning = true;
    traits.thinking_adaptive = "enabled";
    traits.images = false;
    traits.max_stops = 16;
    return traits;
}

constexpr std::array kDoubao = {
    Row{"*seed-2*", newest_seed(kEveryEffort, false)},
    Row{"*seed-1-8*", newest_seed(kArkEfforts, true)},
    Row{"*seed-1-6-thinking*", small_seed(false)},
    Row{"*seed-1-6-flash*", small_seed(true)},
    Row{"*seed-1-6-lite*", seed_1_6(kArkEfforts, "enabled")},
    Row{"*seed-1-6*", seed_1_6(kArkEfforts, "auto")},
    Row{"doubao-1*thinking*", before_seed(small_seed(false))},
    Row{"doubao-1*vision*", doubao_1_5(true)},
    Row{"doubao-1*", doubao_1_5(false)},
    Row{"deepseek-r1*", ark_deepseek(true)},
    Row{"deepseek-*", ark_deepseek(false)},
    Row{"*", ark()},
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
    traits.own_fields = "thinking";
    traits.thinking_on = "adaptive";
    traits.thinking_adaptive = "adaptive";
    traits.missing_fields =
        "n parallel_tool_calls presence_penalty frequency_penalty logit_bias seed logprobs "
        "top_logprobs modalities audio user safety_identifier metadata store verbosity prediction "
        "service_tier prompt_cache_key prompt_cache_retention web_search_options moderation";
    return traits;
}

constexpr std::array kMiniMax = {
    Row{"MiniMax-M3*", minimax(true, false, true)},
    Row{"MiniMax-Text-01*", minimax(false, true, false)},
    Row{"*", minimax(false, false, false)},
};

// ---- Gemini: the sheet's sections 1, 2 and 11 --------------------------------------------------

// Without thinking; the base of all others.
constexpr Traits gemini() {
    Traits traits;
    traits.max_output = 65'536;
    traits.context = 1'048'576;
    traits.takes_top_k = true;
    traits.max_stops = 5;
    traits.system_position = Traits::SystemPosition::FirstOnly;
    traits.missing_fields =
        "n logit_bias prediction store verbosity prompt_cache_key "
        "prompt_cache_retention prompt_cache_options web_search_options moderation metadata "
        "modalities audio";
    return traits;
}

constexpr Traits gemini_with_budget(std::int64_t least, std::int64_t most, bool can_be_off) {
    Traits traits = gemini();
    traits.thinking = Traits::Thinking::Budget;
    traits.thinking_can_be_off = can_be_off;
    traits.thinks_by_default = true;
    traits.min_thinking_budget = least;
    traits.max_thinking_budget = most;
    traits.format_with_tools = false;
    return traits;
}

constexpr Traits gemini_with_level(const Efforts& levels, bool takes_sampling) {
    Traits traits = gemini();
    traits.efforts = levels;
    traits.thinking = Traits::Thinking::Adaptive;
    traits.thinking_can_be_off = false;
    traits.thinks_by_default = true;
    traits.takes_sampling = takes_sampling;
    traits.takes_top_k = takes_sampling;
    traits.placeholder_signature = "skip_thought_signature_validator";
    return traits;
}

constexpr Traits elder_gemini() {
    Traits traits = gemini();
    traits.max_output = 8'192;
    traits.format_with_tools = false;
    return traits;
}

constexpr Traits speaking_gemini(bool takes_sampling) {
    Traits traits = gemini();
    traits.takes_sampling = takes_sampling;
    traits.takes_top_k = takes_sampling;
    return traits;
}

constexpr Efforts kFourLevels = {Effort::Minimal, Effort::Low, Effort::Medium, Effort::High};

constexpr std::array kGemini = {
    Row{"gemini-3.8-*-tts*", speaking_gemini(false)},
    Row{"gemini-*-tts*", speaking_gemini(true)},
    Row{"gemini-*-image*", gemini()},
    Row{"gemini-3.5-flash-lite*", gemini_with_level(kFourLevels, true)},
    Row{"gemini-3.5-*", gemini_with_level(kThreeEfforts, true)},
    Row{"gemini-3.1-*", gemini_with_level(kThreeEfforts, true)},
    Row{"gemini-3-*", gemini_with_level(kThreeEfforts, true)},
    Row{"gemini-2.5-pro*", gemini_with_budget(128, 32'768, false)},
    Row{"gemini-2.5-flash-lite*", gemini_with_budget(512, 24'576, true)},
    Row{"gemini-2.5-*", gemini_with_budget(0, 24'576, true)},
    Row{"gemini-2*", elder_gemini()},
    Row{"gemini-1*", elder_gemini()},
    Row{"gemini-*", gemini_with_level(kThreeEfforts, false)},
    Row{"*", gemini()},
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

constexpr std::array kReasoning = {
    Row{"*", reasoning_gpt(kGpt6Efforts, true, false, kNoMarks)},
};

constexpr std::array kDeepSeek = {
    Row{"*", deepseek()},
};

// Side by side: the names, and what they stand for.
constexpr std::array<std::string_view, 7> kDialectNames = {
    "openai", "openai-reasoning", "dashscope", "doubao", "minimax", "deepseek", "generic"};
constexpr std::array<Dialect, kDialectNames.size()> kDialects = {
    Dialect::OpenAi,  Dialect::OpenAiReasoning, Dialect::DashScope, Dialect::Doubao,
    Dialect::MiniMax, Dialect::DeepSeek,        Dialect::Generic};

std::span<const Row> rows_of(Dialect dialect) {
    switch (dialect) {
        case Dialect::OpenAi:
            return kOpenAi;
        case Dialect::OpenAiReasoning:
            return kReasoning;
        case Dialect::DeepSeek:
            return kDeepSeek;
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
        case Dialect::Gemini:
            return kGemini;
    }
    return kGeneric;
}

}  // namespace

std::span<const std::string_view> dialect_names() {
    return kDialectNames;
}

std::optional<Dialect> find_dialect(std::string_view name) {
    const auto found = std::ranges::find(kDialectNames, name);
    if (found == kDialectNames.end()) return std::nullopt;
    return kDialects[static_cast<std::size_t>(found - kDialectNames.begin())];
}

bool has_own_rules(Dialect dialect) {
    return dialect == Dialect::DashScope || dialect == Dialect::Doubao;
}

const protocol::ModelTraits& find_traits(Dialect dialect, std::string_view model) {
    const std::span<const Row> rows = rows_of(dialect);
    const auto row = std::ranges::find_if(
        rows, [&](const Row& known) { return matches_glob(known.pattern, model); });
    return row == rows.end() ? rows.back().traits : row->traits;
}

std::vector<const protocol::ModelTraits*> known_traits(Dialect dialect) {
    std::vector<const protocol::ModelTraits*> known;
    for (const Row& row : rows_of(dialect)) known.push_back(&row.traits);
    return known;
}

}  // namespace aigw::providers
