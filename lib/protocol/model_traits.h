// What a model takes and how its server wants it said: the one place where conversions look.
//
// A row of the table in providers, or of a configuration's `caps`, is one of these; nothing in a
// codec knows a model by its name.
//
// Source:  the conversion contract, section 2; the vendors' sheets for each row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "protocol/chat_request.h"
#include "protocol/request_facts.h"

namespace aigw::protocol {

// Levels of effort that a model knows.
class Efforts {
public:
    constexpr Efforts() = default;
    constexpr Efforts(std::initializer_list<Effort> levels) {
        for (const Effort level : levels) bits_ |= bit(level);
    }
    constexpr bool has(Effort level) const { return (bits_ & bit(level)) != 0; }
    constexpr void add(Effort level) { bits_ |= bit(level); }
    constexpr bool empty() const { return bits_ == 0; }
    friend constexpr bool operator==(const Efforts&, const Efforts&) = default;

private:
    static constexpr unsigned bit(Effort level) { return 1U << static_cast<unsigned>(level); }
    unsigned bits_ = 0;
};

// The level itself, else the nearest that the model knows, the higher one of two.
Effort nearest_effort(const Efforts& known, Effort wanted);

struct ModelTraits {
    std::int64_t max_output = 0;  // tokens; 0: unknown, nothing is clamped
    std::int64_t context = 0;     // tokens; 0: unknown
    Efforts efforts{};

    // ---- Anthropic's Messages ----
    enum class Thinking : std::uint8_t { None, Budget, Adaptive, Both };
    enum class Sampling : std::uint8_t { Full, OneOf, None };
    Thinking thinking = Thinking::None;
    bool thinking_can_be_off = true;
    Sampling sampling = Sampling::Full;
    bool structured_output = false;  // output_config.format
    bool mid_system = false;         // role "system" inside messages
    bool prefill = true;             // a trailing assistant turn
    bool forced_calls = true;        // tool_choice any and tool
    bool media_urls = true;          // sources of type url

    // ---- OpenAI's Chat Completions and those who speak it ----
    enum class MaxField : std::uint8_t { MaxTokens, MaxCompletionTokens };
    enum class ReasoningField : std::uint8_t {
        None,
        Effort,          // reasoning_effort
        EnableThinking,  // enable_thinking and thinking_budget
        ThinkingType,    // thinking.type and reasoning_effort
    };
    enum class SystemPosition : std::uint8_t { Any, FirstOnly };
    enum class ContinuedAnswer : std::uint8_t { None, Partial, Plain };
    enum class CacheMarks : std::uint8_t { None, CacheControl, Breakpoint };
    MaxField max_field = MaxField::MaxTokens;
    bool takes_both_limits = false;  // max_tokens means the answer alone, without its reasoning
    ReasoningField reasoning_field = ReasoningField::None;
    bool thinks_by_default = false;
    bool thinks_only_in_streams = false;
    bool answers_only_in_streams = false;
    bool replays_reasoning = false;  // wants `reasoning_content` of earlier turns back
    bool replays_sealed = false;     // … what OpenAI has sealed: Responses do
    bool effort_with_tools = true;
    bool responses_only = false;  // OpenAI: the model has no Chat Completions
    bool takes_stop = true;
    bool takes_sampling = true;  // temperature and top_p other than their defaults
    bool takes_top_k = false;
    bool choice_auto = true;      // tool_choice "auto", said rather than meant
    bool choice_required = true;  // tool_choice "required"
    bool choice_named = true;     // tool_choice of one function
    bool choice_none = true;      // tool_choice "none"
    bool choice_while_thinking = true;
    bool parallel_by_default = true;
    bool strict_tools = false;
    bool json_schema = true;
    bool tool_images = false;  // image parts in a tool message
    bool file_parts = false;
    bool images = true;
    bool audio = true;           // sound in the request, and as the answer
    bool content_arrays = true;  // content as a list of parts
    bool developer_role = false;
    SystemPosition system_position = SystemPosition::Any;
    ContinuedAnswer continued_answer = ContinuedAnswer::None;
    CacheMarks cache_marks = CacheMarks::None;
    std::size_t max_stops = 4;
    std::int64_t max_top_logprobs = 20;
    std::int64_t max_seed = 0;      // a power of two less one; 0: unknown, nothing is cut
    bool one_answer_alone = false;  // `n` neither beside tools nor while thinking
    double min_temperature = 0;
    double max_temperature = 2;
    double min_top_p = 0;
    bool json_object = true;
    bool json_while_thinking = true;
    bool json_word = false;     // json_object wants the word "json" to stand in the messages
    bool custom_tools = false;  // tools of type "custom", whose input is free text
    bool image_detail = true;   // `detail` beside an image's URL
    bool auto_detail = true;    // … of "auto", which a conversion leaves out
    // MiniMax: `reasoning_split` is to be asked for, and earlier reasoning comes back as
    // `reasoning_details`.
    bool reasoning_split = false;
    std::string_view thinking_on = "enabled";        // thinking.type with a budget or an effort
    std::string_view thinking_adaptive = "enabled";  // … where the model is to decide
    std::string_view search_switch{};                // a flag that stands for web_search_options
    std::string_view refused_tool_name{};            // one that the server keeps for itself
    // Names with a blank between them. Values of service_tier; "auto" is left out everywhere.
    std::string_view service_tiers = "default flex scale priority fast";
    // OpenAI's fields that this server lacks: named as lost.
    std::string_view missing_fields{};
    // Fields of the server's own: sent as the caller wrote them.
    std::string_view own_fields{};

    // ---- Gemini's generateContent: `thinking` Budget is thinkingBudget, Adaptive thinkingLevel
    // ----
    std::int64_t min_thinking_budget = 0;
    std::int64_t max_thinking_budget = 0;
    bool format_with_tools = true;  // JSON as the answer beside tools
    // Stands for the signature of a call that another vendor's model has made; empty: none is
    // wanted.
    std::string_view placeholder_signature{};

    friend bool operator==(const ModelTraits&, const ModelTraits&) = default;
};

// Of what a request may need, what such a model can't be asked for, however it is said.
Needs missing_needs(const ModelTraits& traits);

// Whether `names`, with blanks between them, has `name`.
bool has_name(std::string_view names, std::string_view name);

}  // namespace aigw::protocol
