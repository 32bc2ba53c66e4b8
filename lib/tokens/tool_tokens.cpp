#include "tokens/tool_tokens.h"

#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::tokens {
namespace {

using protocol::JsonValue;
using protocol::Tool;
using protocol::ToolChoice;
using protocol::ToolKind;

// ---- As functions ------------------------------------------------------------------------------

constexpr std::int64_t kProperties = 3;  // of a function that has any
constexpr std::int64_t kProperty = 3;
constexpr std::int64_t kEnum = -3;
constexpr std::int64_t kEnumValue = 3;

std::string without_dot(std::string text) {
    if (text.ends_with('.')) text.pop_back();
    return text;
}

// A list of types is written as one.
std::string type_of(JsonValue property) {
    const JsonValue type = property["type"];
    if (!type.is_array()) return type.text();
    std::string joined;
    for (const JsonValue& one : type) joined.append(joined.empty() ? "" : "|").append(one.text());
    return joined;
}

void add_properties(JsonValue schema, PromptTally& tally);

void add_property(JsonValue property, PromptTally& tally) {
    tally.add_guess(PromptPart::Tools, kProperty);
    tally.add_text(PromptPart::Tools, property.key() + ":" + type_of(property) + ":" +
                                          without_dot(property["description"].text()));
    const JsonValue values = property["enum"];
    if (values.is_array()) tally.add_guess(PromptPart::Tools, kEnum);
    for (const JsonValue& value : values) {
        tally.add_guess(PromptPart::Tools, kEnumValue);
        tally.add_text(PromptPart::Tools,
                       value.is_string() ? value.text() : std::string(value.raw()));
    }
    add_properties(property, tally);
    add_properties(property["items"], tally);
}

void add_properties(JsonValue schema, PromptTally& tally) {
    for (const JsonValue& property : schema["properties"]) add_property(property, tally);
}

void add_function(const Tool& tool, PromptTally& tally) {
    tally.add_guess(PromptPart::Tools, tally.model().envelope.function);
    tally.add_text(PromptPart::Tools, tool.name + ":" + without_dot(tool.description));
    tally.add_text(PromptPart::Tools, tool.grammar);
    protocol::JsonTree tree;
    const auto schema = tree.parse(tool.parameters);
    if (!schema || (*schema)["properties"].size() == 0) return;
    tally.add_guess(PromptPart::Tools, kProperties);
    add_properties(*schema, tally);
}

// ---- As JSON -----------------------------------------------------------------------------------

std::string json_of(const Tool& tool) {
    std::string out;
    if (tool.kind == ToolKind::Vendor) {
        protocol::append_compact(out, tool.json);
        return out;
    }
    protocol::JsonWriter json(out);
    json.begin_object();
    json.field("name", tool.name);
    if (!tool.description.empty()) json.field("description", tool.description);
    if (!tool.grammar.empty()) json.raw_field("format", tool.grammar);
    if (!tool.parameters.empty()) {
        json.key("input_schema");
        protocol::append_compact(out, tool.parameters);
    }
    json.end_object();
    return out;
}

bool must_call(const ToolChoice& choice) {
    return choice.mode == ToolChoice::Mode::Required || choice.mode == ToolChoice::Mode::Named;
}

}  // namespace

void add_tools(const protocol::ChatRequest& chat, PromptTally& tally) {
    if (chat.tools.empty()) return;
    const Envelope& envelope = tally.model().envelope;
    tally.add_guess(PromptPart::Tools,
                    must_call(chat.tool_choice) ? envelope.forced_tools : envelope.tools_once);
    for (const Tool& tool : chat.tools) {
        if (envelope.tools == Envelope::Tools::Functions && tool.kind != ToolKind::Vendor) {
            add_function(tool, tally);
        } else {
            tally.add_text(PromptPart::Tools, json_of(tool));
        }
    }
}

void add_constraints(const protocol::ChatRequest& chat, PromptTally& tally) {
    if (chat.tool_choice.mode == ToolChoice::Mode::Named) {
        constexpr std::int64_t kForcedChoice = 4;
        tally.add_guess(PromptPart::Tools, kForcedChoice);
        tally.add_text(PromptPart::Tools, chat.tool_choice.name);
    }
    if (chat.format.kind == protocol::ResponseFormat::Kind::JsonSchema) {
        std::string schema;
        protocol::append_compact(schema, chat.format.schema);
        tally.note_guess();
        tally.add_text(PromptPart::Format, schema);
    }
}

}  // namespace aigw::tokens
