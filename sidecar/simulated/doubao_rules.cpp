#include "sidecar/simulated/doubao_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/doubao_embeddings.h"
#include "sidecar/simulated/doubao_messages.h"
#include "sidecar/simulated/triggers.h"

namespace aigw::simulated::doubao {
namespace {

constexpr std::array kChatFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"messages", FieldType::Array},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"max_tokens", FieldType::Integer, 1},
    FieldRule{"max_completion_tokens", FieldType::Integer, 1, 65'536},
    FieldRule{"temperature", FieldType::Number, 0, 2},
    FieldRule{"top_p", FieldType::Number, 0, 1, Edge::OpenBelow},
    FieldRule{"frequency_penalty", FieldType::Number, -2, 2},
    FieldRule{"presence_penalty", FieldType::Number, -2, 2},
    FieldRule{"repetition_penalty", FieldType::Number},
    FieldRule{"stop"},
    FieldRule{"logit_bias", FieldType::Object},
    FieldRule{"logprobs", FieldType::Boolean},
    FieldRule{"top_logprobs", FieldType::Integer, 0, 20},
    FieldRule{"thinking", FieldType::Object},
    FieldRule{"reasoning_effort", FieldType::String},
    FieldRule{"response_format", FieldType::Object},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice"},
    FieldRule{"parallel_tool_calls", FieldType::Boolean},
    FieldRule{"service_tier", FieldType::String},
    FieldRule{"user", FieldType::String},
    FieldRule{"n", FieldType::Integer, 1, 1},
    FieldRule{"x_echo", FieldType::Boolean},
};

// Limits and streams.

Verdict refuse_limits(const Json& body, const Model& model) {
    const auto limit = integer_field(body, "max_tokens");
    if (limit && find_field(body, "max_completion_tokens") != nullptr) {
        return invalid("max_tokens",
                       "`max_tokens` and `max_completion_tokens` cannot be set at the same time");
    }
    if (!limit || *limit <= model.max_output) return std::nullopt;
    return invalid("max_tokens", "expected a value <= " + std::to_string(model.max_output) +
                                     ", but got " + std::to_string(*limit) + " instead");
}

Verdict refuse_stream_options(const Json& body, const Model& model) {
    constexpr std::array kMembers = {
        FieldRule{"include_usage", FieldType::Boolean},
        FieldRule{"chunk_include_usage", FieldType::Boolean},
    };
    const Json* options = find_field(body, "stream_options");
    if (options == nullptr) return std::nullopt;
    if (!is_true(body, "stream")) {
        return invalid("stream_options", "it can only be set when `stream` is true");
    }
    return refuse_members(*options, "stream_options", kMembers, model.id);
}

// Thinking.

Verdict refuse_thinking(const Json& body, const Model& model) {
    constexpr std::array kMembers = {FieldRule{"type", FieldType::String}};
    const Json* thinking = find_field(body, "thinking");
    if (thinking == nullptr) return std::nullopt;
    if (!model.reasons()) return unsupported("thinking", model.id);
    if (auto refusal = refuse_members(*thinking, "thinking", kMembers, model.id)) return refusal;
    if (find_field(*thinking, "type") == nullptr) return missing("thinking.type");
    return refuse_choice("thinking.type", text_field(*thinking, "type"), model.thinking);
}

bool means_no_thinking(std::string_view effort) {
    return effort == "minimal" || effort == "none";
}

Verdict refuse_effort(const Json& body, const Model& model) {
    if (find_field(body, "reasoning_effort") == nullptr) return std::nullopt;
    if (model.efforts.empty()) return unsupported("reasoning_effort", model.id);
    const std::string_view effort = text_field(body, "reasoning_effort");
    if (auto refusal = refuse_choice("reasoning_effort", effort, model.efforts)) return refusal;
    const Json* thinking = find_field(body, "thinking");
    const bool is_off = thinking != nullptr && text_field(*thinking, "type") == "disabled";
    if (!is_off || means_no_thinking(effort)) return std::nullopt;
    return invalid("reasoning_effort",
                   "`" + std::string(effort) + "` contradicts `thinking.type` of `disabled`");
}

// Sampling.

Verdict refuse_sampling(const Json& body, const Model& model) {
    struct Fixed {
        const char* name;
        double value;
    };
    constexpr std::array kFixed = {Fixed{"temperature", 1}, Fixed{"top_p", 0.95}};
    for (const auto& [name, value] : kFixed) {
        const Json* given = find_field(body, name);
        if (given == nullptr || !model.has_fixed_sampling) continue;
        if (std::abs(given->get<double>() - value) > 1e-9) return unsupported(name, model.id);
    }
    for (const char* name : {"frequency_penalty", "presence_penalty"}) {
        if (find_field(body, name) == nullptr || model.takes_penalties) continue;
        return unsupported(name, model.id);
    }
    return std::nullopt;
}

Verdict refuse_for_reasoner(const Json& body, const Model& model) {
    if (model.takes_stops) return std::nullopt;
    for (const char* name : {"stop", "logit_bias", "logprobs", "top_logprobs"}) {
        const Json* given = find_field(body, name);
        if (given != nullptr && *given != false) return unsupported(name, model.id);
    }
    return std::nullopt;
}

Verdict refuse_stop(const Json& body, const Model& model) {
    const Json* stop = find_field(body, "stop");
    if (stop == nullptr || stop->is_string()) return std::nullopt;
    const bool is_list =
        stop->is_array() &&
        std::all_of(stop->begin(), stop->end(), [](const Json& s) { return s.is_string(); });
    if (!is_list) return invalid("stop", "expected a string or an array of strings");
    if (stop->size() <= model.max_stops) return std::nullopt;
    return invalid("stop", "expected at most " + std::to_string(model.max_stops) +
                               " sequences, but got " + std::to_string(stop->size()) + " instead");
}

Verdict refuse_logprobs(const Json& body, const Model&) {
    if (find_field(body, "top_logprobs") != nullptr && !is_true(body, "logprobs")) {
        return invalid("top_logprobs", "it can only be set when `logprobs` is true");
    }
    const Json* biases = find_field(body, "logit_bias");
    if (biases == nullptr) return std::nullopt;
    for (const auto& [token, bias] : biases->items()) {
        const bool is_good = bias.is_number() && std::abs(bias.get<double>()) <= 100;
        if (!is_good) return invalid("logit_bias." + token, "expected a number within [-100, 100]");
    }
    return std::nullopt;
}

// Tools.

Verdict refuse_tool(const Json& tool, const std::string& at) {
    if (!tool.is_object()) return invalid(at, "expected an object");
    if (auto refusal = refuse_choice(at + ".type", text_field(tool, "type"), "function")) {
        return refusal;
    }
    const Json* function = find_field(tool, "function");
    if (function == nullptr) return missing(at + ".function");
    const std::string_view name = text_field(*function, "name");
    if (name.empty()) return missing(at + ".function.name");
    if (!is_function_name(name)) {
        return invalid(at + ".function.name", "expected at most 64 letters, digits, `_` and `-`");
    }
    const Json* parameters = find_field(*function, "parameters");
    if (parameters == nullptr || parameters->is_object()) return std::nullopt;
    return invalid(at + ".function.parameters", "expected an object");
}

Verdict refuse_tool_choice(const Json& body, const Model& model) {
    const Json* choice = find_field(body, "tool_choice");
    if (choice == nullptr) return std::nullopt;
    if (!model.takes_tool_choice) return unsupported("tool_choice", model.id);
    if (choice->is_string()) {
        return refuse_choice("tool_choice", text_field(body, "tool_choice"), "none auto required");
    }
    if (auto refusal = refuse_choice("tool_choice.type", text_field(*choice, "type"), "function")) {
        return refusal;
    }
    const Json* function = find_field(*choice, "function");
    const std::string name(function == nullptr ? "" : text_field(*function, "name"));
    if (name.empty()) return missing("tool_choice.function.name");
    for (const Json& tool : body["tools"]) {
        if (text_field(tool["function"], "name") == name) return std::nullopt;
    }
    return invalid("tool_choice.function.name", "there is no tool `" + name + "`");
}

Verdict refuse_tools(const Json& body, const Model& model) {
    const Json* tools = find_field(body, "tools");
    if (tools == nullptr) {
        if (find_field(body, "tool_choice") == nullptr) return std::nullopt;
        return invalid("tool_choice", "it can only be set together with `tools`");
    }
    if (tools->empty()) return invalid("tools", "expected at least one tool");
    for (std::size_t i = 0; i < tools->size(); ++i) {
        if (auto refusal = refuse_tool((*tools)[i], "tools." + std::to_string(i))) return refusal;
    }
    const Json* parallel = find_field(body, "parallel_tool_calls");
    if (parallel != nullptr && *parallel == false && !model.takes_tool_choice) {
        return unsupported("parallel_tool_calls", model.id);
    }
    return refuse_tool_choice(body, model);
}

// Everything else.

Verdict refuse_format(const Json& body, const Model& model) {
    const Json* format = find_field(body, "response_format");
    if (format == nullptr) return std::nullopt;
    const std::string_view type = text_field(*format, "type");
    if (auto refusal =
            refuse_choice("response_format.type", type, "text json_object json_schema")) {
        return refusal;
    }
    if (type != "json_schema") return std::nullopt;
    if (!model.has_json_schema) return unsupported("response_format.type", model.id);
    const Json* schema = find_field(*format, "json_schema");
    if (schema == nullptr) return missing("response_format.json_schema");
    if (text_field(*schema, "name").empty()) return missing("response_format.json_schema.name");
    const Json* inner = find_field(*schema, "schema");
    if (inner != nullptr && inner->is_object()) return std::nullopt;
    return missing("response_format.json_schema.schema");
}

Verdict refuse_tier(const Json& body, const Model&) {
    if (find_field(body, "service_tier") == nullptr) return std::nullopt;
    return refuse_choice("service_tier", text_field(body, "service_tier"),
                         "auto default fast flex");
}

Verdict refuse_prompt(const Json& body, const Model& model) {
    const Prompt prompt = read_prompt(body);
    if (!find_block_reason(prompt.last_user).empty()) {
        return bad_request(
            "InputTextSensitiveContentDetected", "",
            "The request failed because the input text may contain sensitive information.");
    }
    if (prompt.tokens <= model.context) return std::nullopt;
    return bad_request("OutofContextError", "messages",
                       "Total tokens of the request exceed the max message tokens: " +
                           std::to_string(prompt.tokens) + " > " + std::to_string(model.context) +
                           ".");
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 12> kChatChecks = {
    refuse_messages, refuse_limits,   refuse_stream_options, refuse_thinking,
    refuse_effort,   refuse_tier,     refuse_sampling,       refuse_for_reasoner,
    refuse_stop,     refuse_logprobs, refuse_tools,          refuse_format,
};

}  // namespace

std::span<const FieldRule> chat_fields() {
    return kChatFields;
}

Verdict refuse_model(const Json& body, Path path) {
    const Json* name = find_field(body, "model");
    if (name == nullptr) return missing("model");
    if (!name->is_string()) return invalid("model", "expected a string");
    const std::string_view id = text_field(body, "model");
    if (path == Path::Bots ? find_bot(id) : find_model(id)) return std::nullopt;
    return is_embedding_model(id) ? wrong_use(id) : unknown_model(id);
}

Verdict refuse_chat(const Json& body, const Model& model) {
    if (auto refusal = refuse_members(body, "", kChatFields, model.id)) return refusal;
    for (const Check check : kChatChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return refuse_prompt(body, model);
}

bool is_thinking(const Json& body, const Model& model) {
    if (!model.reasons()) return false;
    const Json* thinking = find_field(body, "thinking");
    if (thinking != nullptr) {
        return text_field(*thinking, "type") != "disabled" &&
               !means_no_thinking(text_field(body, "reasoning_effort"));
    }
    const std::string_view effort = text_field(body, "reasoning_effort");
    if (!effort.empty()) return !means_no_thinking(effort);
    return model.default_thinking() != "disabled";
}

}  // namespace aigw::simulated::doubao
