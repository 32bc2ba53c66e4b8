#include "sidecar/simulated/openai_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/openai_messages.h"
#include "sidecar/simulated/openai_tools.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {
namespace {

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

using Check = Verdict (*)(const Json&, const Model&);

// In the order in which the vendor looks.
constexpr std::array<Check, 14> kChatChecks = {
    refuse_functions,         refuse_messages,   refuse_tools,           refuse_stream_options,
    refuse_max_tokens,        refuse_effort,     refuse_sampling,        refuse_stop,
    refuse_logprobs,          refuse_modalities, refuse_response_format, refuse_metadata,
    refuse_tools_with_effort, refuse_context,
};

}  // namespace

std::span<const FieldRule> chat_fields() {
    return kChatFields;
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
    for (const Check check : kChatChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
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
