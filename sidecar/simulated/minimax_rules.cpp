#include "sidecar/simulated/minimax_rules.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/triggers.h"

namespace aigw::simulated::minimax {
namespace {

// For types, ranges and the echo.
constexpr std::array kChatFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"messages", FieldType::Array},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"max_tokens", FieldType::Integer, 1},
    FieldRule{"max_completion_tokens", FieldType::Integer, 1},
    FieldRule{"temperature", FieldType::Number, 0, 1, Edge::OpenBelow},
    FieldRule{"top_p", FieldType::Number, 0, 1, Edge::OpenBelow},
    FieldRule{"stop"},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice"},
    FieldRule{"response_format", FieldType::Object},
    FieldRule{"reasoning_split", FieldType::Boolean},
    FieldRule{"thinking", FieldType::Object},
    FieldRule{"n", FieldType::Integer, 1, 1},
    FieldRule{"x_echo", FieldType::Boolean},
};

Verdict refuse_fields(const Json& body) {
    const auto problem = find_field_problem(known_fields(body, kChatFields), kChatFields);
    if (!problem) return std::nullopt;
    const std::string value = body[problem->name].dump();
    if (problem->fault == FieldFault::WrongType) {
        return invalid(problem->name + " has the wrong type: " + value);
    }
    const bool is_share = problem->name == "temperature" || problem->name == "top_p";
    const std::string range = is_share ? "in (0, 1]" : problem->name == "n" ? "1" : "at least 1";
    return invalid(problem->name + " must be " + range + ", got " + value);
}

// The deprecated form of tools.
Verdict refuse_functions(const Json& body, const Model&) {
    for (const char* name : {"function_call", "functions"}) {
        if (find_field(body, name) == nullptr) continue;
        return invalid(std::string(name) + " is not supported, use tools");
    }
    return std::nullopt;
}

// Messages.

Verdict refuse_parts(const Json& content, const std::string& at, const Model& model) {
    constexpr std::array<std::string_view, 3> kTypes = {"text", "image_url", "video_url"};
    for (const Json& part : content) {
        const std::string_view type = text_field(part, "type");
        if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
            return invalid(at + " has a part of an unknown type: " + std::string(type));
        }
        if (type == "text") continue;
        if (!model.sees_images) {
            return invalid("model " + std::string(model.id) + " does not take " +
                           std::string(type));
        }
        const Json* media = find_field(part, type);
        if (media != nullptr && !text_field(*media, "url").empty()) continue;
        return invalid(at + " has a part without a url");
    }
    return std::nullopt;
}

Verdict refuse_content(const Json& message, const std::string& at, const Model& model) {
    const Json* content = find_field(message, "content");
    if (content == nullptr) {
        if (find_field(message, "tool_calls") != nullptr) return std::nullopt;
        return invalid(at + " is empty");
    }
    if (content->is_string()) return std::nullopt;
    if (!content->is_array()) return invalid(at + " must be a string or an array");
    return refuse_parts(*content, at, model);
}

// Results answer the calls right before them, each by its id.
class CallLedger {
public:
    Verdict refuse(const Json& message) {
        if (text_field(message, "role") != "tool") {
            known_.clear();
            if (const Json* calls = find_field(message, "tool_calls")) {
                for (const Json& call : *calls) known_.emplace(text_field(call, "id"));
            }
            return std::nullopt;
        }
        if (known_.empty()) return invalid("tool result does not follow a tool call");
        const std::string id(text_field(message, "tool_call_id"));
        if (known_.contains(id)) return std::nullopt;
        return invalid("tool result's tool id(" + id + ") not found");
    }

private:
    std::set<std::string> known_{};
};

Verdict refuse_messages(const Json& body, const Model& model) {
    constexpr std::array<std::string_view, 4> kRoles = {"system", "user", "assistant", "tool"};
    const Json* messages = find_field(body, "messages");
    if (messages == nullptr || messages->empty()) return invalid("messages is empty");
    CallLedger ledger;
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const Json& message = (*messages)[i];
        const std::string at = "messages[" + std::to_string(i) + "]";
        const std::string_view role = text_field(message, "role");
        if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
            return invalid(at + ".role is unknown: " + std::string(role));
        }
        const Json* calls = find_field(message, "tool_calls");
        if (calls != nullptr && (!calls->is_array() || calls->empty())) {
            return invalid(at + ".tool_calls must be a list with at least one call");
        }
        if (auto refusal = refuse_content(message, at + ".content", model)) return refusal;
        if (auto refusal = ledger.refuse(message)) return refusal;
    }
    return std::nullopt;
}

// Tools.

Verdict refuse_tools(const Json& body, const Model&) {
    if (const Json* tools = find_field(body, "tools")) {
        for (const Json& tool : *tools) {
            if (text_field(tool, "type") != "function") {
                return invalid("tools takes only the type function");
            }
            const Json* function = find_field(tool, "function");
            if (function != nullptr && is_function_name(text_field(*function, "name"))) continue;
            return invalid("function name is empty or not of letters, digits, _ and -");
        }
    }
    const Json* choice = find_field(body, "tool_choice");
    if (choice == nullptr || *choice == "none" || *choice == "auto") return std::nullopt;
    return invalid("tool_choice must be none or auto");
}

// Everything else.

Verdict refuse_thinking(const Json& body, const Model& model) {
    const Json* thinking = find_field(body, "thinking");
    if (thinking == nullptr) return std::nullopt;
    const std::string_view type = text_field(*thinking, "type");
    if (type != "disabled" && type != "adaptive") {
        return invalid("thinking.type must be disabled or adaptive");
    }
    if (model.thinking == Thinking::Switched) return std::nullopt;
    if (model.thinking == Thinking::Always && type == "adaptive") return std::nullopt;
    return invalid("model " + std::string(model.id) + " does not take thinking.type " +
                   std::string(type));
}

Verdict refuse_response_format(const Json& body, const Model& model) {
    const Json* format = find_field(body, "response_format");
    if (format == nullptr || text_field(*format, "type") == "text") return std::nullopt;
    if (!model.has_formats) {
        return invalid("model " + std::string(model.id) + " does not take response_format");
    }
    const std::string_view type = text_field(*format, "type");
    if (type == "json_object") return std::nullopt;
    if (type != "json_schema") return invalid("response_format.type is unknown");
    const Json* schema = find_field(*format, "json_schema");
    if (schema != nullptr && is_function_name(text_field(*schema, "name"))) return std::nullopt;
    return invalid("response_format.json_schema has no name");
}

Verdict refuse_prompt(const Json& body, const Model& model) {
    const Prompt prompt = read_prompt(body);
    if (auto refusal = refuse_sensitive(prompt.last_user)) return refusal;
    if (prompt.tokens <= model.context) return std::nullopt;
    return invalid("context window exceeds limit");
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 6> kChatChecks = {
    refuse_functions, refuse_messages,        refuse_tools,
    refuse_thinking,  refuse_response_format, refuse_prompt,
};

}  // namespace

std::span<const FieldRule> chat_fields() {
    return kChatFields;
}

Verdict refuse_model(const Json& body) {
    constexpr std::string_view kCodePrefix = "sim-code-";
    const std::string_view id = text_field(body, "model");
    if (id.empty()) return invalid("model is empty");
    if (id.starts_with(kCodePrefix)) {
        if (auto refusal = find_code(id.substr(kCodePrefix.size()))) return refusal;
    }
    if (find_model(id)) return std::nullopt;
    return invalid("unknown model '" + std::string(id) + "'");
}

Verdict refuse_chat(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body)) return refusal;
    for (const Check check : kChatChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

Verdict refuse_sensitive(std::string_view prompt) {
    if (!find_block_reason(prompt).empty()) return refusal_of(Code::InputSensitive);
    if (!find_finish_reason(prompt).empty()) return refusal_of(Code::OutputSensitive);
    return std::nullopt;
}

bool is_thinking(const Json& body, const Model& model) {
    if (model.thinking != Thinking::Switched) return model.thinking == Thinking::Always;
    const Json* thinking = find_field(body, "thinking");
    return thinking == nullptr || text_field(*thinking, "type") != "disabled";
}

}  // namespace aigw::simulated::minimax
