#include "protocol/anthropic_answer.h"

#include <algorithm>

namespace aigw::protocol {
namespace {

struct ReasonName {
    std::string_view name;
    StopReason reason;
};
constexpr ReasonName kReasons[] = {
    {"end_turn", StopReason::EndTurn},
    {"max_tokens", StopReason::MaxTokens},
    {"model_context_window_exceeded", StopReason::ContextWindow},
    {"stop_sequence", StopReason::StopSequence},
    {"tool_use", StopReason::ToolCalls},
    {"refusal", StopReason::Refusal},
    {"pause_turn", StopReason::Pause},
};

// Negative numbers count as absent, and so do such as no answer has: sums of the others fit.
void merge_count(JsonValue value, std::optional<std::int64_t>& count) {
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    const auto number = value.integer();
    if (number && *number >= 0 && *number <= kMost) count = number;
}

std::string_view name_of(StopReason reason) {
    const auto* const known = std::ranges::find(kReasons, reason, &ReasonName::reason);
    return known == std::end(kReasons) ? "end_turn" : known->name;
}

}  // namespace

void AnthropicUsage::merge(JsonValue usage) {
    merge_count(usage["input_tokens"], input_);
    merge_count(usage["cache_read_input_tokens"], cache_read_);
    merge_count(usage["cache_creation_input_tokens"], cache_creation_);
    merge_count(usage["output_tokens"], output_);
    merge_count(usage["output_tokens_details"]["thinking_tokens"], thinking_);
}

std::optional<Usage> AnthropicUsage::usage() const {
    if (!input_ && !cache_read_ && !cache_creation_ && !output_) return std::nullopt;
    const std::int64_t output = output_.value_or(0);
    Usage usage;
    usage.input_tokens = input_.value_or(0);
    usage.cached_input_tokens = cache_read_.value_or(0);
    usage.cache_write_tokens = cache_creation_.value_or(0);
    usage.reasoning_tokens = std::min(thinking_.value_or(0), output);
    usage.output_tokens = output - usage.reasoning_tokens;
    return usage;
}

void merge_anthropic_stop(JsonValue object, Stop& stop) {
    const JsonValue reason = object["stop_reason"];
    if (reason.is_string()) {
        const auto* const known = std::ranges::find_if(
            kReasons, [&](const ReasonName& row) { return reason.is(row.name); });
        stop.reason = known == std::end(kReasons) ? StopReason::Unset : known->reason;
    }
    const JsonValue sequence = object["stop_sequence"];
    if (sequence.is_string()) stop.sequence = sequence.text();
    const JsonValue explanation = object["stop_details"]["explanation"];
    if (explanation.is_string()) stop.explanation = explanation.text();
}

std::optional<WebCitation> read_web_citation(JsonValue citation) {
    const JsonValue url = citation["url"];
    if (!url.is_string()) return std::nullopt;
    return WebCitation{.url = url.text(), .title = citation["title"].text()};
}

std::string url_annotation(const WebCitation& citation, std::size_t begin, std::size_t end) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.field("type", "url_citation");
    json.key("url_citation");
    json.begin_object();
    json.integer_field("start_index", static_cast<std::int64_t>(begin));
    json.integer_field("end_index", static_cast<std::int64_t>(end));
    json.field("url", citation.url);
    json.field("title", citation.title);
    json.end_object();
    json.end_object();
    return out;
}

void append_anthropic_stop(JsonWriter& json, const Stop& stop, const AnswerPlan& plan) {
    const bool has_sequence = stop.reason == StopReason::StopSequence &&
                              std::ranges::find(plan.stop, stop.sequence) != plan.stop.end();
    const bool is_unknown = stop.reason == StopReason::StopSequence && !has_sequence;
    json.field("stop_reason", name_of(is_unknown ? StopReason::EndTurn : stop.reason));
    if (has_sequence) {
        json.field("stop_sequence", stop.sequence);
    } else {
        json.null_field("stop_sequence");
    }
    if (stop.reason != StopReason::Refusal || stop.explanation.empty()) return;
    json.key("stop_details");
    json.begin_object();
    json.field("type", "refusal");
    json.field("explanation", stop.explanation);
    json.end_object();
}

void append_anthropic_usage(JsonWriter& json, const Usage& usage) {
    json.begin_object();
    json.integer_field("input_tokens", usage.input_tokens);
    json.integer_field("cache_creation_input_tokens", usage.cache_write_tokens);
    json.integer_field("cache_read_input_tokens", usage.cached_input_tokens);
    json.integer_field("output_tokens", usage.total_output());
    if (usage.reasoning_tokens > 0) {
        json.key("output_tokens_details");
        json.begin_object();
        json.integer_field("thinking_tokens", usage.reasoning_tokens);
        json.end_object();
    }
    json.end_object();
}

}  // namespace aigw::protocol
