#include "protocol/anthropic_tools_reader.h"

#include <string>
#include <utility>

#include "protocol/body_errors.h"

namespace aigw::protocol {
namespace {

// Tools that the caller defines; all others are the vendor's and say so by their type.
bool is_defined_by_caller(JsonValue tool) {
    return !tool["type"].is_given() || tool["type"].is("custom");
}

Result<void> read_definition(JsonValue value, const std::string& path, Tool& tool) {
    if (!value["name"].is_string() || value["name"].is(""))
        return wrong_kind(path + ".name", "a name", value["name"]);
    tool.name = value["name"].text();
    tool.description = value["description"].text();
    tool.is_strict = value["strict"].boolean();
    const JsonValue schema = value["input_schema"];
    if (!schema.is_given()) return {};
    if (!schema.is_object()) return wrong_kind(path + ".input_schema", "an object", schema);
    append_compact(tool.parameters, schema.raw());
    return {};
}

Result<Tool> read_tool(JsonValue value, const std::string& path, const Place& place) {
    if (!value.is_object()) return wrong_kind(path, "an object", value);
    Tool tool{.place = place};
    tool.cache = TRY(read_anthropic_mark(value, path));
    if (is_defined_by_caller(value)) {
        TRY(read_definition(value, path, tool));
        return tool;
    }
    if (!value["type"].is_string()) return wrong_kind(path + ".type", "a string", value["type"]);
    tool.kind = ToolKind::Vendor;
    tool.type = value["type"].text();
    tool.name = value["name"].text();
    append_compact(tool.json, value.raw());
    return tool;
}

Result<ToolChoice::Mode> read_mode(JsonValue type) {
    if (type.is("auto")) return ToolChoice::Mode::Auto;
    if (type.is("any")) return ToolChoice::Mode::Required;
    if (type.is("none")) return ToolChoice::Mode::None;
    if (type.is("tool")) return ToolChoice::Mode::Named;
    return invalid_field("tool_choice.type", "must be one of auto, any, tool, none");
}

}  // namespace

Result<std::optional<CacheMark>> read_anthropic_mark(JsonValue object, std::string_view path) {
    const JsonValue mark = object["cache_control"];
    if (!mark.is_given()) return std::optional<CacheMark>();
    if (!mark.is_object())
        return wrong_kind(path.empty() ? "cache_control" : std::string(path) + ".cache_control",
                          "an object", mark);
    return std::optional(CacheMark{mark["ttl"].text()});
}

Result<std::vector<Tool>> read_anthropic_tools(JsonValue list) {
    std::vector<Tool> tools;
    if (!list.is_given()) return tools;
    if (!list.is_array()) return wrong_kind("tools", "an array", list);
    tools.reserve(list.size());
    for (const JsonValue& value : list) {
        const Place place{.list = Place::List::Tools,
                          .index = static_cast<std::int32_t>(tools.size())};
        auto tool = TRY(read_tool(value, path_of(place), place));
        tools.push_back(std::move(tool));
    }
    return tools;
}

Result<void> read_anthropic_tool_choice(JsonValue value, ChatRequest& request) {
    if (!value.is_given()) return {};
    if (!value.is_object()) return wrong_kind("tool_choice", "an object", value);
    request.tool_choice.mode = TRY(read_mode(value["type"]));
    if (request.tool_choice.mode == ToolChoice::Mode::Named) {
        if (!value["name"].is_string())
            return wrong_kind("tool_choice.name", "a string", value["name"]);
        request.tool_choice.name = value["name"].text();
    }
    const JsonValue disabled = value["disable_parallel_tool_use"];
    if (disabled.is_given() && !disabled.boolean())
        return wrong_kind("tool_choice.disable_parallel_tool_use", "a boolean", disabled);
    if (disabled.is_true()) request.parallel_calls = false;
    return {};
}

ToolChanges::ToolChanges(std::vector<Tool>& tools) : tools_(tools) {
    for (std::size_t i = 0; i < tools.size(); ++i)
        by_name_.emplace(tools[i].name, Entry{.index = i});
}

Result<bool> ToolChanges::follow(JsonValue block, const Place& place) {
    const JsonValue target = block["tool"];
    const bool is_definition = target["type"].is("tool_definition");
    if (!is_definition && !target["type"].is("tool_reference")) return false;
    const std::string name = (is_definition ? target["definition"] : target)["name"].text();
    const auto known = by_name_.find(name);
    const bool is_known = known != by_name_.end();
    const bool is_removal = block["type"].is("tool_removal");
    if (is_known) known->second.is_listed = !is_removal;
    if (is_removal || !is_definition) return is_known;
    auto tool = TRY(read_tool(target["definition"], path_of(place) + ".tool.definition", place));
    if (is_known) {
        tools_[known->second.index] = std::move(tool);
    } else {
        by_name_.emplace(name, Entry{.index = tools_.size()});
        tools_.push_back(std::move(tool));
    }
    return true;
}

void ToolChanges::finish() {
    std::erase_if(tools_, [&](const Tool& tool) {
        const auto known = by_name_.find(tool.name);
        return known != by_name_.end() && !known->second.is_listed;
    });
}

}  // namespace aigw::protocol
