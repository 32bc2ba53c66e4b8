#include "sidecar/simulated/openai_responses_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/openai_schema.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::array kResponseFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"input"},
    FieldRule{"instructions", FieldType::String},
    FieldRule{"previous_response_id", FieldType::String},
    FieldRule{"conversation"},
    FieldRule{"store", FieldType::Boolean},
    FieldRule{"background", FieldType::Boolean},
    FieldRule{"max_output_tokens", FieldType::Integer, 16},
    FieldRule{"max_tool_calls", FieldType::Integer, 1},
    FieldRule{"text", FieldType::Object},
    FieldRule{"reasoning", FieldType::Object},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice"},
    FieldRule{"include", FieldType::Array},
    FieldRule{"truncation", FieldType::String},
    FieldRule{"temperature", FieldType::Number, 0, 2},
    FieldRule{"top_p", FieldType::Number, 0, 1},
    FieldRule{"top_logprobs", FieldType::Integer, 0, 20},
    FieldRule{"parallel_tool_calls", FieldType::Boolean},
    FieldRule{"service_tier", FieldType::String},
    FieldRule{"metadata", FieldType::Object},
    FieldRule{"safety_identifier", FieldType::String},
    FieldRule{"prompt_cache_key", FieldType::String},
    FieldRule{"prompt_cache_retention", FieldType::String},
    FieldRule{"prompt_cache_options", FieldType::Object},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"prompt", FieldType::Object},
    FieldRule{"context_management", FieldType::Array},
    FieldRule{"moderation", FieldType::Object},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

// Fields of a chat completion that have another name here.
struct Moved {
    std::string_view from;
    std::string_view to;
};

constexpr std::array kMoved = {
    Moved{"messages", "input"},
    Moved{"max_tokens", "max_output_tokens"},
    Moved{"max_completion_tokens", "max_output_tokens"},
    Moved{"response_format", "text.format"},
    Moved{"verbosity", "text.verbosity"},
    Moved{"reasoning_effort", "reasoning.effort"},
};

Verdict refuse_moved(const Json& body) {
    if (is_true(body, "x_echo")) return std::nullopt;
    for (const Moved& row : kMoved) {
        if (!body.contains(row.from)) continue;
        return invalid(std::string(row.from), "unsupported_parameter",
                       "Unsupported parameter: '" + std::string(row.from) +
                           "'. In the Responses API, this parameter has moved to '" +
                           std::string(row.to) +
                           "'. Try again with the new parameter. See the API documentation for "
                           "more information: "
                           "https://platform.openai.com/docs/api-reference/responses/create.");
    }
    return std::nullopt;
}

Verdict refuse_model_of_response(const Json& body) {
    // Any model will do here; the next line says it in the words of this operation.
    if (auto refusal = refuse_model(body, Use::Any)) return refusal;
    const auto model = find_model(text_field(body, "model"));
    const bool is_chat = model->use == Use::Chat || model->use == Use::Responses;
    if (is_chat || model->use == Use::Any) return std::nullopt;
    return invalid("model", "unsupported_model",
                   "The requested model '" + std::string(model->id) +
                       "' cannot be used with the Responses API.");
}

// State that is not there.

Verdict refuse_state(const Json& body, const Model&) {
    const std::string previous(text_field(body, "previous_response_id"));
    if (!previous.empty() && find_field(body, "conversation") != nullptr) {
        return invalid("previous_response_id", "mutually_exclusive_parameters",
                       "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. "
                       "Ensure you are only providing one of: 'previous_response_id' or "
                       "'conversation'.");
    }
    if (!previous.empty()) {
        return invalid("previous_response_id", "previous_response_not_found",
                       "Previous response with id '" + previous + "' not found.");
    }
    if (const Json* conversation = find_field(body, "conversation")) {
        const std::string_view id = conversation->is_string() ? text_field(body, "conversation")
                                                              : text_field(*conversation, "id");
        return Refusal{404, "Conversation with id '" + std::string(id) + "' not found.",
                       "invalid_request_error", "conversation", ""};
    }
    if (!is_true(body, "background")) return std::nullopt;
    return invalid("background", "unsupported_value",
                   "Unsupported value: 'background' does not support true with this model.");
}

// Input items.

constexpr std::array<std::string_view, 4> kItemRoles = {"assistant", "system", "developer", "user"};

Verdict refuse_input_part(const Json& part, const std::string& at, std::string_view role) {
    if (!part.is_object()) return wrong_type(at, "an object", part);
    const std::string_view type = text_field(part, "type");
    if (type.empty()) return missing(at + ".type");
    std::vector<std::string_view> allowed = {"input_text", "input_image", "input_file"};
    if (role == "assistant") allowed = {"output_text", "refusal"};
    if (std::find(allowed.begin(), allowed.end(), type) == allowed.end()) {
        return unsupported_choice(at, type, allowed);
    }
    if (type == "input_image") {
        if (!text_field(part, "image_url").empty() || !text_field(part, "file_id").empty()) {
            return std::nullopt;
        }
        const Json* url = find_field(part, "image_url");
        return url == nullptr ? missing(at + ".image_url")
                              : wrong_type(at + ".image_url", "a string", *url);
    }
    if (type == "input_file") return std::nullopt;
    const std::string name = type == "refusal" ? "refusal" : "text";
    const Json* text = find_field(part, name);
    if (text == nullptr) return missing(at + "." + name);
    return text->is_string() ? std::nullopt
                             : Verdict(wrong_type(at + "." + name, "a string", *text));
}

Verdict refuse_parts(const Json& content, const std::string& at, std::string_view role) {
    if (content.is_string()) return std::nullopt;
    if (!content.is_array()) return wrong_type(at, "one of an array of objects or string", content);
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (auto refusal =
                refuse_input_part(content[i], at + "[" + std::to_string(i) + "]", role)) {
            return refusal;
        }
    }
    return std::nullopt;
}

Verdict refuse_message_item(const Json& item, const std::string& at) {
    const std::string_view role = text_field(item, "role");
    if (role.empty()) return missing(at + ".role");
    if (std::find(kItemRoles.begin(), kItemRoles.end(), role) == kItemRoles.end()) {
        return unsupported_choice(at + ".role", role, {kItemRoles.begin(), kItemRoles.end()});
    }
    const Json* content = find_field(item, "content");
    if (content == nullptr) return missing(at + ".content");
    return refuse_parts(*content, at + ".content", role);
}

Verdict refuse_texts(const Json& item, const std::string& at, std::string_view names) {
    for (const std::string_view name : split(names, ' ')) {
        const std::string member_at = at + "." + std::string(name);
        const Json* member = find_field(item, name);
        if (member == nullptr) return missing(member_at);
        if (!member->is_string()) return wrong_type(member_at, "a string", *member);
    }
    return std::nullopt;
}

Verdict refuse_output_item(const Json& item, const std::string& at) {
    if (auto refusal = refuse_texts(item, at, "call_id")) return refusal;
    const Json* output = find_field(item, "output");
    if (output == nullptr) return missing(at + ".output");
    return refuse_parts(*output, at + ".output", "user");
}

Verdict refuse_reasoning_item(const Json& item, const std::string& at, std::string_view model) {
    if (auto refusal = refuse_texts(item, at, "id")) return refusal;
    const Json* summary = find_field(item, "summary");
    if (summary == nullptr) return missing(at + ".summary");
    if (!summary->is_array()) return wrong_type(at + ".summary", "an array of objects", *summary);
    const std::string_view given = text_field(item, "encrypted_content");
    const std::string_view id = text_field(item, "id");
    if (given.empty() || given == encrypted_content(model, id)) return std::nullopt;
    return invalid("", "invalid_encrypted_content",
                   "The encrypted content for item " + std::string(id) +
                       " could not be verified. Reason: Encrypted content could not be decrypted "
                       "or parsed.");
}

Refusal unknown_item(std::string_view id) {
    return {404, "Item with id '" + std::string(id) + "' not found.", "invalid_request_error",
            "input", ""};
}

Verdict refuse_item(const Json& item, const std::string& at, std::string_view model) {
    if (!item.is_object()) return wrong_type(at, "an object", item);
    const std::string_view type = item_type(item);
    if (type == "message") return refuse_message_item(item, at);
    if (type == "function_call") return refuse_texts(item, at, "call_id name arguments");
    if (type == "custom_tool_call") return refuse_texts(item, at, "call_id name input");
    if (type == "function_call_output" || type == "custom_tool_call_output") {
        return refuse_output_item(item, at);
    }
    if (type == "reasoning") return refuse_reasoning_item(item, at, model);
    if (type == "item_reference") return unknown_item(text_field(item, "id"));
    return unsupported_choice(
        at, type,
        {"message", "function_call", "function_call_output", "custom_tool_call",
         "custom_tool_call_output", "reasoning", "item_reference"});
}

// Every call has its output, every output its call, and no thought stands alone.
Verdict refuse_pairs(const Json& items) {
    std::set<std::string> called;
    std::set<std::string> answered;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string_view type = item_type(items[i]);
        const std::string id(text_field(items[i], "call_id"));
        if (type == "function_call" || type == "custom_tool_call") called.insert(id);
        if (type == "function_call_output" || type == "custom_tool_call_output") {
            if (!called.contains(id)) {
                return invalid(
                    "input", "",
                    "No tool call found for function call output with call_id " + id + ".");
            }
            answered.insert(id);
        }
        if (type != "reasoning") continue;
        const bool is_followed =
            i + 1 < items.size() &&
            (text_field(items[i + 1], "role") == "assistant" ||
             item_type(items[i + 1]).ends_with("_call") || item_type(items[i + 1]) == "reasoning");
        if (is_followed) continue;
        return invalid("input", "",
                       "Item '" + std::string(text_field(items[i], "id")) +
                           "' of type 'reasoning' was provided without its required following "
                           "item.");
    }
    for (const std::string& id : called) {
        if (answered.contains(id)) continue;
        return invalid("input", "", "No tool output found for function call " + id + ".");
    }
    return std::nullopt;
}

Verdict refuse_input_items(const Json& body, const Model& model) {
    const Json* input = find_field(body, "input");
    if (input == nullptr) return missing("input");
    if (input->is_string()) return std::nullopt;
    if (!input->is_array()) {
        return wrong_type("input", "one of an array of objects or string", *input);
    }
    if (input->empty()) {
        return invalid("input", "empty_array",
                       "Invalid 'input': empty array. Expected an array with minimum length 1, but "
                       "got an empty array instead.");
    }
    for (std::size_t i = 0; i < input->size(); ++i) {
        if (auto refusal = refuse_item((*input)[i], "input[" + std::to_string(i) + "]", model.id)) {
            return refusal;
        }
    }
    return refuse_pairs(*input);
}

// Tools: flat, not in an object of their kind's name.

constexpr std::array<std::string_view, 16> kToolTypes = {
    "function",         "custom",
    "web_search",       "web_search_preview",
    "file_search",      "code_interpreter",
    "image_generation", "mcp",
    "computer",         "computer_use_preview",
    "local_shell",      "shell",
    "apply_patch",      "tool_search",
    "namespace",        "programmatic_tool_calling",
};

Verdict refuse_flat_tool(const Json& tool, const std::string& at) {
    if (!tool.is_object()) return wrong_type(at, "an object", tool);
    const std::string_view type = text_field(tool, "type");
    if (type.empty()) return missing(at + ".type");
    if (std::find(kToolTypes.begin(), kToolTypes.end(), type) == kToolTypes.end()) {
        return unsupported_choice(at + ".type", type, {kToolTypes.begin(), kToolTypes.end()});
    }
    if (type != "function" && type != "custom") return std::nullopt;
    const std::string name(text_field(tool, "name"));
    if (name.empty()) return missing(at + ".name");
    if (!is_function_name(name)) {
        return invalid(at + ".name", "invalid_value",
                       "Invalid '" + at +
                           ".name': string does not match pattern. Expected a string that matches "
                           "the pattern '^[a-zA-Z0-9_-]+$'.");
    }
    const Json* parameters = find_field(tool, "parameters");
    if (parameters == nullptr) return std::nullopt;
    if (!parameters->is_object()) return wrong_type(at + ".parameters", "an object", *parameters);
    if (!is_true(tool, "strict")) return std::nullopt;
    const std::string problem = find_strict_problem(*parameters);
    if (problem.empty()) return std::nullopt;
    return invalid(at + ".parameters", "invalid_function_parameters",
                   "Invalid schema for function '" + name + "': " + problem);
}

Verdict refuse_flat_tools(const Json& body, const Model&) {
    const Json* tools = find_field(body, "tools");
    if (tools == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < tools->size(); ++i) {
        if (auto refusal = refuse_flat_tool((*tools)[i], "tools[" + std::to_string(i) + "]")) {
            return refusal;
        }
    }
    return std::nullopt;
}

Verdict refuse_flat_choice(const Json& body, const Model&) {
    const Json* choice = find_field(body, "tool_choice");
    if (choice == nullptr) return std::nullopt;
    const Json* tools = find_field(body, "tools");
    if (choice->is_string()) {
        const std::string_view value = text_field(body, "tool_choice");
        if (value != "none" && value != "auto" && value != "required") {
            return unsupported_choice("tool_choice", value, {"none", "auto", "required"});
        }
        if (value != "required" || (tools != nullptr && !tools->empty())) return std::nullopt;
        return invalid("tool_choice", "",
                       "Tool choice 'required' must be specified with 'tools' parameter.");
    }
    if (!choice->is_object())
        return wrong_type("tool_choice", "one of a string or object", *choice);
    const std::string type(text_field(*choice, "type"));
    if (type.empty()) return missing("tool_choice.type");
    const bool is_named = type == "function" || type == "custom";
    const std::string_view name = text_field(*choice, "name");
    if (is_named && name.empty()) return missing("tool_choice.name");
    if (type == "allowed_tools") return std::nullopt;
    const bool is_there =
        tools != nullptr && std::any_of(tools->begin(), tools->end(), [&](const Json& tool) {
            return text_field(tool, "type") == type &&
                   (!is_named || text_field(tool, "name") == name);
        });
    if (is_there) return std::nullopt;
    return invalid("tool_choice", "", "Tool choice '" + type + "' not found in 'tools' parameter.");
}

// Text, reasoning, sampling.

bool mentions_json_in_input(const Json& body) {
    for (const char* name : {"input", "instructions"}) {
        const Json* field = find_field(body, name);
        if (field == nullptr) continue;
        const std::string text = field->dump(-1, ' ', false, Json::error_handler_t::replace);
        if (to_lower(text).find("json") != std::string::npos) return true;
    }
    return false;
}

Verdict refuse_format(const Json& body, const Json& format) {
    const std::string_view type = text_field(format, "type");
    if (type.empty()) return missing("text.format.type");
    if (type == "text") return std::nullopt;
    if (type == "json_object") {
        if (mentions_json_in_input(body)) return std::nullopt;
        return invalid("input", "",
                       "Response input messages must contain the word 'json' in some form to use "
                       "'text.format' of type 'json_object'.");
    }
    if (type != "json_schema") {
        return unsupported_choice("text.format.type", type, {"json_object", "json_schema", "text"});
    }
    const std::string name(text_field(format, "name"));
    if (name.empty()) return missing("text.format.name");
    if (!is_function_name(name)) {
        return invalid("text.format.name", "invalid_value",
                       "Invalid 'text.format.name': string does not match pattern. Expected a "
                       "string that matches the pattern '^[a-zA-Z0-9_-]+$'.");
    }
    const Json* schema = find_field(format, "schema");
    if (schema == nullptr) return missing("text.format.schema");
    if (!schema->is_object()) return wrong_type("text.format.schema", "an object", *schema);
    if (!is_true(format, "strict")) return std::nullopt;
    const std::string problem = find_strict_problem(*schema);
    if (problem.empty()) return std::nullopt;
    return invalid("text.format.schema", "invalid_json_schema",
                   "Invalid schema for response_format '" + name + "': " + problem);
}

Verdict refuse_text(const Json& body, const Model&) {
    const Json* text = find_field(body, "text");
    if (text == nullptr) return std::nullopt;
    const std::string_view verbosity = text_field(*text, "verbosity");
    if (!verbosity.empty() && verbosity != "low" && verbosity != "medium" && verbosity != "high") {
        return unsupported_choice("text.verbosity", verbosity, {"low", "medium", "high"});
    }
    const Json* format = find_field(*text, "format");
    return format == nullptr ? std::nullopt : refuse_format(body, *format);
}

Verdict refuse_reasoning(const Json& body, const Model& model) {
    const Json* reasoning = find_field(body, "reasoning");
    if (reasoning == nullptr) return std::nullopt;
    const std::string_view effort = text_field(*reasoning, "effort");
    const std::string_view summary = text_field(*reasoning, "summary");
    if (!model.reasons()) {
        if (!effort.empty()) return unsupported_parameter("reasoning.effort");
        return summary.empty() ? std::nullopt : Verdict(unsupported_parameter("reasoning.summary"));
    }
    const auto efforts = split(model.efforts, ' ');
    if (!effort.empty() && std::find(efforts.begin(), efforts.end(), effort) == efforts.end()) {
        return invalid("reasoning.effort", "unsupported_value",
                       "Unsupported value: '" + std::string(effort) +
                           "' is not supported with the '" + std::string(model.id) +
                           "' model. Supported values are: " + listed(efforts) + ".");
    }
    if (summary.empty() || summary == "auto" || summary == "concise" || summary == "detailed") {
        return std::nullopt;
    }
    return unsupported_choice("reasoning.summary", summary, {"concise", "detailed", "auto"});
}

Verdict refuse_sampling_of_response(const Json& body, const Model& model) {
    const std::string_view effort = effort_of_response(body, model);
    if (effort.empty() || effort == "none") return std::nullopt;
    for (const char* name : {"temperature", "top_p"}) {
        const Json* given = find_field(body, name);
        if (given == nullptr || std::abs(given->get<double>() - 1) < 1e-9) continue;
        return unsupported_parameter(name);
    }
    return std::nullopt;
}

Verdict refuse_max_output(const Json& body, const Model& model) {
    const auto asked = integer_field(body, "max_output_tokens");
    if (!asked || *asked <= model.max_output) return std::nullopt;
    return invalid("max_output_tokens", "invalid_value",
                   "max_output_tokens is too large: " + std::to_string(*asked) +
                       ". This model supports at most " + std::to_string(model.max_output) +
                       " completion tokens, whereas you provided " + std::to_string(*asked) + ".");
}

// Lists and words.

constexpr std::array<std::string_view, 8> kIncludes = {
    "code_interpreter_call.outputs",  "computer_call_output.output.image_url",
    "file_search_call.results",       "message.input_image.image_url",
    "message.output_text.logprobs",   "reasoning.encrypted_content",
    "web_search_call.action.sources", "web_search_call.results",
};

Verdict refuse_include(const Json& body, const Model& model) {
    const Json* include = find_field(body, "include");
    if (include == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < include->size(); ++i) {
        const std::string at = "include[" + std::to_string(i) + "]";
        const Json& value = (*include)[i];
        if (!value.is_string()) return wrong_type(at, "a string", value);
        const std::string_view text = value.get_ref<const std::string&>();
        if (std::find(kIncludes.begin(), kIncludes.end(), text) == kIncludes.end()) {
            return unsupported_choice(at, text, {kIncludes.begin(), kIncludes.end()});
        }
        if (text == "reasoning.encrypted_content" && !model.reasons()) {
            return invalid("include", "", "Encrypted content is not supported with this model.");
        }
    }
    return std::nullopt;
}

Verdict refuse_words(const Json& body, const Model&) {
    const std::string_view truncation = text_field(body, "truncation");
    if (!truncation.empty() && truncation != "auto" && truncation != "disabled") {
        return unsupported_choice("truncation", truncation, {"auto", "disabled"});
    }
    const std::vector<std::string_view> tiers = {"auto", "default",  "fast",
                                                 "flex", "priority", "scale"};
    const std::string_view tier = text_field(body, "service_tier");
    if (tier.empty() || std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) {
        return std::nullopt;
    }
    return unsupported_choice("service_tier", tier, tiers);
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 12> kResponseChecks = {
    refuse_state,   refuse_input_items, refuse_flat_tools,           refuse_flat_choice,
    refuse_text,    refuse_reasoning,   refuse_sampling_of_response, refuse_max_output,
    refuse_include, refuse_words,       refuse_stream_options,       refuse_metadata,
};

}  // namespace

std::string_view item_type(const Json& item) {
    const std::string_view type = text_field(item, "type");
    return type.empty() ? "message" : type;
}

std::string encrypted_content(std::string_view model, std::string_view id) {
    constexpr std::size_t kLength = 96;
    Random random(hash_of(id, hash_of(model, 1)));
    return "gAAAAAB" + make_id(kLength, random);
}

std::string_view effort_of_response(const Json& body, const Model& model) {
    if (!model.reasons()) return "";
    const Json* reasoning = find_field(body, "reasoning");
    const std::string_view effort =
        reasoning == nullptr ? std::string_view() : text_field(*reasoning, "effort");
    return effort.empty() ? "medium" : effort;
}

Verdict refuse_response_request(const Json& body) {
    if (auto refusal = refuse_model_of_response(body)) return refusal;
    if (auto refusal = refuse_moved(body)) return refusal;
    if (auto refusal = refuse_fields(body, kResponseFields)) return refusal;
    const auto model = find_model(text_field(body, "model"));
    for (const Check check : kResponseChecks) {
        if (auto refusal = check(body, *model)) return refusal;
    }
    return std::nullopt;
}

Json unknown_response_fields(const Json& body) {
    return unknown_fields(body, kResponseFields);
}

}  // namespace aigw::simulated::openai
