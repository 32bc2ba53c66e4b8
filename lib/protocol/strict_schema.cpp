#include "protocol/strict_schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace aigw::protocol {
namespace {

constexpr std::array<std::string_view, 11> kRefused = {"oneOf",
                                                       "allOf",
                                                       "not",
                                                       "if",
                                                       "then",
                                                       "else",
                                                       "patternProperties",
                                                       "dependentSchemas",
                                                       "dependentRequired",
                                                       "propertyNames",
                                                       "unevaluatedProperties"};
// Members whose members are schemas, and members that are one or a list of them.
constexpr std::array<std::string_view, 3> kSchemasByName = {"properties", "$defs", "definitions"};
constexpr std::array<std::string_view, 4> kSchemas = {"items", "anyOf", "prefixItems", "contains"};

template <std::size_t Size>
bool is_one_of(JsonValue member, const std::array<std::string_view, Size>& names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return member.has_key(name); });
}

bool names_object(JsonValue type) {
    if (!type.is_array()) return type.is("object");
    for (const JsonValue& one : type) {
        if (one.is("object")) return true;
    }
    return false;
}

bool requires_all(JsonValue schema) {
    std::vector<std::string> required;
    for (const JsonValue& name : schema["required"]) required.push_back(name.text());
    std::ranges::sort(required);
    for (const JsonValue& property : schema["properties"]) {
        if (!std::ranges::binary_search(required, property.key())) return false;
    }
    return true;
}

bool meets_rules(JsonValue schema);

bool all_meet_rules(JsonValue schemas) {
    for (const JsonValue& schema : schemas) {
        if (!meets_rules(schema)) return false;
    }
    return true;
}

// As deep as the text, which is at most 128 levels.
bool meets_rules(JsonValue schema) {
    if (!schema.is_object()) return false;
    if (names_object(schema["type"]) || schema["properties"].is_given()) {
        if (schema["additionalProperties"].boolean() != false || !requires_all(schema))
            return false;
    }
    for (const JsonValue& member : schema) {
        if (is_one_of(member, kRefused)) return false;
        if (is_one_of(member, kSchemasByName) && !all_meet_rules(member)) return false;
        if (!is_one_of(member, kSchemas)) continue;
        if (!(member.is_array() ? all_meet_rules(member) : meets_rules(member))) return false;
    }
    return true;
}

void append_member(std::string& out, JsonValue member) {
    if (out.back() != '{') out.push_back(',');
    append_json_string(out, member.key());
    out.push_back(':');
    append_compact(out, member.raw());
}

}  // namespace

bool meets_strict_rules(JsonValue schema) {
    return schema["type"].is("object") && meets_rules(schema);
}

void append_tool_schema(std::string& out, JsonValue schema) {
    const bool has_type = schema["type"].is_given();
    const bool has_properties = schema["properties"].is_given();
    if (has_type && has_properties) {
        append_compact(out, schema.raw());
        return;
    }
    out.push_back('{');
    if (!has_type) out.append(R"("type":"object")");
    for (const JsonValue& member : schema) {
        const bool is_absent = (!has_type && member.has_key("type")) ||
                               (!has_properties && member.has_key("properties"));
        if (!is_absent) append_member(out, member);
    }
    if (!has_properties) out.append(out.back() == '{' ? "" : ",").append(R"("properties":{})");
    out.push_back('}');
}

}  // namespace aigw::protocol
