#include "sidecar/simulated/anthropic_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace aigw::simulated::anthropic {
namespace {

std::string named_type(FieldType type) {
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

std::string words_for(const FieldProblem& problem) {
    switch (problem.fault) {
        case FieldFault::Unknown:
            return "Extra inputs are not permitted";
        case FieldFault::WrongType:
            return "Input should be a valid " + named_type(problem.rule->type);
        case FieldFault::TooSmall:
            return "Input should be greater than or equal to " +
                   std::to_string(static_cast<std::int64_t>(problem.rule->min));
        case FieldFault::TooLarge:
            return "Input should be less than or equal to " +
                   std::to_string(static_cast<std::int64_t>(problem.rule->max));
    }
    return "";
}

}  // namespace

std::string join(std::string_view path, std::string_view name) {
    if (path.empty()) return std::string(name);
    return std::string(path) + "." + std::string(name);
}

std::string join(std::string_view path, std::size_t index) {
    return join(path, std::to_string(index));
}

Refusal invalid(std::string message) {
    return {.message = std::move(message)};
}

Refusal invalid_at(std::string_view path, std::string_view message) {
    return invalid(std::string(path) + ": " + std::string(message));
}

Verdict refuse_members(const Json& object, std::string_view path, std::span<const FieldRule> rules,
                       std::string_view required) {
    if (!object.is_object()) return invalid_at(path, "Input should be a valid dictionary");
    for (const std::string_view name : split(required, ' ')) {
        if (name.empty() || find_field(object, name) != nullptr) continue;
        return invalid_at(join(path, name), "Field required");
    }
    const auto problem = find_field_problem(object, rules);
    if (!problem) return std::nullopt;
    return invalid_at(join(path, problem->name), words_for(*problem));
}

Verdict refuse_choice(std::string_view value, std::string_view path, std::string_view choices) {
    const auto words = split(choices, ' ');
    if (std::find(words.begin(), words.end(), value) != words.end()) return std::nullopt;
    return invalid_at(path, "Input should be " + listed(choices));
}

std::string listed(std::string_view words) {
    const auto all = split(words, ' ');
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
        text.append("'").append(all[i]).append("'");
    }
    return text;
}

}  // namespace aigw::simulated::anthropic
