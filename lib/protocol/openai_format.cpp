#include "protocol/openai_format.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/error_meaning.h"
#include "protocol/json_tree.h"
#include "protocol/strict_schema.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kName = "structured_output";

std::string compact(std::string_view json) {
    std::string out;
    append_compact(out, json);
    return out;
}

// ---- In words --------------------------------------------------------------------------------

bool takes_format(ResponseFormat::Kind kind, const ModelTraits& traits) {
    const bool always_thinks = traits.thinks_by_default && !traits.thinking_can_be_off;
    const bool takes_any = traits.json_while_thinking || !always_thinks;
    switch (kind) {
        case ResponseFormat::Kind::Text:
            return true;
        case ResponseFormat::Kind::JsonObject:
            return takes_any && traits.json_object;
        case ResponseFormat::Kind::JsonSchema:
            return takes_any && traits.json_schema;
    }
    return true;
}

void add_to_system(std::vector<Message>& messages, std::string words) {
    const bool has_system = !messages.empty() && messages.front().role == Role::System;
    if (!has_system) messages.insert(messages.begin(), Message{.role = Role::System});
    messages.front().parts.push_back(text_part(std::move(words)));
}

bool mention_json(const std::vector<Message>& messages) {
    const auto says_it = [](const Part& part) {
        const auto* text = part.as<TextPart>();
        return text != nullptr && mentions(text->text, "json");
    };
    return std::ranges::any_of(messages, [&](const Message& message) {
        return std::ranges::any_of(message.parts, says_it);
    });
}

// ---- As a form -------------------------------------------------------------------------------

bool is_strict(const ResponseFormat& format) {
    if (format.is_strict) return *format.is_strict;
    // Anthropic's callers give no name, and mean what the schema says wherever that can be held to.
    if (!format.name.empty()) return false;
    JsonTree tree;
    const auto schema = tree.parse(format.schema);
    return schema && meets_strict_rules(*schema);
}

void write_schema(const ResponseFormat& format, JsonWriter& json) {
    json.key("response_format");
    json.begin_object();
    json.field("type", "json_schema");
    json.key("json_schema");
    json.begin_object();
    json.field("name", format.name.empty() ? kName : format.name);
    if (!format.description.empty()) json.field("description", format.description);
    json.raw_field("schema", compact(format.schema));
    if (format.is_strict || format.name.empty()) json.boolean_field("strict", is_strict(format));
    json.end_object();
    json.end_object();
}

}  // namespace

void ask_in_words(ChatRequest& request, RequestConversion& to) {
    ResponseFormat& format = request.format;
    if (!takes_format(format.kind, to.traits)) {
        to.losses.add(LossKind::Approximated, request.names.format);
        std::string words = "Answer with one JSON object and nothing else.";
        if (format.kind == ResponseFormat::Kind::JsonSchema)
            words = "Answer with JSON that matches this JSON Schema, and nothing else:\n" +
                    compact(format.schema);
        add_to_system(request.messages, std::move(words));
        const bool takes_objects = takes_format(ResponseFormat::Kind::JsonObject, to.traits);
        format = {.kind = takes_objects ? ResponseFormat::Kind::JsonObject
                                        : ResponseFormat::Kind::Text};
    }
    if (format.kind != ResponseFormat::Kind::JsonObject || !to.traits.json_word) return;
    if (!mention_json(request.messages)) add_to_system(request.messages, "Answer with JSON.");
}

void reconcile_format(const ChatRequest& request, ReasoningChoice& reasoning,
                      RequestConversion& to) {
    const bool is_free = request.format.kind == ResponseFormat::Kind::Text;
    if (is_free || to.traits.json_while_thinking || !is_thinking(reasoning, to.traits)) return;
    if (reasoning.state == ReasoningChoice::State::On)
        to.losses.add(LossKind::Dropped, path_of_reasoning(request));
    reasoning.state = ReasoningChoice::State::Off;
}

void write_openai_format(const ResponseFormat& format, JsonWriter& json) {
    switch (format.kind) {
        case ResponseFormat::Kind::Text:
            return;
        case ResponseFormat::Kind::JsonObject:
            json.raw_field("response_format", R"({"type":"json_object"})");
            return;
        case ResponseFormat::Kind::JsonSchema:
            write_schema(format, json);
            return;
    }
}

}  // namespace aigw::protocol
