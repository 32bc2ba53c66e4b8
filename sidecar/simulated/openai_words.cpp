#include "sidecar/simulated/openai_words.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace aigw::simulated::openai {
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
            return "a decimal";
        case FieldType::String:
            return "a string";
        case FieldType::Array:
            return "an array";
        case FieldType::Object:
            return "an object";
    }
    return "";
}

Refusal out_of_range(const FieldProblem& problem, const Json& value) {
    const bool is_low = problem.fault == FieldFault::TooSmall;
    const std::string kind = problem.rule->type == FieldType::Integer ? "integer" : "decimal";
    const auto bound = static_cast<std::int64_t>(is_low ? problem.rule->min : problem.rule->max);
    return invalid(problem.name, kind + (is_low ? "_below_min_value" : "_above_max_value"),
                   "Invalid '" + problem.name + "': " + kind +
                       (is_low ? " below minimum" : " above maximum") +
                       " value. Expected a value " + (is_low ? ">= " : "<= ") +
                       std::to_string(bound) + ", but got " + value.dump() + " instead.");
}

}  // namespace

Refusal invalid(std::string param, std::string code, std::string message) {
    return {.message = std::move(message), .param = std::move(param), .code = std::move(code)};
}

Refusal missing(const std::string& param) {
    return invalid(param, "missing_required_parameter",
                   "Missing required parameter: '" + param + "'.");
}

std::string named_type(const Json& value) {
    if (value.is_boolean()) return "a boolean";
    if (value.is_number_integer()) return "an integer";
    if (value.is_number()) return "a decimal";
    if (value.is_string()) return "a string";
    if (value.is_array()) return "an array";
    return value.is_object() ? "an object" : "null";
}

Refusal wrong_type(const std::string& param, const std::string& expected, const Json& value) {
    return invalid(param, "invalid_type",
                   "Invalid type for '" + param + "': expected " + expected + ", but got " +
                       named_type(value) + " instead.");
}

std::string listed(const std::vector<std::string_view>& values) {
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text += values.size() > 2 ? ", " : " ";
        if (i > 0 && i + 1 == values.size()) text += "and ";
        text.append("'").append(values[i]).append("'");
    }
    return text;
}

Refusal unsupported_choice(const std::string& param, std::string_view value,
                           const std::vector<std::string_view>& values) {
    return invalid(param, "invalid_value",
                   "Invalid value: '" + std::string(value) +
                       "'. Supported values are: " + listed(values) + ".");
}

Refusal unsupported_parameter(const std::string& param) {
    return invalid(param, "unsupported_parameter",
                   "Unsupported parameter: '" + param + "' is not supported with this model.");
}

Verdict refuse_fields(const Json& body, std::span<const FieldRule> rules) {
    // Whoever asks for the echo of unknown fields may send them.
    const bool may_be_unknown = is_true(body, "x_echo");
    const auto problem = may_be_unknown ? find_field_problem(known_fields(body, rules), rules)
                                        : find_field_problem(body, rules);
    if (!problem) return std::nullopt;
    const Json& value = body[problem->name];
    switch (problem->fault) {
        case FieldFault::Unknown:
            return invalid(problem->name, "unknown_parameter",
                           "Unknown parameter: '" + problem->name + "'.");
        case FieldFault::WrongType:
            return wrong_type(problem->name, named_type(problem->rule->type), value);
        case FieldFault::TooSmall:
        case FieldFault::TooLarge:
            return out_of_range(*problem, value);
    }
    return std::nullopt;
}

}  // namespace aigw::simulated::openai
