#include "sidecar/simulated/openai_schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sidecar/simulated/fields.h"

namespace aigw::simulated::openai {
namespace {

constexpr int kMaxDepth = 64;

// `context` is the path as the vendor writes it: "'properties', 'city'".
std::string in_context(const std::string& context, const std::string& words) {
    return "In context=(" + context + "), " + words;
}

std::string extend(const std::string& context, const std::string& name) {
    return context + (context.empty() ? "" : ", ") + "'" + name + "'";
}

std::string find_problem(const Json& schema, const std::string& context, int depth);

std::string find_object_problem(const Json& schema, const std::string& context) {
    const auto closed = schema.find("additionalProperties");
    if (closed == schema.end() || *closed != false) {
        return in_context(context,
                          "'additionalProperties' is required to be supplied and to be false.");
    }
    const Json* properties = find_field(schema, "properties");
    if (properties == nullptr || !properties->is_object()) return "";
    const Json* required = find_field(schema, "required");
    for (const auto& [name, property] : properties->items()) {
        const bool is_required =
            required != nullptr && required->is_array() &&
            std::find(required->begin(), required->end(), Json(name)) != required->end();
        if (is_required) continue;
        return in_context(context,
                          "'required' is required to be supplied and to be an array including "
                          "every key in properties. Missing '" +
                              name + "'.");
    }
    return "";
}

std::string find_child_problem(const Json& schema, const std::string& context, int depth) {
    for (const char* name : {"properties", "$defs", "definitions"}) {
        const Json* children = find_field(schema, name);
        if (children == nullptr || !children->is_object()) continue;
        for (const auto& [key, child] : children->items()) {
            auto problem = find_problem(child, extend(extend(context, name), key), depth + 1);
            if (!problem.empty()) return problem;
        }
    }
    if (const Json* items = find_field(schema, "items")) {
        auto problem = find_problem(*items, extend(context, "items"), depth + 1);
        if (!problem.empty()) return problem;
    }
    const Json* choices = find_field(schema, "anyOf");
    if (choices == nullptr || !choices->is_array()) return "";
    for (std::size_t i = 0; i < choices->size(); ++i) {
        auto problem = find_problem((*choices)[i],
                                    extend(extend(context, "anyOf"), std::to_string(i)), depth + 1);
        if (!problem.empty()) return problem;
    }
    return "";
}

std::string find_problem(const Json& schema, const std::string& context, int depth) {
    if (!schema.is_object() || depth > kMaxDepth) return "";
    for (const char* name : {"oneOf", "allOf", "not"}) {
        if (schema.contains(name)) {
            return in_context(context, "'" + std::string(name) + "' is not permitted.");
        }
    }
    if (text_field(schema, "type") == "object" || schema.contains("properties")) {
        auto problem = find_object_problem(schema, context);
        if (!problem.empty()) return problem;
    }
    return find_child_problem(schema, context, depth);
}

}  // namespace

std::string find_strict_problem(const Json& schema) {
    if (text_field(schema, "type") != "object") {
        const Json* type = find_field(schema, "type");
        return "schema must be a JSON Schema of 'type: \"object\"', got 'type: " +
               (type == nullptr ? std::string("\"None\"") : type->dump()) + "'.";
    }
    return find_problem(schema, "", 0);
}

}  // namespace aigw::simulated::openai
