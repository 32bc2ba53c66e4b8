#include "protocol/responses_tools_reader.h"

#include <string>
#include <utility>

#include "protocol/body_errors.h"
#include "protocol/json_writer.h"
#include "protocol/request_fields.h"

namespace aigw::protocol {
namespace {

// A custom tool's format as Chat Completions has it; empty for plain text.
std::string read_grammar(JsonValue format) {
    std::string out;
    if (!format["type"].is("grammar")) return out;
    JsonWriter json(out);
    json.begin_object();
    json.field("type", "grammar");
    json.key("grammar");
    json.begin_object();
    json.field("syntax", format["syntax"].text());
    json.field("definition", format["definition"].text());
    json.end_object();
    json.end_object();
    return out;
}

Result<Tool> read_tool(JsonValue value, const Place& place) {
    const std::string path = path_of(place);
    if (!value.is_object()) return wrong_kind(path, "an object", value);
    if (!value["type"].is_string()) return wrong_kind(path + ".type", "a string", value["type"]);
    Tool tool{.place = place};
    if (value["type"].is("function")) {
        TRY(read_function(value, path, tool));
    } else if (value["type"].is("custom")) {
        tool.kind = ToolKind::Custom;
        if (!value["name"].is_string())
            return wrong_kind(path + ".name", "a string", value["name"]);
        tool.name = value["name"].text();
        tool.description = value["description"].text();
        tool.grammar = read_grammar(value["format"]);
    } else {
        tool.kind = ToolKind::Vendor;
        tool.type = value["type"].text();
        tool.name = tool.type;
        tool.json = value.raw();
    }
    return tool;
}

Result<void> read_tools(JsonValue tools, ChatRequest& request) {
    if (!tools.is_given()) return {};
    if (!tools.is_array()) return wrong_kind("tools", "an array", tools);
    for (const JsonValue& value : tools) {
        const Place place{.list = Place::List::Tools,
                          .index = static_cast<std::int32_t>(request.tools.size())};
        auto tool = TRY(read_tool(value, place));
        request.tools.push_back(std::move(tool));
    }
    return {};
}

bool is_callers(JsonValue named) {
    return named["type"].is("function") || named["type"].is("custom");
}

Result<void> read_allowed(JsonValue value, ToolChoice& choice) {
    const JsonValue tools = value["tools"];
    if (!tools.is_array()) return wrong_kind("tool_choice.tools", "an array", tools);
    choice.mode = TRY(read_choice_mode(value["mode"], "tool_choice.mode"));
    std::size_t index = 0;
    for (const JsonValue& tool : tools) {
        const std::string path = "tool_choice.tools[" + std::to_string(index++) + "]";
        // A tool of the vendor's goes by its type.
        const JsonValue name = is_callers(tool) ? tool["name"] : tool["type"];
        if (!name.is_string()) return wrong_kind(path + ".name", "a string", name);
        choice.allowed.push_back(name.text());
    }
    return {};
}

Result<void> read_choice(JsonValue value, ToolChoice& choice, Losses& losses) {
    if (!value.is_given()) return {};
    if (!value.is_object()) {
        choice.mode = TRY(read_choice_mode(value, "tool_choice"));
        return {};
    }
    if (value["type"].is("allowed_tools")) return read_allowed(value, choice);
    if (!value["type"].is_string())
        return wrong_kind("tool_choice.type", "a string", value["type"]);
    if (!is_callers(value)) {
        losses.add(LossKind::Dropped, "tool_choice");
        return {};
    }
    if (!value["name"].is_string())
        return wrong_kind("tool_choice.name", "a string", value["name"]);
    choice.name = value["name"].text();
    choice.mode = ToolChoice::Mode::Named;
    return {};
}

}  // namespace

Result<void> read_responses_tools(JsonValue body, ChatRequest& request, Losses& losses) {
    TRY(read_tools(body["tools"], request));
    return read_choice(body["tool_choice"], request.tool_choice, losses);
}

}  // namespace aigw::protocol
