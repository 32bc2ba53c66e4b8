#include "sidecar/simulated/openai_tools.h"

#include <nlohmann/json.hpp>
#include <string>

namespace aigw::simulated::openai {
namespace {

Verdict refuse_tool(const Json& tool, const std::string& at) {
    if (!tool.is_object()) return wrong_type(at, "an object", tool);
    const std::string type(text_field(tool, "type"));
    if (type.empty()) return missing(at + ".type");
    if (type != "function" && type != "custom") {
        return unsupported_choice(at + ".type", type, {"function", "custom"});
    }
    const Json* inner = find_field(tool, type);
    if (inner == nullptr) return missing(at + "." + type);
    if (!inner->is_object()) return wrong_type(at + "." + type, "an object", *inner);
    const std::string name_at = at + "." + type + ".name";
    if (find_field(*inner, "name") == nullptr) return missing(name_at);
    if (!is_function_name(text_field(*inner, "name"))) {
        return invalid(name_at, "invalid_value",
                       "Invalid '" + name_at +
                           "': string does not match pattern. Expected a string that matches the "
                           "pattern '^[a-zA-Z0-9_-]+$'.");
    }
    const Json* parameters = find_field(*inner, "parameters");
    if (parameters != nullptr && !parameters->is_object()) {
        return wrong_type(at + ".function.parameters", "an object", *parameters);
    }
    return std::nullopt;
}

Verdict refuse_tool_choice(const Json& body) {
    const Json& choice = body["tool_choice"];
    if (choice.is_string()) {
        const std::string_view value = text_field(body, "tool_choice");
        if (value == "none" || value == "auto" || value == "required") return std::nullopt;
        return unsupported_choice("tool_choice", value, {"none", "auto", "required"});
    }
    if (!choice.is_object()) return wrong_type("tool_choice", "one of a string or object", choice);
    const std::string type(text_field(choice, "type"));
    if (type == "allowed_tools") return std::nullopt;
    if (type != "function" && type != "custom") {
        return unsupported_choice("tool_choice.type", type,
                                  {"function", "allowed_tools", "custom"});
    }
    const Json* named = find_field(choice, type);
    if (named == nullptr) return missing("tool_choice." + type);
    const std::string_view name = text_field(*named, "name");
    for (const Json& tool : body["tools"]) {
        if (text_field(tool[text_field(tool, "type")], "name") == name) return std::nullopt;
    }
    return invalid("tool_choice", "",
                   "Invalid value for 'tool_choice': no tool named '" + std::string(name) +
                       "' was specified in the 'tools' parameter.");
}

}  // namespace

Verdict refuse_tools(const Json& body, const Model&) {
    const Json* tools = find_field(body, "tools");
    if (tools == nullptr || tools->empty()) {
        if (tools != nullptr) {
            return invalid("tools", "empty_array",
                           "Invalid 'tools': empty array. Expected an array with minimum length 1, "
                           "but got an empty array instead.");
        }
        for (const std::string name : {"tool_choice", "parallel_tool_calls"}) {
            if (find_field(body, name) == nullptr) continue;
            return invalid(name, "",
                           "Invalid value for '" + name + "': '" + name +
                               "' is only allowed when 'tools' are specified.");
        }
        return std::nullopt;
    }
    for (std::size_t i = 0; i < tools->size(); ++i) {
        if (auto refusal = refuse_tool((*tools)[i], "tools[" + std::to_string(i) + "]")) {
            return refusal;
        }
    }
    return find_field(body, "tool_choice") == nullptr ? std::nullopt : refuse_tool_choice(body);
}

Verdict refuse_functions(const Json& body, const Model&) {
    const Json* functions = find_field(body, "functions");
    if (functions == nullptr) {
        if (find_field(body, "function_call") == nullptr) return std::nullopt;
        return invalid("function_call", "",
                       "Invalid value for 'function_call': 'function_call' is only allowed when "
                       "'functions' are specified.");
    }
    for (std::size_t i = 0; i < functions->size(); ++i) {
        const std::string at = "functions[" + std::to_string(i) + "]";
        if (!(*functions)[i].is_object()) return wrong_type(at, "an object", (*functions)[i]);
        if (!is_function_name(text_field((*functions)[i], "name"))) return missing(at + ".name");
    }
    return std::nullopt;
}

}  // namespace aigw::simulated::openai
