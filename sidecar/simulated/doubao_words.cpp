#include "sidecar/simulated/doubao_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace aigw::simulated::doubao {
namespace {

std::string named_type(FieldType type) {
    switch (type) {
        case FieldType::Any:
            return "a value";
        case FieldType::Boolean:
            return "a boolean";
        case FieldType::Integer:
            return "an integer";
        case FieldType::Number:
            return "a number";
        case FieldType::String:
            return "a string";
        case FieldType::Array:
            return "an array";
        case FieldType::Object:
            return "an object";
    }
    return "";
}

std::string bound_text(double bound) {
    return std::to_string(static_cast<std::int64_t>(bound));
}

std::string words_for(const FieldProblem& problem, const Json& value) {
    const FieldRule& rule = *problem.rule;
    const std::string got = ", but got " + value.dump() + " instead";
    switch (problem.fault) {
        case FieldFault::Unknown:
            return "";
        case FieldFault::WrongType:
            return "expected " + named_type(rule.type);
        case FieldFault::TooSmall:
            return "expected a value " + std::string(rule.edge == Edge::OpenBelow ? "> " : ">= ") +
                   bound_text(rule.min) + got;
        case FieldFault::TooLarge:
            return "expected a value <= " + bound_text(rule.max) + got;
    }
    return "";
}

}  // namespace

Refusal bad_request(std::string code, std::string param, std::string message) {
    return {.message = std::move(message),
            .type = "BadRequest",
            .param = std::move(param),
            .code = std::move(code)};
}

Refusal missing(const std::string& param) {
    return bad_request("MissingParameter", param,
                       "The request failed because it is missing `" + param + "` parameter.");
}

Refusal invalid(const std::string& param, const std::string& problem) {
    return bad_request(
        "InvalidParameter", param,
        "The parameter `" + param + "` specified in the request is not valid: " + problem + ".");
}

Refusal unsupported(const std::string& param, std::string_view model) {
    return bad_request("InvalidParameter.UnsupportedParameter", param,
                       "The parameter `" + param +
                           "` specified in the request is not supported by model " +
                           std::string(model) + ".");
}

Refusal unknown_model(std::string_view id) {
    return {404,
            "The model or endpoint " + std::string(id) +
                " does not exist or you do not have access to it.",
            "NotFound", "", "InvalidEndpointOrModel.NotFound"};
}

Refusal wrong_use(std::string_view id) {
    return {404, "The requested model " + std::string(id) + " does not support this api.",
            "NotFound", "", "UnsupportedModel"};
}

Verdict refuse_choice(const std::string& param, std::string_view value, std::string_view choices) {
    const auto words = split(choices, ' ');
    if (std::find(words.begin(), words.end(), value) != words.end()) return std::nullopt;
    std::string list;
    for (const std::string_view word : words) {
        list.append(list.empty() ? "" : ", ").append("`").append(word).append("`");
    }
    return invalid(
        param, "supported values are " + list + ", but got `" + std::string(value) + "` instead");
}

Verdict refuse_members(const Json& object, const std::string& at, std::span<const FieldRule> rules,
                       std::string_view model) {
    // Whoever asks for the echo of unknown fields may send them.
    const bool may_be_unknown = at.empty() && is_true(object, "x_echo");
    const auto problem = may_be_unknown ? find_field_problem(known_fields(object, rules), rules)
                                        : find_field_problem(object, rules);
    if (!problem) return std::nullopt;
    const std::string param = at.empty() ? problem->name : at + "." + problem->name;
    if (problem->fault == FieldFault::Unknown) return unsupported(param, model);
    return invalid(param, words_for(*problem, object[problem->name]));
}

}  // namespace aigw::simulated::doubao
