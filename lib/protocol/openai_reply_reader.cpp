#include "protocol/answer_ids.h"
#include "protocol/call_arguments.h"
#include "protocol/openai_answer.h"
#include "protocol/openai_reply.h"
#include "protocol/reply_usage.h"

namespace aigw::protocol {
namespace {

// Either the blocks as they are, or what is known of them.
void add_thinking(JsonValue message, std::vector<Part>& parts) {
    parts = read_thinking_blocks(message);
    if (!parts.empty()) return;
    ThinkingPart thinking;
    read_openai_reasoning(message, thinking.text);
    if (!thinking.text.empty()) parts.push_back({.value = std::move(thinking)});
}

void add_content(JsonValue message, std::vector<Part>& parts) {
    TextPart text;
    read_openai_content(message, text.text);
    if (!text.text.empty()) parts.push_back({.value = std::move(text)});
}

CallPart read_call(JsonValue call) {
    const bool is_custom = call["type"].is("custom") || call["custom"].is_object();
    const JsonValue inside = call[is_custom ? "custom" : "function"];
    return {.id = call["id"].text(),
            .name = inside["name"].text(),
            .arguments = is_custom ? inside["input"].text() : arguments_object(inside["arguments"]),
            .is_custom = is_custom,
            .signature = call["extra_content"]["google"]["thought_signature"].text()};
}

// A call with neither name nor arguments is none.
void add_call(CallPart call, std::string_view answer_id, std::size_t position,
              std::vector<Part>& parts) {
    const bool is_empty = is_blank(call.arguments) || call.arguments == "{}";
    if (call.name.empty() && is_empty) return;
    if (call.id.empty()) call.id = made_call_id(answer_id, position);
    if (call.name.empty()) call.name = made_call_name(position);
    parts.push_back({.value = std::move(call)});
}

void add_calls(JsonValue message, std::string_view answer_id, std::vector<Part>& parts) {
    std::size_t position = 0;
    const JsonValue calls = message["tool_calls"];
    if (calls.is_array()) {
        for (const JsonValue& call : calls) add_call(read_call(call), answer_id, position++, parts);
    }
    const JsonValue function = message["function_call"];
    if (!function.is_object()) return;
    add_call(
        {.name = function["name"].text(), .arguments = arguments_object(function["arguments"])},
        answer_id, position, parts);
}

std::vector<std::string> read_annotations(JsonValue message) {
    std::vector<std::string> annotations;
    const JsonValue list = message["annotations"];
    if (!list.is_array()) return annotations;
    for (const JsonValue& annotation : list) {
        if (annotation.is_object()) append_compact(annotations.emplace_back(), annotation.raw());
    }
    return annotations;
}

}  // namespace

Result<ChatReply> read_openai_reply(JsonValue body) {
    const JsonValue choices = body["choices"];
    if (!choices.is_array() || choices.size() == 0)
        return Error{ErrorCode::UpstreamInvalid, "the upstream's answer has no choice in it"};
    const JsonValue choice = *choices.begin();
    const JsonValue message = choice["message"];
    ChatReply reply{.id = body["id"].text(), .model = body["model"].text()};
    add_thinking(message, reply.parts);
    add_content(message, reply.parts);
    add_calls(message, reply.id, reply.parts);
    read_openai_refusal(message, reply.refusal);
    reply.annotations = read_annotations(message);
    read_openai_logprobs(choice, reply.logprobs);
    reply.stop = refused_stop(read_openai_stop(choice), reply.refusal);
    reply.usage = read_usage_object(body["usage"].raw());
    reply.service_tier = body["service_tier"].text();
    return reply;
}

}  // namespace aigw::protocol
