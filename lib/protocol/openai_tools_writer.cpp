#include "protocol/openai_tools_writer.h"

#include <algorithm>
#include <unordered_set>

#include "protocol/anthropic_client_tools.h"
#include "protocol/body_errors.h"
#include "protocol/strict_schema.h"

namespace aigw::protocol {
namespace {

using Mode = ToolChoice::Mode;

constexpr std::string_view kTextInput =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

// ---- Which tools -----------------------------------------------------------------------------

// A tool that takes free text, for a server that knows functions only.
void become_function(Tool& tool, RequestConversion& to) {
    to.plan.custom_tools.push_back(tool.name);
    if (!tool.grammar.empty()) {
        if (!tool.description.empty()) tool.description.push_back('\n');
        tool.description.append("The input has this format: ").append(tool.grammar);
        to.losses.add(LossKind::Approximated, tool.place);
    }
    tool.kind = ToolKind::Function;
    tool.parameters = kTextInput;
}

// Whether the tool can be sent at all.
bool adapt(Tool& tool, RequestConversion& to) {
    if (tool.kind == ToolKind::Custom && !to.traits.custom_tools) become_function(tool, to);
    if (tool.kind != ToolKind::Vendor) return true;
    const ClientTool* known = find_client_tool(tool.type);
    if (known == nullptr) {
        to.losses.add(LossKind::Dropped, tool.place);
        return false;
    }
    to.losses.add(LossKind::Approximated, tool.place);
    tool.kind = ToolKind::Function;
    tool.description = known->description;
    tool.parameters = known->parameters;
    return true;
}

void keep_allowed(std::vector<Tool>& tools, const ToolChoice& choice, Losses& losses) {
    if (choice.allowed.empty()) return;
    const std::unordered_set<std::string_view> allowed(choice.allowed.begin(),
                                                       choice.allowed.end());
    const std::size_t gone =
        std::erase_if(tools, [&](const Tool& tool) { return !allowed.contains(tool.name); });
    if (gone > 0) losses.add(LossKind::Rewritten, "tools");
}

// ---- The choice ------------------------------------------------------------------------------

ToolChoice only(const Tool& tool) {
    return {.mode = Mode::Named, .name = tool.name};
}

// The choice in the words that the server knows.
ToolChoice choice_for(const ToolPlan& plan, RequestConversion& to) {
    const ToolChoice& asked = plan.choice;
    const ModelTraits& traits = to.traits;
    switch (asked.mode) {
        case Mode::Unset:
        case Mode::Auto:
            return {};
        case Mode::None:
            if (traits.choice_none) return {.mode = Mode::None};
            break;
        case Mode::Required:
            if (traits.choice_required) return {.mode = Mode::Required};
            if (traits.choice_named && plan.tools.size() == 1) return only(plan.tools.front());
            break;
        case Mode::Named:
            if (traits.choice_named) return {.mode = Mode::Named, .name = asked.name};
            break;
    }
    to.losses.add(LossKind::Approximated, "tool_choice");
    const bool is_forced = asked.mode == Mode::Named && traits.choice_required;
    return {.mode = is_forced ? Mode::Required : Mode::Unset};
}

bool has_tool(const std::vector<Tool>& tools, std::string_view name) {
    return std::ranges::any_of(tools, [&](const Tool& tool) { return tool.name == name; });
}

// ---- Writing ---------------------------------------------------------------------------------

class ToolWriter {
public:
    ToolWriter(RequestConversion& to, JsonWriter& json) : to_(to), json_(json) {}

    void write(const Tool& tool) {
        const bool is_custom = tool.kind == ToolKind::Custom;
        json_.begin_object();
        json_.field("type", is_custom ? "custom" : "function");
        json_.key(is_custom ? "custom" : "function");
        json_.begin_object();
        json_.field("name", tool.name);
        if (!tool.description.empty()) json_.field("description", tool.description);
        if (!is_custom) write_function(tool);
        if (is_custom && !tool.grammar.empty()) json_.raw_field("format", compact(tool.grammar));
        json_.end_object();
        json_.end_object();
    }

private:
    static std::string compact(std::string_view value) {
        std::string out;
        append_compact(out, value);
        return out;
    }

    void write_function(const Tool& tool) {
        const JsonValue schema = read_schema(tool.parameters);
        std::string parameters;
        append_tool_schema(parameters, schema);
        json_.raw_field("parameters", parameters);
        if (!tool.is_strict.value_or(false)) return;
        if (to_.traits.strict_tools && meets_strict_rules(schema)) {
            json_.boolean_field("strict", true);
        } else {
            to_.losses.add(LossKind::Dropped, path_of(tool.place) + ".strict");
        }
    }

    JsonValue read_schema(const std::string& text) {
        if (text.empty()) return {};
        const auto schema = tree_.parse(text);
        return schema ? *schema : JsonValue();
    }

    RequestConversion& to_;
    JsonWriter& json_;
    JsonTree tree_;
};

void write_named(const ToolPlan& plan, JsonWriter& json) {
    const auto tool = std::ranges::find(plan.tools, plan.choice.name, &Tool::name);
    const bool is_custom = tool != plan.tools.end() && tool->kind == ToolKind::Custom;
    json.key("tool_choice");
    json.begin_object();
    json.field("type", is_custom ? "custom" : "function");
    json.key(is_custom ? "custom" : "function");
    json.begin_object();
    json.field("name", plan.choice.name);
    json.end_object();
    json.end_object();
}

void write_choice(const ToolPlan& plan, JsonWriter& json) {
    switch (plan.choice.mode) {
        case Mode::Unset:
        case Mode::Auto:
            return;
        case Mode::None:
            json.field("tool_choice", "none");
            return;
        case Mode::Required:
            json.field("tool_choice", "required");
            return;
        case Mode::Named:
            write_named(plan, json);
            return;
    }
}

void write_parallel(const ChatRequest& request, RequestConversion& to, JsonWriter& json) {
    const bool is_parallel = request.parallel_calls.value_or(true);
    if (is_parallel && to.traits.parallel_by_default) return;
    if (!has_name(to.traits.missing_fields, "parallel_tool_calls")) {
        json.boolean_field("parallel_tool_calls", is_parallel);
    } else if (!is_parallel) {
        to.losses.add(LossKind::Dropped, request.names.parallel_calls);
    }
}

}  // namespace

Result<ToolPlan> plan_openai_tools(ChatRequest& request, RequestConversion& to) {
    ToolPlan plan{.tools = std::move(request.tools), .choice = request.tool_choice};
    const bool is_named = plan.choice.mode == Mode::Named;
    if (plan.choice.mode == Mode::Required && plan.tools.empty())
        return invalid_field("tool_choice", "asks for a call, but there are no tools");
    if (is_named && !has_tool(plan.tools, plan.choice.name))
        return invalid_field("tool_choice", "names a tool that is not among the tools");
    keep_allowed(plan.tools, plan.choice, to.losses);
    std::erase_if(plan.tools, [&](Tool& tool) { return !adapt(tool, to); });
    if (plan.tools.empty()) {
        plan.choice = {};
    } else if (is_named && !has_tool(plan.tools, plan.choice.name)) {
        to.losses.add(LossKind::Approximated, "tool_choice");
        plan.choice = {};
    } else {
        plan.choice = choice_for(plan, to);
    }
    return plan;
}

void reconcile(ToolPlan& plan, ReasoningChoice& reasoning, RequestConversion& to) {
    const bool is_forced = plan.choice.mode == Mode::Required || plan.choice.mode == Mode::Named;
    if (!is_forced || to.traits.choice_while_thinking || !is_thinking(reasoning, to.traits)) return;
    const bool is_asked = reasoning.state == ReasoningChoice::State::On;
    if (!is_asked && to.traits.thinking_can_be_off) {
        reasoning.state = ReasoningChoice::State::Off;
        return;
    }
    to.losses.add(LossKind::Approximated, "tool_choice");
    plan.choice = {};
}

void write_openai_tools(const ToolPlan& plan, const ChatRequest& request, RequestConversion& to,
                        JsonWriter& json) {
    if (plan.tools.empty()) return;
    json.key("tools");
    json.begin_array();
    ToolWriter writer(to, json);
    for (const Tool& tool : plan.tools) writer.write(tool);
    json.end_array();
    write_choice(plan, json);
    write_parallel(request, to, json);
}

}  // namespace aigw::protocol
