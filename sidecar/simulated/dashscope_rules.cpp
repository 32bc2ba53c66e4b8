#include "sidecar/simulated/dashscope_rules.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/dashscope_messages.h"
#include "sidecar/simulated/dashscope_words.h"

namespace aigw::simulated::dashscope {
namespace {

// The vendor ignores what it does not know; the table is for types, ranges and the echo.
constexpr std::array kChatFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"messages", FieldType::Array},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"temperature", FieldType::Number, 0, 2, Edge::OpenAbove},
    FieldRule{"top_p", FieldType::Number, 0, 1, Edge::OpenBelow},
    FieldRule{"top_k", FieldType::Integer, 0},
    FieldRule{"repetition_penalty", FieldType::Number, 0, std::numeric_limits<double>::infinity(),
              Edge::OpenBelow},
    FieldRule{"presence_penalty", FieldType::Number, -2, 2},
    FieldRule{"max_tokens", FieldType::Integer, 1},
    FieldRule{"max_completion_tokens", FieldType::Integer, 1},
    FieldRule{"n", FieldType::Integer, 1, 4},
    FieldRule{"seed", FieldType::Integer, 0, 2147483647},
    FieldRule{"stop"},
    FieldRule{"response_format", FieldType::Object},
    FieldRule{"logprobs", FieldType::Boolean},
    FieldRule{"top_logprobs", FieldType::Integer, 0, 5},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice"},
    FieldRule{"parallel_tool_calls", FieldType::Boolean},
    FieldRule{"tool_stream", FieldType::Boolean},
    FieldRule{"enable_thinking", FieldType::Boolean},
    FieldRule{"thinking_budget", FieldType::Integer, 1},
    FieldRule{"preserve_thinking", FieldType::Boolean},
    FieldRule{"reasoning_effort", FieldType::String},
    FieldRule{"enable_search", FieldType::Boolean},
    FieldRule{"search_options", FieldType::Object},
    FieldRule{"enable_code_interpreter", FieldType::Boolean},
    FieldRule{"vl_high_resolution_images", FieldType::Boolean},
    FieldRule{"modalities", FieldType::Array},
    FieldRule{"audio", FieldType::Object},
    FieldRule{"translation_options", FieldType::Object},
    FieldRule{"x_echo", FieldType::Boolean},
};

Verdict refuse_thinking(const Json& body, const Model& model) {
    const Json* asked = find_field(body, "enable_thinking");
    if (asked != nullptr && asked->get<bool>() && model.thinking == Thinking::Never) {
        return by_front("The model " + std::string(model.id) +
                            " does not support the enable_thinking parameter.",
                        "InvalidParameter.NotSupportEnableThinking");
    }
    if (asked != nullptr && !asked->get<bool>() && model.thinking == Thinking::Always) {
        return by_algorithm("The value of the enable_thinking parameter is restricted to True.");
    }
    if (!is_thinking(body, model)) return std::nullopt;
    if (model.thinks_only_in_streams && !is_true(body, "stream")) {
        return by_front("parameter.enable_thinking must be set to false for non-streaming calls");
    }
    const Json* wanted = find_field(body, "response_format");
    const std::string_view format =
        wanted != nullptr ? text_field(*wanted, "type") : std::string_view{};
    if (format == "json_object" || format == "json_schema") {
        return by_algorithm("Json mode response is not supported when enable_thinking is true");
    }
    return std::nullopt;
}

// Tools.

Verdict refuse_tool(const Json& tool) {
    if (text_field(tool, "type") != "function") {
        return by_algorithm("The type of tools should be function.");
    }
    const Json* function = find_field(tool, "function");
    const std::string_view name =
        function == nullptr ? std::string_view() : text_field(*function, "name");
    if (!is_function_name(name)) {
        return by_algorithm("The name of a function should match ^[a-zA-Z0-9_-]{1,64}$.");
    }
    if (name == "search") return by_algorithm("Tool names are not allowed to be [search]");
    const Json* parameters = find_field(*function, "parameters");
    if (parameters == nullptr || parameters->is_object()) return std::nullopt;
    return by_algorithm("Input should be a valid dictionary: tools.function.parameters");
}

Verdict refuse_tool_choice(const Json& body, const Model& model) {
    const Json* choice = find_field(body, "tool_choice");
    if (choice == nullptr) return std::nullopt;
    if (choice->is_string()) {
        if (*choice == "auto" || *choice == "none") return std::nullopt;
        return by_algorithm(
            "tool_choice is one of the strings that should be [\"none\", \"auto\"]");
    }
    const Json* function = find_field(*choice, "function");
    if (function == nullptr || text_field(*function, "name").empty()) {
        return by_algorithm("The tool_choice object should name a function.");
    }
    if (!is_thinking(body, model)) return std::nullopt;
    return by_algorithm(
        "The tool_choice parameter does not support being set to required or object in thinking "
        "mode");
}

Verdict refuse_tools(const Json& body, const Model& model) {
    const Json* tools = find_field(body, "tools");
    if (tools != nullptr && tools->empty()) return by_front("[] is too short - 'tools'");
    if (tools != nullptr) {
        for (const Json& tool : *tools) {
            if (auto refusal = refuse_tool(tool)) return refusal;
        }
    }
    return refuse_tool_choice(body, model);
}

// Everything else.

Verdict refuse_limits(const Json& body, const Model& model) {
    const auto most = integer_field(body, "max_tokens");
    if (most && *most > model.max_output) {
        return by_algorithm("Range of max_tokens should be [1, " +
                            std::to_string(model.max_output) + "]");
    }
    if (find_field(body, "max_completion_tokens") != nullptr &&
        !model.takes_max_completion_tokens) {
        return by_algorithm("The model " + std::string(model.id) +
                            " does not support the max_completion_tokens parameter.");
    }
    const std::int64_t choices = integer_field(body, "n").value_or(1);
    const bool is_single = find_field(body, "tools") != nullptr || is_thinking(body, model);
    const std::int64_t max_choices = is_single ? 1 : model.max_choices;
    if (choices <= max_choices) return std::nullopt;
    return by_algorithm("Range of n should be [1, " + std::to_string(max_choices) + "]");
}

Verdict refuse_stop(const Json& body, const Model&) {
    const Json* stop = find_field(body, "stop");
    if (stop == nullptr || stop->is_string()) return std::nullopt;
    if (stop->is_array()) {
        const auto count = [&](auto is_kind) {
            return static_cast<std::size_t>(std::count_if(stop->begin(), stop->end(), is_kind));
        };
        const std::size_t texts = count([](const Json& item) { return item.is_string(); });
        const std::size_t ids =
            count([](const Json& item) { return item.is_number_integer() || item.is_array(); });
        if (texts == stop->size() || ids == stop->size()) return std::nullopt;
    }
    return by_algorithm(
        "Input should be a string, a list of strings or a list of token ids: "
        "parameters.stop");
}

Verdict refuse_stream_options(const Json& body, const Model&) {
    if (find_field(body, "stream_options") == nullptr || is_true(body, "stream")) {
        return std::nullopt;
    }
    return by_front("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
}

Verdict refuse_response_format(const Json& body, const Model&) {
    const Json* format = find_field(body, "response_format");
    if (format == nullptr) return std::nullopt;
    const std::string_view type = text_field(*format, "type");
    if (type == "text") return std::nullopt;
    if (type == "json_object") {
        if (mentions_json(body)) return std::nullopt;
        return by_algorithm(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.");
    }
    if (type != "json_schema") {
        return by_algorithm(
            "response_format.type should be one of ['text', 'json_object', 'json_schema']");
    }
    const Json* schema = find_field(*format, "json_schema");
    if (schema != nullptr && is_function_name(text_field(*schema, "name"))) return std::nullopt;
    return by_algorithm("response_format.json_schema should have a name.");
}

Verdict refuse_effort(const Json& body, const Model&) {
    const std::string_view effort = text_field(body, "reasoning_effort");
    constexpr std::array<std::string_view, 5> kEfforts = {"", "none", "low", "medium", "xhigh"};
    if (std::find(kEfforts.begin(), kEfforts.end(), effort) != kEfforts.end()) return std::nullopt;
    return by_algorithm("reasoning_effort should be one of ['none', 'low', 'medium', 'xhigh']");
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 9> kChatChecks = {
    refuse_messages, refuse_effort,         refuse_thinking,        refuse_tools,  refuse_limits,
    refuse_stop,     refuse_stream_options, refuse_response_format, refuse_length,
};

}  // namespace

std::span<const FieldRule> chat_fields() {
    return kChatFields;
}

std::optional<Refusal> refuse_model(const Json& body, Use use) {
    const std::string name(text_field(body, "model"));
    if (name.empty())
        return by_front("you must provide a model parameter", "invalid_request_error");
    const auto model = find_model(name);
    if (!model) {
        return Refusal{404,
                       "The model `" + name + "` does not exist or you do not have access to it.",
                       "invalid_request_error", "", "model_not_found"};
    }
    if (model->use == Use::Both || model->use == use) return std::nullopt;
    return Refusal{404, "Unsupported model `" + name + "` for OpenAI compatibility mode.",
                   "invalid_request_error", "", "model_not_supported"};
}

std::optional<Refusal> refuse_chat(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body, kChatFields)) return refusal;
    for (const Check check : kChatChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

bool is_thinking(const Json& body, const Model& model) {
    if (model.thinking == Thinking::Never) return false;
    if (model.thinking == Thinking::Always) return true;
    const std::string_view effort = text_field(body, "reasoning_effort");
    if (effort == "none") return false;
    const Json* asked = find_field(body, "enable_thinking");
    if (asked != nullptr) return asked->get<bool>();
    return model.thinking == Thinking::OnByDefault || !effort.empty();
}

}  // namespace aigw::simulated::dashscope
