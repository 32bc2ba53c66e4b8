#include "sidecar/simulated/openai_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::string_view kClassicEfforts = "low medium high";

// Columns: id, use, context, max output, efforts, refuses tools with effort, dimensions, free
// dimensions, created, shutdown date.
constexpr std::array kModels = {
    Model{"gpt-4o", Use::Chat, 128'000, 16'384, "", false, 0, false, 1715367049, "2027-01-14"},
    Model{"gpt-4o-mini", Use::Chat, 128'000, 16'384, "", false, 0, false, 1721172741, "2027-01-14"},
    Model{"gpt-4.1", Use::Chat, 1'047'576, 32'768, "", false, 0, false, 1744316542, "2027-01-14"},
    Model{"gpt-4.1-mini", Use::Chat, 1'047'576, 32'768, "", false, 0, false, 1744318173,
          "2027-01-14"},
    Model{"o3", Use::Chat, 200'000, 100'000, kClassicEfforts, false, 0, false, 1744225308,
          "2026-12-11"},
    Model{"o4-mini", Use::Chat, 200'000, 100'000, kClassicEfforts, false, 0, false, 1744225351, ""},
    Model{"gpt-5", Use::Chat, 400'000, 128'000, "minimal low medium high", false, 0, false,
          1754425777, "2026-12-11"},
    Model{"gpt-5-pro", Use::Responses, 400'000, 272'000, "high", false, 0, false, 1759767360, ""},
    Model{"gpt-5.6", Use::Chat, 400'000, 128'000, "none low medium high xhigh", true, 0, false,
          1772000000, ""},
    Model{"gpt-6-luna", Use::Chat, 400'000, 128'000, "none low medium high xhigh", true, 0, false,
          1758500000, ""},
    Model{"gpt-6-astra", Use::Chat, 400'000, 128'000, "low medium high xhigh", true, 0, false,
          1758500000, ""},
    Model{"gpt-6.1-sol", Use::Chat, 400'000, 128'000, "low medium high xhigh", true, 0, false,
          1760000000, ""},
    Model{"gpt-3.5-turbo-instruct", Use::Completions, 4'096, 4'096, "", false, 0, false, 1692901427,
          ""},
    Model{"text-embedding-3-small", Use::Embeddings, 8'192, 0, "", false, 1536, true, 1705948997,
          ""},
    Model{"text-embedding-3-large", Use::Embeddings, 8'192, 0, "", false, 3072, true, 1705953180,
          ""},
    Model{"text-embedding-ada-002", Use::Embeddings, 8'192, 0, "", false, 1536, false, 1671217299,
          ""},
};

constexpr Model kSimulatedModel = {"sim-chat", Use::Any, 128'000, 100'000,    "",
                                   false,      1536,     true,    1763630000, ""};

constexpr std::array kChatFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"messages", FieldType::Array},
    FieldRule{"max_completion_tokens", FieldType::Integer, 1},
    FieldRule{"max_tokens", FieldType::Integer, 1},
    FieldRule{"temperature", FieldType::Number, 0, 2},
    FieldRule{"top_p", FieldType::Number, 0, 1},
    FieldRule{"frequency_penalty", FieldType::Number, -2, 2},
    FieldRule{"presence_penalty", FieldType::Number, -2, 2},
    FieldRule{"n", FieldType::Integer, 1, 128},
    FieldRule{"stop"},
    FieldRule{"seed", FieldType::Integer},
    FieldRule{"logit_bias", FieldType::Object},
    FieldRule{"logprobs", FieldType::Boolean},
    FieldRule{"top_logprobs", FieldType::Integer, 0, 20},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice"},
    FieldRule{"parallel_tool_calls", FieldType::Boolean},
    FieldRule{"functions", FieldType::Array},
    FieldRule{"function_call"},
    FieldRule{"response_format", FieldType::Object},
    FieldRule{"reasoning_effort", FieldType::String},
    FieldRule{"verbosity", FieldType::String},
    FieldRule{"modalities", FieldType::Array},
    FieldRule{"audio", FieldType::Object},
    FieldRule{"prediction", FieldType::Object},
    FieldRule{"web_search_options", FieldType::Object},
    FieldRule{"service_tier", FieldType::String},
    FieldRule{"store", FieldType::Boolean},
    FieldRule{"metadata", FieldType::Object},
    FieldRule{"safety_identifier", FieldType::String},
    FieldRule{"prompt_cache_key", FieldType::String},
    FieldRule{"prompt_cache_retention", FieldType::String},
    FieldRule{"prompt_cache_options", FieldType::Object},
    FieldRule{"moderation", FieldType::Object},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

constexpr std::array kEmbeddingFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"input"},
    FieldRule{"encoding_format", FieldType::String},
    FieldRule{"dimensions", FieldType::Integer, 1},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

// Messages.

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

// Tools.

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

// The deprecated form of tools.
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

// Everything else.

Verdict refuse_stop(const Json& body, const Model& model) {
    const Json* stop = find_field(body, "stop");
    if (stop == nullptr) return std::nullopt;
    if (model.reasons()) return unsupported_parameter("stop");
    if (stop->is_string()) return std::nullopt;
    const bool is_list =
        stop->is_array() &&
        std::all_of(stop->begin(), stop->end(), [](const Json& s) { return s.is_string(); });
    if (!is_list) return wrong_type("stop", "one of a string or array of strings", *stop);
    if (stop->size() <= 4) return std::nullopt;
    return invalid("stop", "array_above_max_length",
                   "Invalid 'stop': array too long. Expected an array with maximum length 4, but "
                   "got an array with length " +
                       std::to_string(stop->size()) + " instead.");
}

Verdict refuse_logprobs(const Json& body, const Model& model) {
    if (find_field(body, "top_logprobs") != nullptr && !is_true(body, "logprobs")) {
        return invalid("top_logprobs", "",
                       "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
    }
    if (is_true(body, "logprobs") && is_thinking(body, model)) {
        return unsupported_parameter("logprobs");
    }
    return std::nullopt;
}

Verdict refuse_max_tokens(const Json& body, const Model& model) {
    const bool has_old = find_field(body, "max_tokens") != nullptr;
    if (has_old && model.reasons()) {
        return invalid("max_tokens", "unsupported_parameter",
                       "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                       "'max_completion_tokens' instead.");
    }
    if (has_old && find_field(body, "max_completion_tokens") != nullptr) {
        return invalid("max_tokens", "invalid_parameter_combination",
                       "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not "
                       "supported.");
    }
    const std::string name = has_old ? "max_tokens" : "max_completion_tokens";
    const auto asked = integer_field(body, name);
    if (!asked || *asked <= model.max_output) return std::nullopt;
    return invalid(name, "invalid_value",
                   name + " is too large: " + std::to_string(*asked) +
                       ". This model supports at most " + std::to_string(model.max_output) +
                       " completion tokens, whereas you provided " + std::to_string(*asked) + ".");
}

Verdict refuse_effort(const Json& body, const Model& model) {
    if (find_field(body, "reasoning_effort") == nullptr) return std::nullopt;
    if (!model.reasons()) {
        return invalid("reasoning_effort", "",
                       "Unrecognized request argument supplied: reasoning_effort");
    }
    const std::string_view effort = text_field(body, "reasoning_effort");
    const auto efforts = split(model.efforts, ' ');
    if (std::find(efforts.begin(), efforts.end(), effort) != efforts.end()) return std::nullopt;
    return invalid("reasoning_effort", "unsupported_value",
                   "Unsupported value: 'reasoning_effort' does not support '" +
                       std::string(effort) +
                       "' with this model. Supported values are: " + listed(efforts) + ".");
}

// Reasoning models take sampling parameters only at their defaults, unless they do not reason.
Verdict refuse_sampling(const Json& body, const Model& model) {
    if (!is_thinking(body, model)) return std::nullopt;
    struct Default {
        const char* name;
        double value;
    };
    constexpr std::array kDefaults = {Default{"temperature", 1}, Default{"top_p", 1},
                                      Default{"frequency_penalty", 0},
                                      Default{"presence_penalty", 0}};
    for (const auto& [name, value] : kDefaults) {
        const Json* given = find_field(body, name);
        if (given == nullptr || std::abs(given->get<double>() - value) < 1e-9) continue;
        return invalid(name, "unsupported_value",
                       "Unsupported value: '" + std::string(name) + "' does not support " +
                           given->dump() + " with this model. Only the default (" +
                           std::to_string(static_cast<int>(value)) + ") value is supported.");
    }
    return std::nullopt;
}

Verdict refuse_tools_with_effort(const Json& body, const Model& model) {
    if (!model.refuses_tools_with_effort || !is_thinking(body, model)) return std::nullopt;
    const Json* tools = find_field(body, "tools");
    if (tools == nullptr) return std::nullopt;
    return invalid("reasoning_effort", "",
                   "Function tools with reasoning_effort are not supported for " +
                       std::string(model.id) +
                       " in /v1/chat/completions. To use function tools, use /v1/responses or set "
                       "reasoning_effort to 'none'.");
}

Verdict refuse_response_format(const Json& body, const Model&) {
    const Json* format = find_field(body, "response_format");
    if (format == nullptr) return std::nullopt;
    const std::string_view type = text_field(*format, "type");
    if (type.empty()) return missing("response_format.type");
    if (type == "text") return std::nullopt;
    if (type == "json_object") {
        if (mentions_json(body)) return std::nullopt;
        return invalid("messages", "",
                       "'messages' must contain the word 'json' in some form, to use "
                       "'response_format' of type 'json_object'.");
    }
    if (type != "json_schema") {
        return unsupported_choice("response_format.type", type,
                                  {"json_object", "json_schema", "text"});
    }
    const Json* schema = find_field(*format, "json_schema");
    if (schema == nullptr) return missing("response_format.json_schema");
    if (text_field(*schema, "name").empty()) return missing("response_format.json_schema.name");
    if (!is_function_name(text_field(*schema, "name"))) {
        return invalid("response_format.json_schema.name", "invalid_value",
                       "Invalid 'response_format.json_schema.name': string does not match pattern. "
                       "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
    }
    return std::nullopt;
}

Verdict refuse_modalities(const Json& body, const Model&) {
    const Json* modalities = find_field(body, "modalities");
    if (modalities == nullptr || *modalities == Json::array({"text"})) return std::nullopt;
    return invalid("modalities", "invalid_value",
                   "Invalid value for 'modalities': this model only supports 'text'.");
}

// Embeddings.

bool is_token_array(const Json& input) {
    return input.is_array() && !input.empty() &&
           std::all_of(input.begin(), input.end(),
                       [](const Json& token) { return token.is_number_unsigned(); });
}

Verdict refuse_input(const Json& body, const Model&) {
    constexpr std::size_t kMaxInputs = 2048;
    const Json* input = find_field(body, "input");
    if (input == nullptr) return missing("input");
    if (input->is_string() && input->get_ref<const std::string&>().empty()) {
        return invalid("input", "", "Invalid 'input': input cannot be an empty string.");
    }
    if (input->is_string() || is_token_array(*input)) return std::nullopt;
    const bool is_list =
        input->is_array() && (std::all_of(input->begin(), input->end(),
                                          [](const Json& item) { return item.is_string(); }) ||
                              std::all_of(input->begin(), input->end(), is_token_array));
    if (!is_list) {
        return invalid(
            "input", "invalid_type",
            "Invalid type for 'input': expected one of a string, array of strings, array "
            "of integers or array of integer arrays, but got " +
                named_type(*input) + " instead.");
    }
    if (input->empty()) {
        return invalid("input", "empty_array",
                       "Invalid 'input': empty array. Expected an array with minimum length 1, but "
                       "got an empty array instead.");
    }
    if (input->size() > kMaxInputs) {
        return invalid("input", "array_above_max_length",
                       "Invalid 'input': array too long. Expected an array with maximum length "
                       "2048, but got an array with length " +
                           std::to_string(input->size()) + " instead.");
    }
    if (std::find(input->begin(), input->end(), "") != input->end()) {
        return invalid("input", "", "Invalid 'input': input cannot be an empty string.");
    }
    return std::nullopt;
}

Verdict refuse_input_tokens(const Json& body, const Model& model) {
    constexpr std::int64_t kMaxTokensPerCall = 300'000;
    std::int64_t total = 0;
    for (const EmbeddingInput& input : read_inputs(body["input"])) {
        total += input.tokens;
        if (input.tokens <= model.context) continue;
        const std::string tokens = std::to_string(input.tokens);
        return invalid("input", "",
                       "This model's maximum context length is " + std::to_string(model.context) +
                           " tokens, however you requested " + tokens + " tokens (" + tokens +
                           " in your prompt; 0 for the completion). Please reduce your prompt; or "
                           "completion length.");
    }
    if (total <= kMaxTokensPerCall) return std::nullopt;
    return Refusal{400,
                   "Requested " + std::to_string(total) + " tokens, max 300000 tokens per request",
                   "max_tokens_per_request", "", "max_tokens_per_request"};
}

Verdict refuse_dimensions(const Json& body, const Model& model) {
    const auto dimensions = integer_field(body, "dimensions");
    if (!dimensions) return std::nullopt;
    if (!model.has_free_dimensions) {
        return invalid("dimensions", "", "This model does not support specifying dimensions.");
    }
    if (*dimensions <= model.dimensions) return std::nullopt;
    return invalid("dimensions", "",
                   "Invalid value for 'dimensions' = " + std::to_string(*dimensions) +
                       ". Must be less than or equal to " + std::to_string(model.dimensions) + ".");
}

Verdict refuse_encoding(const Json& body, const Model&) {
    const std::string_view format = text_field(body, "encoding_format");
    if (format.empty() || format == "float" || format == "base64") return std::nullopt;
    return unsupported_choice("encoding_format", format, {"float", "base64"});
}

using Check = Verdict (*)(const Json&, const Model&);

// In the order in which the vendor looks.
constexpr std::array<Check, 14> kChatChecks = {
    refuse_functions,         refuse_messages,   refuse_tools,           refuse_stream_options,
    refuse_max_tokens,        refuse_effort,     refuse_sampling,        refuse_stop,
    refuse_logprobs,          refuse_modalities, refuse_response_format, refuse_metadata,
    refuse_tools_with_effort, refuse_context,
};
constexpr std::array<Check, 4> kEmbeddingChecks = {
    refuse_input,
    refuse_input_tokens,
    refuse_dimensions,
    refuse_encoding,
};

Verdict first_refusal(std::span<const Check> checks, const Json& body, const Model& model) {
    for (const Check check : checks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    const auto found =
        std::find_if(kModels.begin(), kModels.end(), [&](const Model& m) { return m.id == id; });
    if (found != kModels.end()) return *found;
    if (!id.starts_with("sim-")) return std::nullopt;
    Model model = kSimulatedModel;
    model.id = id;
    return model;
}

std::span<const FieldRule> chat_fields() {
    return kChatFields;
}

std::span<const FieldRule> embedding_fields() {
    return kEmbeddingFields;
}

std::optional<Refusal> refuse_model(const Json& body, Use use) {
    const Json* name = find_field(body, "model");
    if (name == nullptr) return invalid("", "", "you must provide a model parameter");
    if (!name->is_string()) return wrong_type("model", "a string", *name);
    const auto model = find_model(text_field(body, "model"));
    if (!model) {
        return Refusal{404,
                       "The model `" + name->get<std::string>() +
                           "` does not exist or you do not have access to it.",
                       "invalid_request_error", "model", "model_not_found"};
    }
    if (use == Use::Any || model->use == Use::Any || model->use == use) return std::nullopt;
    if (use == Use::Chat && model->use == Use::Responses) {
        return Refusal{404,
                       "This model is only supported in v1/responses and not in "
                       "v1/chat/completions.",
                       "invalid_request_error", "model", ""};
    }
    if (use == Use::Chat) {
        return Refusal{404,
                       "This is not a chat model and thus not supported in the "
                       "v1/chat/completions endpoint. Did you mean to use v1/completions?",
                       "invalid_request_error", "model", ""};
    }
    if (use == Use::Completions && model->use == Use::Chat) {
        return Refusal{404,
                       "This is a chat model and not supported in the v1/completions endpoint. Did "
                       "you mean to use v1/chat/completions?",
                       "invalid_request_error", "model", ""};
    }
    if (use == Use::Completions) {
        return Refusal{404, "This model is not supported in the v1/completions endpoint.",
                       "invalid_request_error", "model", ""};
    }
    return Refusal{403, "You are not allowed to generate embeddings from this model",
                   "invalid_request_error", "", ""};
}

std::optional<Refusal> refuse_chat(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body, kChatFields)) return refusal;
    return first_refusal(kChatChecks, body, model);
}

std::optional<Refusal> refuse_embeddings(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body, kEmbeddingFields)) return refusal;
    return first_refusal(kEmbeddingChecks, body, model);
}

Verdict refuse_metadata(const Json& body, const Model&) {
    const Json* metadata = find_field(body, "metadata");
    if (metadata == nullptr) return std::nullopt;
    if (metadata->size() > 16) {
        return invalid(
            "metadata", "object_above_max_properties",
            "Invalid 'metadata': too many properties. Expected an object with at most 16 "
            "properties, but got an object with " +
                std::to_string(metadata->size()) + " properties instead.");
    }
    for (const auto& [name, value] : metadata->items()) {
        const std::string at = "metadata." + name;
        if (!value.is_string()) return wrong_type(at, "a string", value);
        if (value.get_ref<const std::string&>().size() > 512 || name.size() > 64) {
            return invalid(at, "string_above_max_length",
                           "Invalid '" + at +
                               "': string too long. Keys have at most 64 and values at most 512 "
                               "characters.");
        }
    }
    return std::nullopt;
}

Verdict refuse_stream_options(const Json& body, const Model&) {
    if (find_field(body, "stream_options") == nullptr || is_true(body, "stream")) {
        return std::nullopt;
    }
    return invalid("stream_options", "",
                   "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
}

bool is_thinking(const Json& body, const Model& model) {
    return model.reasons() && text_field(body, "reasoning_effort") != "none";
}

}  // namespace aigw::simulated::openai
