#include "sidecar/simulated/anthropic_tools.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/anthropic_blocks.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::size_t kMaxPropertyName = 64;
constexpr int kMaxSchemaDepth = 64;

constexpr std::array kTool = {
    FieldRule{"type", FieldType::String},
    FieldRule{"name", FieldType::String},
    FieldRule{"description", FieldType::String},
    FieldRule{"input_schema", FieldType::Object},
    FieldRule{"strict", FieldType::Boolean},
    FieldRule{"cache_control", FieldType::Object},
    FieldRule{"input_examples", FieldType::Array},
    FieldRule{"defer_loading", FieldType::Boolean},
    FieldRule{"eager_input_streaming", FieldType::Boolean},
    FieldRule{"allowed_callers", FieldType::Array},
};

// Tools that the vendor defines: the type without its date, and the only name it may have.
struct VendorTool {
    std::string_view type;
    std::string_view name;
};

constexpr std::array kVendorTools = {
    VendorTool{"bash", "bash"},
    VendorTool{"code_execution", "code_execution"},
    VendorTool{"computer", "computer"},
    VendorTool{"memory", "memory"},
    VendorTool{"text_editor", ""},  // its name differs from version to version
    VendorTool{"tool_search_tool_bm25", "tool_search_tool_bm25"},
    VendorTool{"tool_search_tool_regex", "tool_search_tool_regex"},
    VendorTool{"web_fetch", "web_fetch"},
    VendorTool{"web_search", "web_search"},
};

// "web_search_20250305" without its date; "" when there is none.
std::string_view undated(std::string_view type) {
    constexpr std::size_t kDate = 9;
    if (type.size() <= kDate || type[type.size() - kDate] != '_') return "";
    const std::string_view date = type.substr(type.size() - kDate + 1);
    if (date.find_first_not_of("0123456789") != std::string_view::npos) return "";
    return type.substr(0, type.size() - kDate);
}

Verdict refuse_vendor_tool(const Json& tool, std::string_view type, const std::string& at) {
    const auto found =
        std::find_if(kVendorTools.begin(), kVendorTools.end(),
                     [&](const VendorTool& one) { return one.type == undated(type); });
    if (found == kVendorTools.end()) {
        std::string tags = "'custom'";
        for (const VendorTool& one : kVendorTools) {
            tags.append(", '").append(one.type).append("_…'");
        }
        return invalid_at(
            at, "Input tag '" + std::string(type) +
                    "' found using 'type' does not match any of the expected tags: " + tags);
    }
    const std::string name_at = join(join(at, type), "name");
    const std::string_view name = text_field(tool, "name");
    if (name.empty()) return invalid_at(name_at, "Field required");
    if (found->name.empty()) return std::nullopt;
    return refuse_choice(name, name_at, found->name);
}

Verdict refuse_property_names(const Json& schema, const std::string& at) {
    const Json* properties = find_field(schema, "properties");
    if (properties == nullptr) return std::nullopt;
    if (!properties->is_object()) {
        return invalid_at(join(at, "properties"), "Input should be a valid dictionary");
    }
    for (const auto& [name, property] : properties->items()) {
        std::string plain = name;
        std::replace(plain.begin(), plain.end(), '.', '_');
        if (is_tool_name(plain, kMaxPropertyName)) continue;
        return invalid_at(join(at, "properties"),
                          "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'");
    }
    return std::nullopt;
}

Verdict refuse_input_schema(const Json& schema, const std::string& at) {
    if (!schema.contains("type")) return invalid_at(join(at, "type"), "Field required");
    if (schema["type"] != "object") return invalid_at(join(at, "type"), "Input should be 'object'");
    for (const char* word : {"oneOf", "allOf", "anyOf"}) {
        if (!schema.contains(word)) continue;
        return invalid_at(at,
                          "input_schema does not support oneOf, allOf, or anyOf at the top level");
    }
    const auto required = schema.find("required");
    if (required != schema.end() && !required->is_array()) {
        return invalid_at(join(at, "required"), "Input should be a valid list");
    }
    return refuse_property_names(schema, at);
}

Verdict refuse_tool(const Json& tool, const std::string& at, const Terms& terms) {
    if (!tool.is_object()) return invalid_at(at, "Input should be a valid dictionary");
    const std::string_view type = text_field(tool, "type");
    if (!type.empty() && type != "custom") return refuse_vendor_tool(tool, type, at);
    const std::string inner = join(at, "custom");
    if (auto refusal = refuse_members(tool, inner, kTool, "name input_schema")) return refusal;
    if (!is_tool_name(text_field(tool, "name"), terms.model.max_tool_name)) {
        return invalid_at(join(inner, "name"), "String should match pattern '^[a-zA-Z0-9_-]{1," +
                                                   std::to_string(terms.model.max_tool_name) +
                                                   "}$'");
    }
    if (is_true(tool, "strict") && !terms.model.has_structured_output) {
        return invalid_at(join(inner, "strict"), "This model does not support strict tools.");
    }
    if (auto refusal = refuse_cache_control(tool, inner)) return refusal;
    return refuse_input_schema(tool["input_schema"], join(inner, "input_schema"));
}

// The choice.

Verdict refuse_choice_of_tool(const Json& body, const Terms& terms) {
    constexpr std::array kMembers = {
        FieldRule{"type", FieldType::String},
        FieldRule{"name", FieldType::String},
        FieldRule{"disable_parallel_tool_use", FieldType::Boolean},
    };
    const Json& choice = body["tool_choice"];
    const std::string_view type = text_field(choice, "type");
    if (type.empty()) return invalid_at("tool_choice.type", "Field required");
    constexpr std::string_view kTypes = "auto any tool none";
    if (refuse_choice(type, "", kTypes)) {
        return invalid_at("tool_choice", "Input tag '" + std::string(type) +
                                             "' found using 'type' does not match any of the "
                                             "expected tags: 'auto', 'any', 'tool', 'none'");
    }
    std::vector<FieldRule> members = {kMembers[0]};
    if (type == "tool") members.push_back(kMembers[1]);
    if (type != "none") members.push_back(kMembers[2]);
    const std::string at = join("tool_choice", type);
    if (auto refusal = refuse_members(choice, at, members, type == "tool" ? "name" : "type")) {
        return refusal;
    }
    const bool is_forced = type == "any" || type == "tool";
    if (is_forced && !terms.model.takes_forced_tools) {
        return invalid("\"tool_choice.type." + std::string(type) +
                       "\" is not supported for this model.");
    }
    if (type != "tool") return std::nullopt;
    const std::string_view name = text_field(choice, "name");
    for (const Json& tool : body["tools"]) {
        if (text_field(tool, "name") == name) return std::nullopt;
    }
    return invalid("Tool '" + std::string(name) + "' not found in provided tools");
}

// Structured output.

// Keywords that the decoder lacks, by the type of value that they speak of.
struct Unsupported {
    std::string_view type;
    std::string_view keywords;
};

constexpr std::array kUnsupported = {
    Unsupported{"integer", "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"},
    Unsupported{"number", "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"},
    Unsupported{"string", "minLength maxLength pattern"},
    Unsupported{"array", "maxItems uniqueItems contains prefixItems"},
    Unsupported{"object", "minProperties maxProperties patternProperties propertyNames"},
};
constexpr std::string_view kFormats =
    "date-time time date duration email hostname uri ipv4 ipv6 uuid";

class ClosedSchema {
public:
    ClosedSchema(const Json& root, std::string path) : root_(root), path_(std::move(path)) {}

    Verdict refuse() { return refuse(root_, 0); }

private:
    Refusal at_root(const std::string& message) const { return invalid_at(path_, message); }

    Verdict refuse(const Json& schema, int depth) {
        if (!schema.is_object()) return std::nullopt;
        if (depth > kMaxSchemaDepth) return at_root("Schema is too deeply nested");
        if (schema.contains("oneOf")) return at_root("Schema type 'oneOf' is not supported");
        if (auto refusal = refuse_reference(schema, depth)) return refusal;
        if (auto refusal = refuse_keywords(schema)) return refusal;
        for (const char* name : {"properties", "$defs", "definitions"}) {
            const Json* children = find_field(schema, name);
            if (children == nullptr || !children->is_object()) continue;
            for (const auto& [key, child] : children->items()) {
                if (auto refusal = refuse(child, depth + 1)) return refusal;
            }
        }
        if (const Json* items = find_field(schema, "items")) {
            if (auto refusal = refuse(*items, depth + 1)) return refusal;
        }
        for (const char* name : {"anyOf", "allOf"}) {
            const Json* choices = find_field(schema, name);
            if (choices == nullptr || !choices->is_array()) continue;
            for (const Json& choice : *choices) {
                if (auto refusal = refuse(choice, depth + 1)) return refusal;
            }
        }
        return std::nullopt;
    }

    // A schema that leads back to itself has no end that a decoder could be built for.
    Verdict refuse_reference(const Json& schema, int depth) {
        const std::string reference(text_field(schema, "$ref"));
        if (reference.empty()) return std::nullopt;
        if (!reference.starts_with('#')) {
            return at_root("External schema references are not supported: " + reference);
        }
        if (!open_.insert(reference).second) {
            return at_root("Circular reference detected in schema definitions: " + reference);
        }
        Verdict refusal;
        for (const char* home : {"$defs", "definitions"}) {
            const std::string prefix = std::string("#/") + home + "/";
            const Json* definitions = find_field(root_, home);
            if (definitions == nullptr || !reference.starts_with(prefix)) continue;
            const Json* target = find_field(*definitions, reference.substr(prefix.size()));
            if (target != nullptr) refusal = refuse(*target, depth + 1);
        }
        if (reference == "#") refusal = refuse(root_, depth + 1);
        open_.erase(reference);
        return refusal;
    }

    Verdict refuse_keywords(const Json& schema) const {
        const std::string_view type = text_field(schema, "type");
        if (type == "object") {
            const auto closed = schema.find("additionalProperties");
            if (closed == schema.end() || *closed != false) {
                return at_root(
                    "For 'object' type, 'additionalProperties' must be explicitly set to false");
            }
        }
        if (type == "array" && integer_field(schema, "minItems").value_or(0) > 1) {
            return at_root(
                "For 'array' type, 'minItems' values other than 0 or 1 are not "
                "supported");
        }
        const std::string_view format = text_field(schema, "format");
        if (!format.empty() && refuse_choice(format, "", kFormats)) {
            return at_root("For 'string' type, 'format' '" + std::string(format) +
                           "' is not supported");
        }
        for (const Unsupported& row : kUnsupported) {
            if (row.type != type) continue;
            for (const std::string_view keyword : split(row.keywords, ' ')) {
                if (!schema.contains(keyword)) continue;
                return at_root("For '" + std::string(type) + "' type, property '" +
                               std::string(keyword) + "' is not supported");
            }
        }
        return std::nullopt;
    }

    const Json& root_;
    std::string path_;
    std::set<std::string> open_{};
};

}  // namespace

Verdict refuse_tools(const Json& body, const Terms& terms) {
    const Json* tools = find_field(body, "tools");
    if (tools == nullptr || tools->empty()) {
        if (find_field(body, "tool_choice") == nullptr) return std::nullopt;
        return invalid("`tool_choice` may only be specified while providing `tools`.");
    }
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < tools->size(); ++i) {
        if (auto refusal = refuse_tool((*tools)[i], join("tools", i), terms)) return refusal;
        if (!names.insert(text_field((*tools)[i], "name")).second) {
            return invalid_at("tools", "Tool names must be unique.");
        }
    }
    if (find_field(body, "tool_choice") == nullptr) return std::nullopt;
    return refuse_choice_of_tool(body, terms);
}

Verdict refuse_output_config(const Json& body, const Terms& terms) {
    constexpr std::array kMembers = {
        FieldRule{"effort", FieldType::String},
        FieldRule{"format", FieldType::Object},
    };
    constexpr std::array kFormatMembers = {
        FieldRule{"type", FieldType::String},
        FieldRule{"schema", FieldType::Object},
    };
    const Json* config = find_field(body, "output_config");
    if (config == nullptr) return std::nullopt;
    if (auto refusal = refuse_members(*config, "output_config", kMembers, "")) return refusal;
    const Json* format = find_field(*config, "format");
    if (format == nullptr) return std::nullopt;
    constexpr std::string_view kAt = "output_config.format";
    if (!terms.model.has_structured_output) {
        return invalid("'" + std::string(terms.model.id) + "' does not support output format.");
    }
    if (auto refusal = refuse_members(*format, kAt, kFormatMembers, "type")) return refusal;
    if (auto refusal =
            refuse_choice(text_field(*format, "type"), join(kAt, "type"), "json_schema")) {
        return refusal;
    }
    const Json* schema = find_field(*format, "schema");
    if (schema == nullptr) return invalid_at(join(kAt, "schema"), "Field required");
    return ClosedSchema(*schema, join(kAt, "schema")).refuse();
}

}  // namespace aigw::simulated::anthropic
