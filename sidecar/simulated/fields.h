// Top-level fields of a request against a table of them: the part of strictness that every vendor
// has and each words its own way.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/simulated/json.h"

namespace aigw::simulated {

enum class FieldType : std::uint8_t { Any, Boolean, Integer, Number, String, Array, Object };
enum class Edge : std::uint8_t { Closed, OpenBelow, OpenAbove };

struct FieldRule {
    std::string_view name;
    FieldType type = FieldType::Any;
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    Edge edge = Edge::Closed;
};

enum class FieldFault : std::uint8_t { Unknown, WrongType, TooSmall, TooLarge };

struct FieldProblem {
    FieldFault fault;
    std::string name;
    const FieldRule* rule;  // nullptr for an unknown field
};

// The first problem in the order of `body`; null counts as absent.
std::optional<FieldProblem> find_field_problem(const Json& body, std::span<const FieldRule> rules);

// The member, unless it is absent or null.
const Json* find_field(const Json& object, std::string_view name);
// The member's text, or "" when it is no string.
std::string_view text_field(const Json& object, std::string_view name);
bool is_true(const Json& object, std::string_view name);
std::optional<std::int64_t> integer_field(const Json& object, std::string_view name);

// The members that a rule names, and those that none does.
Json known_fields(const Json& body, std::span<const FieldRule> rules);
Json unknown_fields(const Json& body, std::span<const FieldRule> rules);

// 1 to 64 of [A-Za-z0-9_-], as both vendors want function and schema names.
bool is_function_name(std::string_view name);

}  // namespace aigw::simulated
