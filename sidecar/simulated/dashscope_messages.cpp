#include "sidecar/simulated/dashscope_messages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "sidecar/simulated/chat.h"

namespace aigw::simulated::dashscope {
namespace {

Verdict refuse_content(const Json& message, const Model& model, const std::string& at) {
    const Json* content = find_field(message, "content");
    if (content == nullptr) {
        if (find_field(message, "tool_calls") != nullptr) return std::nullopt;
        return by_algorithm("The content field is a required field.");
    }
    if (content->is_string()) return std::nullopt;
    if (!content->is_array()) return by_algorithm("Input should be a valid string: " + at);
    if (!model.sees_images) {
        return by_algorithm("The content of a text-only model should be a string: " + at);
    }
    constexpr std::array<std::string_view, 5> kParts = {"text", "image_url", "video_url", "video",
                                                        "input_audio"};
    for (const Json& part : *content) {
        const std::string_view type = text_field(part, "type");
        if (std::find(kParts.begin(), kParts.end(), type) == kParts.end()) {
            return by_algorithm("Unexpected item type in content.");
        }
        if (type == "image_url" && text_field(part.value("image_url", Json()), "url").empty()) {
            return by_algorithm("The image_url must have a url.");
        }
    }
    return std::nullopt;
}

Verdict refuse_role(const Json& message, std::size_t index) {
    const std::string_view role = text_field(message, "role");
    constexpr std::array<std::string_view, 4> kRoles = {"system", "user", "assistant", "tool"};
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
        return by_front(std::string(role) +
                        " is not one of ['system', 'assistant', 'user', 'tool'] - 'messages." +
                        std::to_string(index) + ".role'");
    }
    if (role == "system" && index > 0) {
        return by_algorithm("Role system should only appear in the first message.");
    }
    if (role == "tool" && text_field(message, "tool_call_id").empty()) {
        return by_front("tool_call_id is required for a tool message - 'messages." +
                        std::to_string(index) + "'");
    }
    return std::nullopt;
}

}  // namespace

Verdict refuse_messages(const Json& body, const Model& model) {
    const Json* messages = find_field(body, "messages");
    if (messages == nullptr) return by_front("'messages' is a required property");
    if (messages->empty()) return by_front("[] is too short - 'messages'");
    bool has_calls = false;
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const Json& message = (*messages)[i];
        if (!message.is_object()) {
            return by_front("a message should be an object - 'messages." + std::to_string(i) + "'");
        }
        if (auto refusal = refuse_role(message, i)) return refusal;
        const std::string at = "messages." + std::to_string(i) + ".content";
        if (auto refusal = refuse_content(message, model, at)) return refusal;
        const bool is_tool = text_field(message, "role") == "tool";
        if (is_tool && !has_calls) {
            return by_algorithm(
                "messages with role \"tool\" must be a response to a preceeding message with "
                "\"tool_calls\".");
        }
        if (!is_tool) has_calls = find_field(message, "tool_calls") != nullptr;
    }
    const Json& last = messages->back();
    const std::string_view role = text_field(last, "role");
    if (role == "user" || role == "tool" || is_true(last, "partial")) return std::nullopt;
    return by_algorithm("The last message must be from user or tool.");
}

Verdict refuse_length(const Json& body, const Model& model) {
    if (read_prompt(body).tokens <= model.context) return std::nullopt;
    return by_algorithm("Range of input length should be [1, " + std::to_string(model.context) +
                        "]");
}

}  // namespace aigw::simulated::dashscope
