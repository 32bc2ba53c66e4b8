#include "sidecar/simulated/doubao_messages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace aigw::simulated::doubao {
namespace {

constexpr std::array kMessageFields = {
    FieldRule{"role", FieldType::String},
    FieldRule{"content"},
    FieldRule{"name", FieldType::String},
    FieldRule{"tool_calls", FieldType::Array},
    FieldRule{"tool_call_id", FieldType::String},
    FieldRule{"reasoning_content", FieldType::String},
    FieldRule{"encrypted_content", FieldType::String},
};

constexpr std::array<std::string_view, 4> kRoles = {"system", "user", "assistant", "tool"};

// Parts.

// Also of videos.
Verdict refuse_url(const Json& holder, const std::string& at) {
    const std::string_view url = text_field(holder, "url");
    if (url.empty()) {
        return bad_request("InvalidImageURL.EmptyURL", at + ".url",
                           "The request failed because the image URL is empty.");
    }
    const bool is_known = url.starts_with("https://") || url.starts_with("http://") ||
                          (url.starts_with("data:") && url.find(";base64,") != url.npos);
    if (is_known) return std::nullopt;
    return bad_request("InvalidImageURL.InvalidFormat", at + ".url",
                       "The request failed because the image URL is neither a URL of http or https "
                       "nor base64 data.");
}

Verdict refuse_pixels(const Json& image, const std::string& at, const Model& model) {
    const Json* limit = find_field(image, "image_pixel_limit");
    if (limit == nullptr) return std::nullopt;
    const std::int64_t least = integer_field(*limit, "min_pixels").value_or(model.min_pixels);
    const std::int64_t most = integer_field(*limit, "max_pixels").value_or(model.max_pixels);
    if (least >= model.min_pixels && least <= most && most <= model.max_pixels) return std::nullopt;
    return bad_request("InvalidArgumentError.InvalidPixelLimit", at + ".image_pixel_limit",
                       "The image pixel limit must be within [" + std::to_string(model.min_pixels) +
                           ", " + std::to_string(model.max_pixels) + "].");
}

Verdict refuse_image(const Json& image, const std::string& at, const Model& model) {
    if (auto refusal = refuse_url(image, at)) return refusal;
    constexpr std::array<std::string_view, 4> kDetails = {"", "low", "high", "xhigh"};
    const std::string_view detail = text_field(image, "detail");
    if (std::find(kDetails.begin(), kDetails.end(), detail) == kDetails.end()) {
        return bad_request("InvalidArgumentError.InvalidImageDetail", at + ".detail",
                           "Invalid image detail `" + std::string(detail) +
                               "`: expected `low`, `high` or `xhigh`.");
    }
    return refuse_pixels(image, at, model);
}

Verdict refuse_video(const Json& video, const std::string& at) {
    constexpr double kLeastFps = 0.2;
    constexpr double kMostFps = 5;
    if (auto refusal = refuse_url(video, at)) return refusal;
    const Json* fps = find_field(video, "fps");
    if (fps == nullptr) return std::nullopt;
    const bool is_good =
        fps->is_number() && fps->get<double>() >= kLeastFps && fps->get<double>() <= kMostFps;
    return is_good ? std::nullopt
                   : Verdict(invalid(at + ".fps", "expected a number within [0.2, 5]"));
}

Verdict refuse_part(const Json& part, const std::string& at, std::string_view role,
                    const Model& model) {
    if (!part.is_object()) return invalid(at, "expected an object");
    const std::string type(text_field(part, "type"));
    const bool is_of_user = role == "user" || role == "tool";
    if (auto refusal =
            refuse_choice(at + ".type", type,
                          is_of_user ? "text image_url video_url input_audio file" : "text")) {
        return refusal;
    }
    const Json* content = find_field(part, type);
    const std::string inner = at + "." + type;
    if (content == nullptr) return missing(inner);
    if (type == "text") {
        return content->is_string() ? std::nullopt : Verdict(invalid(inner, "expected a string"));
    }
    if (!content->is_object()) return invalid(inner, "expected an object");
    if (!model.sees_images) {
        return invalid(at + ".type", "model " + std::string(model.id) + " takes only text");
    }
    if (type == "image_url") return refuse_image(*content, inner, model);
    return type == "video_url" ? refuse_video(*content, inner) : std::nullopt;
}

Verdict refuse_content(const Json& message, const std::string& at, const Model& model) {
    const Json* content = find_field(message, "content");
    const std::string_view role = text_field(message, "role");
    if (content == nullptr) {
        if (role == "assistant" && find_field(message, "tool_calls") != nullptr) {
            return std::nullopt;
        }
        return missing(at + ".content");
    }
    if (content->is_string()) return std::nullopt;
    if (!content->is_array()) return invalid(at + ".content", "expected a string or an array");
    if (content->empty()) return invalid(at + ".content", "expected at least one part");
    for (std::size_t i = 0; i < content->size(); ++i) {
        const std::string part_at = at + ".content." + std::to_string(i);
        if (auto refusal = refuse_part((*content)[i], part_at, role, model)) return refusal;
    }
    return std::nullopt;
}

// Calls and their results.

Verdict refuse_call(const Json& call, const std::string& at) {
    if (!call.is_object()) return invalid(at, "expected an object");
    if (text_field(call, "id").empty()) return missing(at + ".id");
    if (auto refusal = refuse_choice(at + ".type", text_field(call, "type"), "function")) {
        return refusal;
    }
    const Json* function = find_field(call, "function");
    if (function == nullptr || text_field(*function, "name").empty()) {
        return missing(at + ".function.name");
    }
    const Json* arguments = find_field(*function, "arguments");
    if (arguments == nullptr) return missing(at + ".function.arguments");
    return arguments->is_string()
               ? std::nullopt
               : Verdict(invalid(at + ".function.arguments", "expected a string"));
}

// What only an assistant's message has.
Verdict refuse_assistant(const Json& message, const std::string& at, const Model& model) {
    const bool is_assistant = text_field(message, "role") == "assistant";
    for (const char* name : {"reasoning_content", "encrypted_content"}) {
        if (find_field(message, name) == nullptr) continue;
        if (!is_assistant || !model.takes_thoughts) return unsupported(at + "." + name, model.id);
    }
    if (is_assistant && find_field(message, "name") != nullptr) {
        return unsupported(at + ".name", model.id);
    }
    const Json* calls = find_field(message, "tool_calls");
    if (calls == nullptr) return std::nullopt;
    if (!is_assistant || calls->empty()) {
        return invalid(at + ".tool_calls", "only an assistant has calls, and then at least one");
    }
    for (std::size_t i = 0; i < calls->size(); ++i) {
        const std::string call_at = at + ".tool_calls." + std::to_string(i);
        if (auto refusal = refuse_call((*calls)[i], call_at)) return refusal;
    }
    return std::nullopt;
}

class CallLedger {
public:
    Verdict refuse(const Json& message, const std::string& at) {
        if (text_field(message, "role") != "tool") {
            if (const Json* calls = find_field(message, "tool_calls")) {
                known_.clear();
                for (const Json& call : *calls) known_.emplace(text_field(call, "id"));
            }
            return std::nullopt;
        }
        const std::string id(text_field(message, "tool_call_id"));
        if (id.empty()) return missing(at + ".tool_call_id");
        if (known_.contains(id)) return std::nullopt;
        return invalid(at + ".tool_call_id",
                       "no tool call of the preceding assistant message has the id `" + id + "`");
    }

private:
    std::set<std::string> known_{};
};

Verdict refuse_message(const Json& message, const std::string& at, const Model& model) {
    if (!message.is_object()) return invalid(at, "expected an object");
    const std::string_view role = text_field(message, "role");
    if (role.empty()) return missing(at + ".role");
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
        return bad_request("InvalidArgumentError.UnknownRole", at + ".role",
                           "Unknown role `" + std::string(role) + "`.");
    }
    if (auto refusal = refuse_members(message, at, kMessageFields, model.id)) return refusal;
    if (auto refusal = refuse_assistant(message, at, model)) return refusal;
    return refuse_content(message, at, model);
}

}  // namespace

Verdict refuse_messages(const Json& body, const Model& model) {
    const Json* messages = find_field(body, "messages");
    if (messages == nullptr) return missing("messages");
    if (messages->empty()) return invalid("messages", "expected at least one message");
    CallLedger ledger;
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const std::string at = "messages." + std::to_string(i);
        if (auto refusal = refuse_message((*messages)[i], at, model)) return refusal;
        if (auto refusal = ledger.refuse((*messages)[i], at)) return refusal;
    }
    return std::nullopt;
}

}  // namespace aigw::simulated::doubao
