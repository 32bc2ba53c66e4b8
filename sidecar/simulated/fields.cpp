#include "sidecar/simulated/fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aigw::simulated {
namespace {

bool has_type(const Json& value, FieldType type) {
    switch (type) {
        case FieldType::Any:
            return true;
        case FieldType::Boolean:
            return value.is_boolean();
        case FieldType::Integer:
            return value.is_number_integer();
        case FieldType::Number:
            return value.is_number();
        case FieldType::String:
            return value.is_string();
        case FieldType::Array:
            return value.is_array();
        case FieldType::Object:
            return value.is_object();
    }
    return false;
}

std::optional<FieldFault> find_fault(const Json& value, const FieldRule& rule) {
    if (!has_type(value, rule.type)) return FieldFault::WrongType;
    if (!value.is_number()) return std::nullopt;
    const auto number = value.get<double>();
    if (number < rule.min || (rule.edge == Edge::OpenBelow && number <= rule.min)) {
        return FieldFault::TooSmall;
    }
    if (number > rule.max || (rule.edge == Edge::OpenAbove && number >= rule.max)) {
        return FieldFault::TooLarge;
    }
    return std::nullopt;
}

const FieldRule* find_rule(std::string_view name, std::span<const FieldRule> rules) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&](const FieldRule& rule) { return rule.name == name; });
    return found == rules.end() ? nullptr : &*found;
}

}  // namespace

std::optional<FieldProblem> find_field_problem(const Json& body, std::span<const FieldRule> rules) {
    for (const auto& [name, value] : body.items()) {
        const FieldRule* rule = find_rule(name, rules);
        if (rule == nullptr) return FieldProblem{FieldFault::Unknown, name, nullptr};
        if (value.is_null()) continue;
        if (const auto fault = find_fault(value, *rule)) return FieldProblem{*fault, name, rule};
    }
    return std::nullopt;
}

const Json* find_field(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string_view text_field(const Json& object, std::string_view name) {
    const Json* found = find_field(object, name);
    return found != nullptr && found->is_string()
               ? std::string_view(found->get_ref<const std::string&>())
               : std::string_view();
}

bool is_true(const Json& object, std::string_view name) {
    const Json* found = find_field(object, name);
    return found != nullptr && found->is_boolean() && found->get<bool>();
}

std::optional<std::int64_t> integer_field(const Json& object, std::string_view name) {
    const Json* found = find_field(object, name);
    if (found == nullptr || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

Json known_fields(const Json& body, std::span<const FieldRule> rules) {
    Json known = Json::object();
    for (const auto& [name, value] : body.items()) {
        if (find_rule(name, rules) != nullptr) known[name] = value;
    }
    return known;
}

Json unknown_fields(const Json& body, std::span<const FieldRule> rules) {
    Json unknown = Json::object();
    for (const auto& [name, value] : body.items()) {
        if (find_rule(name, rules) == nullptr) unknown[name] = value;
    }
    return unknown;
}

bool is_function_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

}  // namespace aigw::simulated
