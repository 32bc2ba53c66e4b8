#include "sidecar/simulated/gemini_tools.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace aigw::simulated::gemini {
namespace {

constexpr int kMaxDepth = 64;

constexpr std::array kSchemaFields = {
    FieldRule{"type"},
    FieldRule{"format", FieldType::String},
    FieldRule{"title", FieldType::String},
    FieldRule{"description", FieldType::String},
    FieldRule{"nullable", FieldType::Boolean},
    FieldRule{"enum", FieldType::Array},
    FieldRule{"items", FieldType::Object},
    FieldRule{"minItems"},
    FieldRule{"maxItems"},
    FieldRule{"properties", FieldType::Object},
    FieldRule{"required", FieldType::Array},
    FieldRule{"minProperties"},
    FieldRule{"maxProperties"},
    FieldRule{"minimum", FieldType::Number},
    FieldRule{"maximum", FieldType::Number},
    FieldRule{"minLength"},
    FieldRule{"maxLength"},
    FieldRule{"pattern", FieldType::String},
    FieldRule{"anyOf", FieldType::Array},
    FieldRule{"default"},
    FieldRule{"example"},
    FieldRule{"propertyOrdering", FieldType::Array},
    FieldRule{"$ref", FieldType::String},
    FieldRule{"$defs", FieldType::Object},
    FieldRule{"additionalProperties"},
};

constexpr std::array kToolFields = {
    FieldRule{"functionDeclarations", FieldType::Array},
    FieldRule{"googleSearch", FieldType::Object},
    FieldRule{"googleMaps", FieldType::Object},
    FieldRule{"codeExecution", FieldType::Object},
    FieldRule{"urlContext", FieldType::Object},
    FieldRule{"fileSearch", FieldType::Object},
    FieldRule{"computerUse", FieldType::Object},
    FieldRule{"mcpServers", FieldType::Array},
};

constexpr std::array kFunctionFields = {
    FieldRule{"name", FieldType::String},       FieldRule{"description", FieldType::String},
    FieldRule{"parameters", FieldType::Object}, FieldRule{"parametersJsonSchema"},
    FieldRule{"response", FieldType::Object},   FieldRule{"responseJsonSchema"},
    FieldRule{"behavior", FieldType::String},
};

Verdict refuse_schema_at(const Json& schema, const std::string& at, int depth);

Verdict refuse_enumeration(const Json& schema, const std::string& at) {
    const Json* values = find_field(schema, "enum");
    if (values == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < values->size(); ++i) {
        if ((*values)[i].is_string()) continue;
        const std::string field = join(at + ".enum", i);
        return violation(field,
                         "Invalid value at '" + field + "' (TYPE_STRING), " + (*values)[i].dump());
    }
    return std::nullopt;
}

Verdict refuse_properties(const Json& schema, const std::string& at, int depth) {
    const Json* properties = find_field(schema, "properties");
    const Json* required = find_field(schema, "required");
    if (required != nullptr) {
        for (std::size_t i = 0; i < required->size(); ++i) {
            const Json& name = (*required)[i];
            const bool is_there = name.is_string() && properties != nullptr &&
                                  properties->contains(name.get_ref<const std::string&>());
            if (!is_there) return unfit(join(at + ".required", i), "property is not defined");
        }
    }
    if (properties == nullptr) return std::nullopt;
    for (const auto& [name, property] : properties->items()) {
        const std::string inner = at + ".properties['" + name + "']";
        if (auto refusal = refuse_schema_at(property, inner, depth + 1)) return refusal;
    }
    return std::nullopt;
}

Verdict refuse_schema_at(const Json& schema, const std::string& at, int depth) {
    constexpr std::string_view kTypes =
        "TYPE_UNSPECIFIED STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL string number integer "
        "boolean array object null";
    if (depth > kMaxDepth) return unfit(at, "schema is nested too deeply");
    if (auto refusal = refuse_members(schema, at, kSchemaFields)) return refusal;
    if (auto refusal = refuse_enum(schema, "type", at, "Type", kTypes)) return refusal;
    if (auto refusal = refuse_enumeration(schema, at)) return refusal;
    const Json* items = find_field(schema, "items");
    if (items == nullptr && to_lower(text_field(schema, "type")) == "array") {
        return unfit(at + ".items", "missing field.");
    }
    if (items != nullptr) {
        if (auto refusal = refuse_schema_at(*items, at + ".items", depth + 1)) return refusal;
    }
    if (const Json* choices = find_field(schema, "anyOf")) {
        for (std::size_t i = 0; i < choices->size(); ++i) {
            const std::string inner = join(at + ".any_of", i);
            if (auto refusal = refuse_schema_at((*choices)[i], inner, depth + 1)) return refusal;
        }
    }
    return refuse_properties(schema, at, depth);
}

bool is_gemini_function_name(std::string_view name) {
    constexpr std::size_t kLongest = 128;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (name.empty() || name.size() > kLongest) return false;
    if (!is_letter(name.front()) && name.front() != '_') return false;
    return std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view("_.:-").find(c) != std::string_view::npos;
    });
}

Verdict refuse_function(const Json& function, const std::string& at) {
    if (auto refusal = refuse_members(function, at, kFunctionFields)) return refusal;
    if (!is_gemini_function_name(text_field(function, "name"))) {
        return unfit(at + ".name",
                     "Invalid function name. Must start with a letter or an underscore. Must be "
                     "alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or "
                     "dashes (-), with a maximum length of 128.");
    }
    const Json* parameters = find_field(function, "parameters");
    const Json* plain = find_field(function, "parametersJsonSchema");
    if (parameters != nullptr && plain != nullptr) {
        return unfit(at, "parameters and parameters_json_schema must not both be set");
    }
    if (plain != nullptr && !plain->is_object()) {
        return unfit(at + ".parameters_json_schema", "must be a JSON Schema");
    }
    return parameters == nullptr ? std::nullopt : refuse_schema(*parameters, at + ".parameters");
}

class Declarations {
public:
    Verdict read(const Json& tools) {
        for (std::size_t i = 0; i < tools.size(); ++i) {
            const std::string at = join("tools", i);
            if (auto refusal = refuse_members(tools[i], at, kToolFields)) return refusal;
            const Json* functions = find_field(tools[i], "functionDeclarations");
            if (functions == nullptr) continue;
            for (std::size_t f = 0; f < functions->size(); ++f) {
                const std::string inner = join(at + ".function_declarations", f);
                if (auto refusal = refuse_function((*functions)[f], inner)) return refusal;
                const std::string name(text_field((*functions)[f], "name"));
                if (names_.insert(name).second) continue;
                return invalid("Duplicate function declaration found: " + name);
            }
        }
        return std::nullopt;
    }

    bool contains(const std::string& name) const { return names_.contains(name); }
    bool empty() const { return names_.empty(); }

private:
    std::set<std::string> names_{};
};

Verdict refuse_allowed(const Json& calling, std::string_view mode, const std::string& at,
                       const Declarations& declared) {
    const Json* names = find_field(calling, "allowedFunctionNames");
    if (names == nullptr || names->empty()) return std::nullopt;
    const std::string field = at + ".allowed_function_names";
    if (mode != "ANY" && mode != "VALIDATED") {
        return unfit(field, "it may only be set when the mode is ANY or VALIDATED");
    }
    for (const Json& name : *names) {
        if (name.is_string() && declared.contains(name.get_ref<const std::string&>())) continue;
        return unfit(field, "there is no function declaration of the name " + name.dump());
    }
    return std::nullopt;
}

Verdict refuse_tool_config(const Json& config, const Declarations& declared) {
    constexpr std::array kMembers = {FieldRule{"functionCallingConfig", FieldType::Object},
                                     FieldRule{"retrievalConfig", FieldType::Object}};
    constexpr std::array kCalling = {FieldRule{"mode"},
                                     FieldRule{"allowedFunctionNames", FieldType::Array}};
    const std::string at = "tool_config.function_calling_config";
    if (auto refusal = refuse_members(config, "tool_config", kMembers)) return refusal;
    const Json* calling = find_field(config, "functionCallingConfig");
    if (calling == nullptr) return std::nullopt;
    if (auto refusal = refuse_members(*calling, at, kCalling)) return refusal;
    if (auto refusal = refuse_enum(*calling, "mode", at, "FunctionCallingConfig.Mode",
                                   "MODE_UNSPECIFIED AUTO ANY NONE VALIDATED")) {
        return refusal;
    }
    const std::string_view mode = text_field(*calling, "mode");
    if (declared.empty() && (mode == "ANY" || mode == "VALIDATED")) {
        return invalid("Function calling config is set without function_declarations.");
    }
    return refuse_allowed(*calling, mode, at, declared);
}

}  // namespace

Verdict refuse_tools(const Json& body) {
    Declarations declared;
    if (const Json* tools = find_field(body, "tools")) {
        if (auto refusal = declared.read(*tools)) return refusal;
    }
    const Json* config = find_field(body, "toolConfig");
    return config == nullptr ? std::nullopt : refuse_tool_config(*config, declared);
}

Verdict refuse_schema(const Json& schema, const std::string& at) {
    return refuse_schema_at(schema, at, 0);
}

std::string_view calling_mode(const Json& body) {
    const Json* config = find_field(body, "toolConfig");
    const Json* calling =
        config == nullptr ? nullptr : find_field(*config, "functionCallingConfig");
    const std::string_view mode = calling == nullptr ? "" : text_field(*calling, "mode");
    return mode.empty() || mode == "MODE_UNSPECIFIED" ? "AUTO" : mode;
}

}  // namespace aigw::simulated::gemini
