#include "protocol/openai_answer.h"

#include <algorithm>
#include <limits>

namespace aigw::protocol {
namespace {

constexpr std::string_view kDeclined = "The model declined to answer.";

// Vendors' numbers may be anything: a sum that does not fit stays at the largest.
std::int64_t sum_of(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return a > kMost - b ? kMost : a + b;
}

StopReason reason_of(JsonValue finish) {
    if (finish.is("stop")) return StopReason::EndTurn;
    if (finish.is("length")) return StopReason::MaxTokens;
    if (finish.is("tool_calls") || finish.is("function_call")) return StopReason::ToolCalls;
    if (finish.is("content_filter")) return StopReason::Refusal;
    return StopReason::Unset;
}

}  // namespace

void read_openai_reasoning(JsonValue message, std::string& out) {
    out.clear();
    message["reasoning_content"].append_text(out);
    if (out.empty()) message["reasoning"].append_text(out);
    if (!out.empty()) return;
    const JsonValue details = message["reasoning_details"];
    if (!details.is_array()) return;
    for (const JsonValue& detail : details) detail["text"].append_text(out);
}

std::vector<Part> read_thinking_blocks(JsonValue message) {
    std::vector<Part> parts;
    const JsonValue blocks = message["thinking_blocks"];
    if (!blocks.is_array()) return parts;
    for (const JsonValue& block : blocks) {
        if (block["type"].is("thinking")) {
            parts.push_back({.value = ThinkingPart{.text = block["thinking"].text(),
                                                   .signature = block["signature"].text()}});
        } else if (block["type"].is("redacted_thinking")) {
            parts.push_back({.value = RedactedThinkingPart{.data = block["data"].text()}});
        }
    }
    return parts;
}

void read_openai_content(JsonValue message, std::string& out) {
    out.clear();
    const JsonValue content = message["content"];
    content.append_text(out);
    if (!content.is_array()) return;
    for (const JsonValue& part : content) {
        part.append_text(out);
        part["text"].append_text(out);
    }
}

void read_openai_logprobs(JsonValue choice, std::string& out) {
    out.clear();
    const JsonValue tokens = choice["logprobs"]["content"];
    if (!tokens.is_array()) return;
    for (const JsonValue& token : tokens) {
        if (!token.is_object()) continue;
        if (!out.empty()) out.push_back(',');
        append_compact(out, token.raw());
    }
}

void append_openai_logprobs(std::string& out, std::string_view tokens) {
    out.append(R"({"content":[)").append(tokens).append(R"(],"refusal":null})");
}

void read_openai_refusal(JsonValue message, std::string& out) {
    out.clear();
    message["refusal"].append_text(out);
    const JsonValue content = message["content"];
    if (!content.is_array()) return;
    for (const JsonValue& part : content) part["refusal"].append_text(out);
}

// vLLM names the sequence in `stop_reason` (a number there is a token), SGLang in `matched_stop`.
Stop read_openai_stop(JsonValue choice) {
    Stop stop{.reason = reason_of(choice["finish_reason"])};
    if (stop.reason != StopReason::EndTurn) return stop;
    stop.sequence = choice["stop_reason"].text();
    if (stop.sequence.empty()) stop.sequence = choice["matched_stop"].text();
    if (!stop.sequence.empty()) stop.reason = StopReason::StopSequence;
    return stop;
}

Stop refused_stop(Stop stop, std::string_view refusal) {
    if (refusal.empty()) return stop;
    return {.reason = StopReason::Refusal, .explanation = std::string(refusal)};
}

bool needs_thinking_blocks(const std::vector<Part>& parts) {
    return std::ranges::any_of(parts, [](const Part& part) {
        const auto* thinking = part.as<ThinkingPart>();
        return part.is<RedactedThinkingPart>() ||
               (thinking != nullptr && !thinking->signature.empty());
    });
}

void append_thinking_blocks(JsonWriter& json, const std::vector<Part>& parts) {
    json.begin_array();
    for (const Part& part : parts) {
        if (const auto* thinking = part.as<ThinkingPart>()) {
            json.begin_object();
            json.field("type", "thinking");
            json.field("thinking", thinking->text);
            json.field("signature", thinking->signature);
            json.end_object();
        } else if (const auto* redacted = part.as<RedactedThinkingPart>()) {
            json.begin_object();
            json.field("type", "redacted_thinking");
            json.field("data", redacted->data);
            json.end_object();
        }
    }
    json.end_array();
}

std::string_view refusal_text(const Stop& stop, std::string_view refusal) {
    if (!refusal.empty() || stop.reason != StopReason::Refusal) return refusal;
    return stop.explanation.empty() ? kDeclined : std::string_view(stop.explanation);
}

std::string_view finish_reason(const Stop& stop, const AnswerPlan& plan) {
    switch (stop.reason) {
        case StopReason::Unset:
        case StopReason::EndTurn:
        case StopReason::StopSequence:
        case StopReason::Pause:
            return "stop";
        case StopReason::MaxTokens:
        case StopReason::ContextWindow:
            return "length";
        case StopReason::ToolCalls:
            return plan.uses_functions ? "function_call" : "tool_calls";
        case StopReason::Refusal:
            return "content_filter";
    }
    return "stop";
}

std::string_view stop_reason_extension(const Stop& stop) {
    if (stop.reason == StopReason::Pause) return "pause_turn";
    if (stop.reason == StopReason::StopSequence) return stop.sequence;
    return {};
}

void append_openai_usage(JsonWriter& json, const Usage& usage) {
    const std::int64_t prompt = usage.total_input();
    const std::int64_t completion = usage.total_output();
    json.begin_object();
    json.integer_field("prompt_tokens", prompt);
    json.integer_field("completion_tokens", completion);
    json.integer_field("total_tokens", sum_of(prompt, completion));
    json.key("prompt_tokens_details");
    json.begin_object();
    json.integer_field("cached_tokens", usage.cached_input_tokens);
    json.integer_field("cache_write_tokens", usage.cache_write_tokens);
    json.end_object();
    if (usage.reasoning_tokens > 0) {
        json.key("completion_tokens_details");
        json.begin_object();
        json.integer_field("reasoning_tokens", usage.reasoning_tokens);
        json.end_object();
    }
    json.end_object();
}

std::string_view openai_service_tier(std::string_view tier) {
    if (tier == "standard") return "default";
    return tier == "batch" ? std::string_view() : tier;
}

}  // namespace aigw::protocol
