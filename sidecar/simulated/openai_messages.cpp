#include "sidecar/simulated/openai_messages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sidecar/simulated/chat.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::array<std::string_view, 6> kRoles = {"system",   "assistant", "user",
                                                    "function", "tool",      "developer"};

Verdict refuse_part(const Json& part, const std::string& at, std::string_view role) {
    if (!part.is_object()) return wrong_type(at, "an object", part);
    const std::string_view type = text_field(part, "type");
    if (type.empty()) return missing(at + ".type");
    std::vector<std::string_view> allowed = {"text"};
    if (role == "user") allowed = {"text", "image_url", "input_audio", "file"};
    if (role == "assistant") allowed = {"text", "refusal"};
    if (std::find(allowed.begin(), allowed.end(), type) == allowed.end()) {
        return unsupported_choice(at, type, allowed);
    }
    const Json* content = find_field(part, type);
    if (content == nullptr) return missing(at + "." + std::string(type));
    const bool is_text = type == "text" || type == "refusal";
    if (is_text != content->is_string()) {
        return wrong_type(at + "." + std::string(type), is_text ? "a string" : "an object",
                          *content);
    }
    if (type == "image_url" && text_field(*content, "url").empty()) {
        return missing(at + ".image_url.url");
    }
    return std::nullopt;
}

Verdict refuse_content(const Json& message, const std::string& at, std::string_view role) {
    const Json* content = find_field(message, "content");
    if (content == nullptr) {
        const bool may_be_empty =
            role == "assistant" &&
            (find_field(message, "tool_calls") || find_field(message, "function_call") ||
             find_field(message, "refusal") || find_field(message, "audio"));
        if (may_be_empty) return std::nullopt;
        if (!message.contains("content")) return missing(at + ".content");
        return invalid(at + ".content", "invalid_type",
                       "Invalid value for 'content': expected a string, got null.");
    }
    if (content->is_string()) return std::nullopt;
    if (!content->is_array()) {
        return wrong_type(at + ".content", "one of an array of objects or string", *content);
    }
    for (std::size_t i = 0; i < content->size(); ++i) {
        const std::string part_at = at + ".content[" + std::to_string(i) + "]";
        if (auto refusal = refuse_part((*content)[i], part_at, role)) return refusal;
    }
    return std::nullopt;
}

Verdict refuse_calls(const Json& message, const std::string& at) {
    const Json* calls = find_field(message, "tool_calls");
    if (calls == nullptr) return std::nullopt;
    if (!calls->is_array()) return wrong_type(at + ".tool_calls", "an array of objects", *calls);
    if (calls->empty()) {
        return invalid(at + ".tool_calls", "empty_array",
                       "Invalid '" + at +
                           ".tool_calls': empty array. Expected an array with minimum length 1, "
                           "but got an empty array instead.");
    }
    for (std::size_t i = 0; i < calls->size(); ++i) {
        const std::string call_at = at + ".tool_calls[" + std::to_string(i) + "]";
        const Json& call = (*calls)[i];
        if (!call.is_object()) return wrong_type(call_at, "an object", call);
        if (text_field(call, "id").empty()) return missing(call_at + ".id");
        const std::string_view type = text_field(call, "type");
        if (type != "function" && type != "custom") {
            return type.empty()
                       ? missing(call_at + ".type")
                       : unsupported_choice(call_at + ".type", type, {"function", "custom"});
        }
        const Json* inner = find_field(call, type);
        if (inner == nullptr) return missing(call_at + "." + std::string(type));
        const char* input = type == "function" ? "arguments" : "input";
        for (const char* name : {"name", input}) {
            const Json* member = find_field(*inner, name);
            const std::string member_at = call_at + "." + std::string(type) + "." + name;
            if (member == nullptr) return missing(member_at);
            if (!member->is_string()) return wrong_type(member_at, "a string", *member);
        }
    }
    return std::nullopt;
}

// Every call of an assistant is answered by the tool messages that follow it, and by no others.
class ToolConversation {
public:
    Verdict refuse(const Json& message, std::size_t index) {
        const bool is_tool = text_field(message, "role") == "tool";
        if (is_tool && !is_after_calls_) {
            return invalid("messages.[" + std::to_string(index) + "].role", "",
                           "Invalid parameter: messages with role 'tool' must be a response to a "
                           "preceeding message with 'tool_calls'.");
        }
        if (is_tool) {
            open_.erase(std::string(text_field(message, "tool_call_id")));
            return std::nullopt;
        }
        if (auto refusal = refuse_end()) return refusal;
        is_after_calls_ = false;
        if (const Json* calls = find_field(message, "tool_calls")) {
            is_after_calls_ = true;
            asked_at_ = index;
            for (const Json& call : *calls) open_.insert(std::string(text_field(call, "id")));
        }
        return std::nullopt;
    }

    Verdict refuse_end() const {
        if (open_.empty()) return std::nullopt;
        std::string ids;
        for (const std::string& id : open_) ids += (ids.empty() ? "" : ", ") + id;
        return invalid("messages.[" + std::to_string(asked_at_) + "].role", "",
                       "An assistant message with 'tool_calls' must be followed by tool messages "
                       "responding to each 'tool_call_id'. The following tool_call_ids did not "
                       "have response messages: " +
                           ids);
    }

private:
    bool is_after_calls_ = false;
    std::size_t asked_at_ = 0;
    std::set<std::string> open_;
};

Verdict refuse_message(const Json& message, const std::string& at) {
    if (!message.is_object()) return wrong_type(at, "an object", message);
    const Json* role_field = find_field(message, "role");
    if (role_field == nullptr) return missing(at + ".role");
    if (!role_field->is_string()) return wrong_type(at + ".role", "a string", *role_field);
    const std::string_view role = text_field(message, "role");
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
        return unsupported_choice(at + ".role", role, {kRoles.begin(), kRoles.end()});
    }
    if (auto refusal = refuse_content(message, at, role)) return refusal;
    if (role == "assistant") return refuse_calls(message, at);
    if (role == "tool" && text_field(message, "tool_call_id").empty()) {
        return missing(at + ".tool_call_id");
    }
    return std::nullopt;
}

}  // namespace

Verdict refuse_messages(const Json& body, const Model&) {
    const Json* messages = find_field(body, "messages");
    if (messages == nullptr) return missing("messages");
    if (messages->empty()) {
        return invalid("messages", "empty_array",
                       "Invalid 'messages': empty array. Expected an array with minimum length 1, "
                       "but got an empty array instead.");
    }
    ToolConversation conversation;
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const Json& message = (*messages)[i];
        if (auto refusal = refuse_message(message, "messages[" + std::to_string(i) + "]")) {
            return refusal;
        }
        if (auto refusal = conversation.refuse(message, i)) return refusal;
    }
    return conversation.refuse_end();
}

Verdict refuse_context(const Json& body, const Model& model) {
    const std::int64_t tokens = read_prompt(body).tokens;
    if (tokens <= model.context) return std::nullopt;
    return invalid("messages", "context_length_exceeded",
                   "This model's maximum context length is " + std::to_string(model.context) +
                       " tokens. However, your messages resulted in " + std::to_string(tokens) +
                       " tokens. Please reduce the length of the messages.");
}

}  // namespace aigw::simulated::openai
