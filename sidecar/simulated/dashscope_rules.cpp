#include "sidecar/simulated/dashscope_rules.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/embedding.h"

namespace aigw::simulated::dashscope {
namespace {

// Columns: id, use, thinking, thinks only in streams, sees images, takes max_completion_tokens,
// max choices, context, max output, dimensions, max inputs.
constexpr std::array kModels = {
    Model{"qwen-turbo", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 131'072, 16'384,
          "", 0},
    Model{"qwen-plus", Use::Chat, Thinking::OffByDefault, false, false, false, 4, 131'072, 32'768,
          "", 0},
    Model{"qwen-flash", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 1'000'000,
          32'768, "", 0},
    Model{"qwen-max", Use::Chat, Thinking::Never, false, false, false, 1, 32'768, 8'192, "", 0},
    Model{"qwen3-max", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 262'144, 65'536,
          "", 0},
    Model{"qwen3.5-plus", Use::Chat, Thinking::OnByDefault, false, true, true, 1, 1'000'000, 65'536,
          "", 0},
    Model{"qwen3.5-flash", Use::Chat, Thinking::OnByDefault, false, true, true, 1, 1'000'000,
          65'536, "", 0},
    Model{"qwen3.7-max", Use::Chat, Thinking::OnByDefault, false, false, true, 1, 1'000'000, 65'536,
          "", 0},
    Model{"qwen3-8b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072, 8'192, "",
          0},
    Model{"qwen3-32b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072, 16'384, "",
          0},
    Model{"qwen3-235b-a22b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072,
          16'384, "", 0},
    Model{"qwen3-30b-a3b-thinking-2507", Use::Chat, Thinking::Always, true, false, false, 1,
          131'072, 32'768, "", 0},
    Model{"qwen3-30b-a3b-instruct-2507", Use::Chat, Thinking::Never, false, false, false, 4,
          131'072, 32'768, "", 0},
    Model{"qwq-plus", Use::Chat, Thinking::Always, true, false, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen-vl-plus", Use::Chat, Thinking::Never, false, true, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen-vl-max", Use::Chat, Thinking::Never, false, true, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen3-vl-plus", Use::Chat, Thinking::OffByDefault, false, true, false, 1, 262'144,
          32'768, "", 0},
    Model{"qwen3-coder-plus", Use::Chat, Thinking::Never, false, false, false, 1, 1'000'000, 65'536,
          "", 0},
    Model{"deepseek-v3.2", Use::Chat, Thinking::OffByDefault, false, false, true, 1, 131'072,
          65'536, "", 0},
    Model{"text-embedding-v4", Use::Embeddings, Thinking::Never, false, false, false, 1, 8'192, 0,
          "1024 2048 1536 768 512 256 128 64", 10},
    Model{"text-embedding-v3", Use::Embeddings, Thinking::Never, false, false, false, 1, 8'192, 0,
          "1024 768 512 256 128 64", 10},
    Model{"text-embedding-v2", Use::Embeddings, Thinking::Never, false, false, false, 1, 2'048, 0,
          "1536", 25},
    Model{"text-embedding-v1", Use::Embeddings, Thinking::Never, false, false, false, 1, 2'048, 0,
          "1536", 25},
};

constexpr Model kSimulatedModel = {"sim-chat",
                                   Use::Both,
                                   Thinking::OffByDefault,
                                   false,
                                   true,
                                   true,
                                   4,
                                   131'072,
                                   100'000,
                                   "1024 2048 1536 768 512 256 128 64",
                                   10};

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

constexpr std::array kEmbeddingFields = {
    FieldRule{"model", FieldType::String},       FieldRule{"input"},
    FieldRule{"dimensions", FieldType::Integer}, FieldRule{"encoding_format", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

using Verdict = std::optional<Refusal>;

constexpr std::string_view kAlgorithm = "<400> InternalError.Algo.InvalidParameter: ";

// A refusal by the model service behind the front.
Refusal by_algorithm(const std::string& message) {
    return {.message = std::string(kAlgorithm) + message, .code = "invalid_parameter_error"};
}

// A refusal by the front itself.
Refusal by_front(std::string message, std::string code = "invalid_parameter_error") {
    return {.message = std::move(message), .code = std::move(code)};
}

std::string number_text(double number) {
    std::string text = Json(number).dump();
    return text;
}

// "[0.0, 2.0)"; without an upper bound "[0, inf)".
std::string range_text(const FieldRule& rule) {
    const bool is_whole = rule.type == FieldType::Integer;
    const auto bound = [&](double number) {
        return is_whole ? std::to_string(static_cast<std::int64_t>(number)) : number_text(number);
    };
    const bool has_top = rule.max != std::numeric_limits<double>::infinity();
    return (rule.edge == Edge::OpenBelow ? "(" : "[") + bound(rule.min) + ", " +
           (has_top ? bound(rule.max) : "inf") +
           (rule.edge == Edge::OpenAbove || !has_top ? ")" : "]");
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

std::string expected_type(FieldType type) {
    switch (type) {
        case FieldType::Any:
            return "value";
        case FieldType::Boolean:
            return "boolean";
        case FieldType::Integer:
            return "integer";
        case FieldType::Number:
            return "number";
        case FieldType::String:
            return "string";
        case FieldType::Array:
            return "list";
        case FieldType::Object:
            return "dictionary";
    }
    return "";
}

Verdict refuse_fields(const Json& body, std::span<const FieldRule> rules) {
    const auto problem = find_field_problem(known_fields(body, rules), rules);
    if (!problem) return std::nullopt;
    if (problem->fault == FieldFault::WrongType) {
        return by_algorithm("Input should be a valid " + expected_type(problem->rule->type) +
                            ": parameters." + problem->name);
    }
    return by_algorithm(
        problem->rule->type == FieldType::Integer
            ? "Range of " + problem->name + " should be " + range_text(*problem->rule)
            : capitalised(problem->name) + " should be in " + range_text(*problem->rule));
}

// Messages.

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

// Thinking.

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

// Embeddings.

Refusal by_contents(const std::string& message) {
    return by_algorithm("Value error, " + message + ".: input.contents");
}

Verdict refuse_input(const Json& body, const Model& model) {
    const Json* input = find_field(body, "input");
    if (input == nullptr) return by_front("'input' is a required property");
    const bool is_texts =
        input->is_string() ||
        (input->is_array() && !input->empty() &&
         std::all_of(input->begin(), input->end(), [](const Json& s) { return s.is_string(); }));
    if (!is_texts) return by_contents("contents is neither str nor list of str");
    if (input->is_array() && input->size() > model.max_inputs) {
        return by_contents("batch size is invalid, it should not be larger than " +
                           std::to_string(model.max_inputs));
    }
    for (const EmbeddingInput& one : read_inputs(*input)) {
        if (one.tokens >= 1 && one.tokens <= model.context) continue;
        return by_algorithm("Range of input length should be [1, " + std::to_string(model.context) +
                            "]");
    }
    return std::nullopt;
}

Verdict refuse_dimensions(const Json& body, const Model& model) {
    const auto asked = integer_field(body, "dimensions");
    if (!asked) return std::nullopt;
    const auto offered = split(model.dimensions, ' ');
    const std::string text = std::to_string(*asked);
    if (std::find(offered.begin(), offered.end(), text) != offered.end()) return std::nullopt;
    std::string list;
    for (const std::string_view one : offered) {
        list.append(list.empty() ? "" : ", ").append(one);
    }
    return by_algorithm("Value error, dimension is invalid, it should be in [" + list +
                        "].: parameters.dimension");
}

Verdict refuse_encoding(const Json& body, const Model&) {
    const std::string_view format = text_field(body, "encoding_format");
    if (format.empty() || format == "float") return std::nullopt;
    return by_algorithm("encoding_format only supports float.");
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 9> kChatChecks = {
    refuse_messages, refuse_effort,         refuse_thinking,        refuse_tools,  refuse_limits,
    refuse_stop,     refuse_stream_options, refuse_response_format, refuse_length,
};
constexpr std::array<Check, 3> kEmbeddingChecks = {refuse_input, refuse_dimensions,
                                                   refuse_encoding};

Verdict first_refusal(std::span<const Check> checks, const Json& body, const Model& model) {
    for (const Check check : checks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

// "qwen-plus" of "qwen-plus-latest" and of "qwen-plus-2025-07-28".
std::string_view without_version(std::string_view id) {
    constexpr std::string_view kLatest = "-latest";
    constexpr std::string_view kDate = "-dddd-dd-dd";
    if (id.ends_with(kLatest)) return id.substr(0, id.size() - kLatest.size());
    if (id.size() <= kDate.size()) return id;
    const std::string_view tail = id.substr(id.size() - kDate.size());
    const bool is_date = std::equal(tail.begin(), tail.end(), kDate.begin(), [](char c, char kind) {
        return kind == 'd' ? c >= '0' && c <= '9' : c == kind;
    });
    return is_date ? id.substr(0, id.size() - kDate.size()) : id;
}

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    const std::string_view family = without_version(id);
    for (const Model& model : kModels) {
        if (model.id == id || model.id == family) return model;
    }
    if (!id.starts_with("sim-")) return std::nullopt;
    return kSimulatedModel;
}

std::span<const FieldRule> chat_fields() {
    return kChatFields;
}

std::span<const FieldRule> embedding_fields() {
    return kEmbeddingFields;
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
    return first_refusal(kChatChecks, body, model);
}

std::optional<Refusal> refuse_embeddings(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body, kEmbeddingFields)) return refusal;
    return first_refusal(kEmbeddingChecks, body, model);
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

std::size_t dimensions_of(const Json& body, const Model& model) {
    const std::string_view standard = split(model.dimensions, ' ').front();
    const std::int64_t asked = integer_field(body, "dimensions").value_or(0);
    return static_cast<std::size_t>(asked > 0 ? static_cast<std::uint64_t>(asked)
                                              : parse_uint(standard).value_or(0));
}

}  // namespace aigw::simulated::dashscope
