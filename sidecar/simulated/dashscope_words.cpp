#include "sidecar/simulated/dashscope_words.h"

#include <nlohmann/json.hpp>

namespace aigw::simulated::dashscope {
namespace {

constexpr std::string_view kAlgorithm = "<400> InternalError.Algo.InvalidParameter: ";

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

}  // namespace

Refusal by_algorithm(const std::string& message) {
    return {.message = std::string(kAlgorithm) + message, .code = "invalid_parameter_error"};
}

Refusal by_front(std::string message, std::string code) {
    return {.message = std::move(message), .code = std::move(code)};
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

}  // namespace aigw::simulated::dashscope
