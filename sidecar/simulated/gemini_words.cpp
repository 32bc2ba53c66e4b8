#include "sidecar/simulated/gemini_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/gemini_names.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::string_view kApi = "type.googleapis.com/google.ai.generativelanguage.v1beta.";
constexpr const char* kRoot = ".";  // the field of a violation that names none

std::string named_type(FieldType type) {
    switch (type) {
        case FieldType::Any:
        case FieldType::Object:
        case FieldType::Array:
            return "";
        case FieldType::Boolean:
            return "TYPE_BOOL";
        case FieldType::Integer:
            return "TYPE_INT32";
        case FieldType::Number:
            return "TYPE_FLOAT";
        case FieldType::String:
            return "TYPE_STRING";
    }
    return "";
}

std::string behind(const std::string& at) {
    return at.empty() ? "" : " at '" + at + "'";
}

Refusal wrong_type(const std::string& at, const FieldProblem& problem, const Json& value) {
    const std::string name = "Unknown name \"" + problem.name + "\"" + behind(at);
    const std::string payload = "Invalid JSON payload received. ";
    const std::string field = join(at, problem.name);
    if (value.is_array()) {
        return violation(field,
                         payload + name + ": Proto field is not repeating, cannot start list.");
    }
    if (problem.rule->type == FieldType::Array && !value.is_object()) {
        return violation(field, payload + name + ": Proto field is repeating, expected a list.");
    }
    if (value.is_object()) {
        return violation(field, payload + name + ": Starting an object on a scalar field.");
    }
    if (problem.rule->type == FieldType::Object) {
        return violation(field, "Invalid value at '" + field + "', expected an object.");
    }
    return violation(field, "Invalid value at '" + field + "' (" + named_type(problem.rule->type) +
                                "), " + value.dump());
}

std::string bound_text(double bound) {
    return std::to_string(static_cast<std::int64_t>(bound));
}

}  // namespace

Refusal invalid(std::string message) {
    return {.message = std::move(message), .type = "INVALID_ARGUMENT"};
}

Refusal violation(const std::string& at, const std::string& problem) {
    Refusal refusal = invalid(problem);
    refusal.param = at.empty() ? kRoot : at;
    return refusal;
}

Refusal unfit(const std::string& at, const std::string& problem) {
    return invalid("* GenerateContentRequest." + at + ": " + problem + "\n");
}

std::string join(const std::string& at, std::string_view name) {
    return at.empty() ? snake_case(name) : at + "." + snake_case(name);
}

std::string join(const std::string& at, std::size_t index) {
    return at + "[" + std::to_string(index) + "]";
}

Verdict refuse_members(const Json& value, const std::string& at, std::span<const FieldRule> rules) {
    if (!value.is_object()) {
        return violation(at, "Invalid value at '" + at + "', expected an object.");
    }
    // Whoever asks for the echo of unknown fields may send them.
    const bool may_be_unknown = at.empty() && is_true(value, "x_echo");
    const auto problem = may_be_unknown ? find_field_problem(known_fields(value, rules), rules)
                                        : find_field_problem(value, rules);
    if (!problem) return std::nullopt;
    switch (problem->fault) {
        case FieldFault::Unknown:
            return violation(at, "Invalid JSON payload received. Unknown name \"" + problem->name +
                                     "\"" + behind(at) + ": Cannot find field.");
        case FieldFault::WrongType:
            return wrong_type(at, *problem, value[problem->name]);
        case FieldFault::TooSmall:
            return unfit(join(at, problem->name),
                         "must be at least " + bound_text(problem->rule->min));
        case FieldFault::TooLarge:
            return unfit(join(at, problem->name),
                         "must be at most " + bound_text(problem->rule->max));
    }
    return std::nullopt;
}

Verdict refuse_enum(const Json& holder, std::string_view name, const std::string& at,
                    std::string_view type, std::string_view choices) {
    const Json* value = find_field(holder, name);
    if (value == nullptr) return std::nullopt;
    const auto words = split(choices, ' ');
    const std::string_view text = text_field(holder, name);
    if (std::find(words.begin(), words.end(), text) != words.end()) return std::nullopt;
    const std::string field = join(at, name);
    return violation(field, "Invalid value at '" + field + "' (" + std::string(kApi) +
                                std::string(type) + "), " + value->dump());
}

Json render_error(const Refusal& refusal) {
    Json error = {{"code", refusal.status}, {"message", refusal.message}, {"status", refusal.type}};
    if (!refusal.code.empty()) {
        const Json info = {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                           {"reason", refusal.code},
                           {"domain", "googleapis.com"},
                           {"metadata", {{"service", "generativelanguage.googleapis.com"}}}};
        error["details"] = Json::array({info});
    }
    if (!refusal.param.empty()) {
        Json one = Json::object();
        if (refusal.param != kRoot) one["field"] = refusal.param;
        one["description"] = refusal.message;
        const Json bad = {{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                          {"fieldViolations", Json::array({one})}};
        error["details"] = Json::array({bad});
    }
    return {{"error", std::move(error)}};
}

}  // namespace aigw::simulated::gemini
