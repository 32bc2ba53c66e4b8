#include <algorithm>
#include <array>

#include "protocol/body_errors.h"
#include "protocol/openai_messages.h"
#include "protocol/openai_request.h"
#include "protocol/request_fields.h"

namespace aigw::protocol {
namespace {

// ---- Tools -----------------------------------------------------------------------------------

Result<Tool> read_tool(JsonValue value, const Place& place) {
    const std::string path = path_of(place);
    if (!value.is_object()) return wrong_kind(path, "an object", value);
    Tool tool{.place = place};
    if (const JsonValue mark = value["cache_control"]; mark.is_object())
        tool.cache = CacheMark{mark["ttl"].text()};
    if (value["type"].is("function") || value["function"].is_object()) {
        TRY(read_function(value["function"], path + ".function", tool));
    } else if (value["type"].is("custom")) {
        tool.kind = ToolKind::Custom;
        const JsonValue custom = value["custom"];
        if (!custom["name"].is_string())
            return wrong_kind(path + ".custom.name", "a string", custom["name"]);
        tool.name = custom["name"].text();
        tool.description = custom["description"].text();
        tool.grammar = custom["format"].raw();
    } else {
        if (!value["type"].is_string())
            return wrong_kind(path + ".type", "a string", value["type"]);
        tool.kind = ToolKind::Vendor;
        tool.type = value["type"].text();
        tool.name = value["name"].text();
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

// The elder form of tools.
Result<void> read_functions(JsonValue functions, ChatRequest& request) {
    if (!functions.is_given()) return {};
    if (!functions.is_array()) return wrong_kind("functions", "an array", functions);
    request.uses_functions = functions.size() > 0;
    for (const JsonValue& value : functions) {
        Tool tool{.place = {.list = Place::List::Tools,
                            .index = static_cast<std::int32_t>(request.tools.size())}};
        TRY(read_function(value, "functions[" + std::to_string(request.tools.size()) + "]", tool));
        request.tools.push_back(std::move(tool));
    }
    return {};
}

Result<std::string> read_tool_name(JsonValue named, const std::string& path) {
    const JsonValue inside = named[named["type"].is("custom") ? "custom" : "function"];
    const JsonValue name = inside.is_object() ? inside["name"] : named["name"];
    if (!name.is_string()) return wrong_kind(path + ".name", "a string", name);
    return name.text();
}

Result<void> read_allowed(JsonValue allowed, ToolChoice& choice) {
    const std::string path = "tool_choice.allowed_tools";
    if (!allowed["tools"].is_array())
        return wrong_kind(path + ".tools", "an array", allowed["tools"]);
    choice.mode = TRY(read_choice_mode(allowed["mode"], path + ".mode"));
    for (const JsonValue& tool : allowed["tools"]) {
        auto name = TRY(
            read_tool_name(tool, path + ".tools[" + std::to_string(choice.allowed.size()) + "]"));
        choice.allowed.push_back(std::move(name));
    }
    return {};
}

Result<void> read_tool_choice(JsonValue value, ToolChoice& choice) {
    if (!value.is_given()) return {};
    if (value["type"].is("allowed_tools")) return read_allowed(value["allowed_tools"], choice);
    if (!value.is_object()) {
        choice.mode = TRY(read_choice_mode(value, "tool_choice"));
        return {};
    }
    choice.name = TRY(read_tool_name(value, "tool_choice"));
    choice.mode = ToolChoice::Mode::Named;
    return {};
}

// ---- What the answer is to be ----------------------------------------------------------------

Result<void> read_format(JsonValue value, ResponseFormat& format) {
    if (!value.is_given() || value["type"].is("text")) return {};
    if (value["type"].is("json_object")) {
        format.kind = ResponseFormat::Kind::JsonObject;
        return {};
    }
    if (!value["type"].is("json_schema"))
        return invalid_field("response_format.type",
                             "must be one of text, json_object, json_schema");
    const JsonValue inside = value["json_schema"];
    const std::string path = "response_format.json_schema";
    if (!inside.is_object()) return wrong_kind(path, "an object", inside);
    if (!inside["schema"].is_object())
        return wrong_kind(path + ".schema", "an object", inside["schema"]);
    format.kind = ResponseFormat::Kind::JsonSchema;
    format.name = inside["name"].text();
    format.description = inside["description"].text();
    format.schema = inside["schema"].raw();
    format.is_strict = inside["strict"].boolean();
    return {};
}

// The fields that have a place of their own in a ChatRequest; all others are extras.
constexpr std::array<std::string_view, 20> kRead = {"model",
                                                    "messages",
                                                    "tools",
                                                    "functions",
                                                    "tool_choice",
                                                    "function_call",
                                                    "max_tokens",
                                                    "temperature",
                                                    "max_completion_tokens",
                                                    "top_p",
                                                    "top_k",
                                                    "stop",
                                                    "stream",
                                                    "stream_options",
                                                    "response_format",
                                                    "reasoning_effort",
                                                    "user",
                                                    "safety_identifier",
                                                    "service_tier",
                                                    "parallel_tool_calls"};

void read_extras(JsonValue body, ChatRequest& request) {
    for (const JsonValue& member : body) {
        if (!member.is_given()) continue;
        const bool is_read =
            std::ranges::any_of(kRead, [&](std::string_view name) { return member.has_key(name); });
        if (!is_read) request.extras.push_back({member.key(), std::string(member.raw())});
    }
}

}  // namespace

Result<ChatRequest> read_openai_request(JsonValue body, Losses& losses) {
    ChatRequest request;
    request.model = body["model"].text();
    request.messages = TRY(read_openai_messages(body["messages"], losses));
    TRY(read_tools(body["tools"], request));
    TRY(read_functions(body["functions"], request));
    const bool has_choice = body["tool_choice"].is_given();
    TRY(read_tool_choice(body[has_choice ? "tool_choice" : "function_call"], request.tool_choice));
    request.parallel_calls = TRY(read_flag(body["parallel_tool_calls"], "parallel_tool_calls"));
    request.max_tokens = TRY(read_limit(body["max_tokens"], "max_tokens"));
    const auto whole = TRY(read_limit(body["max_completion_tokens"], "max_completion_tokens"));
    if (whole) {
        request.max_tokens = whole;
        request.names.max_tokens = "max_completion_tokens";
    }
    TRY(read_sampling(body, request));
    TRY(read_stop(body["stop"], request));
    TRY(read_format(body["response_format"], request.format));
    TRY(read_effort(body["reasoning_effort"], "reasoning_effort", request.reasoning));
    request.service_tier = read_tier(body["service_tier"]);
    request.is_stream = body["stream"].is_true();
    request.wants_usage = body["stream_options"]["include_usage"].is_true();
    read_user(body, request);
    read_extras(body, request);
    return request;
}

}  // namespace aigw::protocol
