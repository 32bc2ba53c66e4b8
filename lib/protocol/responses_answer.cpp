#include "protocol/responses_answer.h"

#include <limits>

#include "protocol/json_tree.h"
#include "protocol/openai_answer.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kLimit = "max_output_tokens";
constexpr std::string_view kFilter = "content_filter";

std::string_view name_of(ItemStatus status) {
    switch (status) {
        case ItemStatus::InProgress:
            return "in_progress";
        case ItemStatus::Completed:
            return "completed";
        case ItemStatus::Incomplete:
            return "incomplete";
    }
    return "";
}

// ---- Items -----------------------------------------------------------------------------------

void append_reasoning(JsonWriter& json, const ResponseItem& item, bool is_begun) {
    json.field("type", "reasoning");
    json.key("summary");
    json.begin_array();
    if (!is_begun && !item.thoughts.empty()) append_summary(json, item.thoughts);
    json.end_array();
    if (!is_begun && !item.sealed.empty()) json.field("encrypted_content", item.sealed);
}

void append_message(JsonWriter& json, const ResponseItem& item, bool is_begun) {
    json.field("type", "message");
    json.field("role", "assistant");
    json.key("content");
    json.begin_array();
    if (!is_begun) {
        for (const ResponseText& text : item.texts) append_response_text(json, text);
    }
    json.end_array();
}

void append_call(JsonWriter& json, const ResponseItem& item, bool is_begun) {
    const CallPart& call = item.call;
    json.field("type", call.is_custom ? "custom_tool_call" : "function_call");
    json.field("call_id", call.id);
    json.field("name", call.name);
    json.field(call.is_custom ? "input" : "arguments",
               is_begun ? std::string_view() : std::string_view(call.arguments));
    if (call.signature.empty()) return;
    // Gemini's, which wants it back.
    json.key("extra_content");
    json.begin_object();
    json.key("google");
    json.begin_object();
    json.field("thought_signature", call.signature);
    json.end_object();
    json.end_object();
}

void append_item(JsonWriter& json, const ResponseItem& item, ItemStatus status) {
    const bool is_begun = status == ItemStatus::InProgress;
    json.begin_object();
    json.field("id", item.id);
    switch (item.kind) {
        case ResponseItem::Kind::Reasoning:
            append_reasoning(json, item, is_begun);
            break;
        case ResponseItem::Kind::Message:
            json.field("status", name_of(status));
            append_message(json, item, is_begun);
            break;
        case ResponseItem::Kind::Call:
            json.field("status", name_of(status));
            append_call(json, item, is_begun);
            break;
    }
    json.end_object();
}

// ---- The object ------------------------------------------------------------------------------

// Vendors' numbers may be anything: a sum that does not fit stays at the largest.
std::int64_t sum_of(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return a > kMost - b ? kMost : a + b;
}

void append_head(JsonWriter& json, const ResponseFrame& frame, std::string_view status) {
    json.field("id", frame.id);
    json.field("object", "response");
    json.integer_field("created_at", frame.plan.created);
    json.field("status", status);
    json.null_field("error");
    json.field("model", frame.plan.model.empty() ? frame.model : frame.plan.model);
    const std::string_view tier = openai_service_tier(frame.service_tier);
    if (!tier.empty()) json.field("service_tier", tier);
    // Its members, which bring their names.
    if (!frame.plan.echo.empty()) json.raw(frame.plan.echo);
}

void append_reason(JsonWriter& json, std::string_view reason) {
    if (reason.empty()) {
        json.null_field("incomplete_details");
        return;
    }
    json.key("incomplete_details");
    json.begin_object();
    json.field("reason", reason);
    json.end_object();
}

}  // namespace

void append_response_item(JsonWriter& json, const ResponseItem& item, ItemStatus status) {
    append_item(json, item, status);
}

void append_begun_item(JsonWriter& json, const ResponseItem& item) {
    append_item(json, item, ItemStatus::InProgress);
}

void append_response_text(JsonWriter& json, const ResponseText& text) {
    json.begin_object();
    if (text.is_refusal) {
        json.field("type", "refusal");
        json.field("refusal", text.text);
        json.end_object();
        return;
    }
    json.field("type", "output_text");
    json.field("text", text.text);
    json.key("annotations");
    json.begin_array();
    for (const std::string& annotation : text.annotations) json.raw(annotation);
    json.end_array();
    json.raw_field("logprobs", "[]");
    json.end_object();
}

void append_summary(JsonWriter& json, std::string_view thoughts) {
    json.begin_object();
    json.field("type", "summary_text");
    json.field("text", thoughts);
    json.end_object();
}

ResponseText* find_text(std::span<ResponseItem> items, std::optional<std::size_t> character) {
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        for (auto text = item->texts.rbegin(); text != item->texts.rend(); ++text) {
            if (!text->is_refusal && text->begin <= character.value_or(text->begin)) return &*text;
        }
    }
    return nullptr;
}

ResponseEnd end_of(const Stop& stop, bool is_refused_in_words) {
    switch (stop.reason) {
        case StopReason::MaxTokens:
        case StopReason::ContextWindow:
            return {.status = "incomplete", .incomplete = kLimit};
        case StopReason::Refusal:
            if (is_refused_in_words) return {};
            return {.status = "incomplete", .incomplete = kFilter};
        case StopReason::Unset:
        case StopReason::EndTurn:
        case StopReason::StopSequence:
        case StopReason::ToolCalls:
        case StopReason::Pause:
            return {};
    }
    return {};
}

void append_begun_response(JsonWriter& json, const ResponseFrame& frame) {
    json.begin_object();
    append_head(json, frame, "in_progress");
    append_reason(json, {});
    json.raw_field("output", "[]");
    json.null_field("usage");
    json.end_object();
}

// What was cut off is the last item.
void append_response(JsonWriter& json, const ResponseFrame& frame, const ResponseEnd& end,
                     std::span<const ResponseItem> output, const Usage& usage) {
    json.begin_object();
    append_head(json, frame, end.status);
    append_reason(json, end.incomplete);
    json.key("output");
    json.begin_array();
    for (const ResponseItem& item : output) {
        const bool is_cut = !end.incomplete.empty() && &item == &output.back();
        append_response_item(json, item, is_cut ? ItemStatus::Incomplete : ItemStatus::Completed);
    }
    json.end_array();
    json.key("usage");
    append_responses_usage(json, usage);
    json.end_object();
}

void append_responses_usage(JsonWriter& json, const Usage& usage) {
    const std::int64_t input = usage.total_input();
    const std::int64_t output = usage.total_output();
    json.begin_object();
    json.integer_field("input_tokens", input);
    json.key("input_tokens_details");
    json.begin_object();
    json.integer_field("cached_tokens", usage.cached_input_tokens);
    json.integer_field("cache_write_tokens", usage.cache_write_tokens);
    json.end_object();
    json.integer_field("output_tokens", output);
    json.key("output_tokens_details");
    json.begin_object();
    json.integer_field("reasoning_tokens", usage.reasoning_tokens);
    json.end_object();
    json.integer_field("total_tokens", sum_of(input, output));
    json.end_object();
}

}  // namespace aigw::protocol
