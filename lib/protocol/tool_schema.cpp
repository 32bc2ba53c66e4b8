#include "protocol/tool_schema.h"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";
constexpr std::array<std::string_view, 3> kCombinators = {"anyOf", "oneOf", "allOf"};

// Properties of several branches under one name, each shape once.
struct Property {
    std::string name{};
    std::vector<std::string> schemas{};
};

class Merge {
public:
    explicit Merge(JsonValue root) : root_(root) {
        add_properties(root);
        required_ = names_of(root["required"]);
        for (const std::string_view combinator : kCombinators) {
            if (root[combinator].is_array()) add_branches(combinator, root[combinator]);
        }
    }

    bool has_combinators() const { return !alternatives_.empty(); }
    const std::string& alternatives() const { return alternatives_; }

    void write_properties(JsonWriter& json) const {
        json.key("properties");
        json.begin_object();
        for (const Property& property : properties_) {
            json.key(property.name);
            if (property.schemas.size() == 1) {
                json.raw(property.schemas.front());
                continue;
            }
            json.begin_object();
            json.key("anyOf");
            json.begin_array();
            for (const std::string& schema : property.schemas) json.raw(schema);
            json.end_array();
            json.end_object();
        }
        json.end_object();
    }

    void write_required(JsonWriter& json) const {
        if (required_.empty()) return;
        json.key("required");
        json.begin_array();
        for (const std::string& name : required_) json.string(name);
        json.end_array();
    }

private:
    static std::vector<std::string> names_of(JsonValue required) {
        std::vector<std::string> names;
        if (!required.is_array()) return names;
        for (const JsonValue& name : required) names.push_back(name.text());
        return names;
    }

    // A local reference's target, one step far.
    JsonValue resolve(JsonValue branch) const {
        const std::string reference = branch["$ref"].text();
        for (const std::string_view defs : {"$defs", "definitions"}) {
            const std::string prefix = "#/" + std::string(defs) + "/";
            if (reference.starts_with(prefix))
                return root_[defs][std::string_view(reference).substr(prefix.size())];
        }
        return branch;
    }

    void add_properties(JsonValue object) {
        if (!object["properties"].is_object()) return;
        for (const JsonValue& property : object["properties"]) {
            std::string schema;
            append_compact(schema, property.raw());
            const std::string name = property.key();
            const auto known = std::ranges::find(properties_, name, &Property::name);
            if (known == properties_.end()) {
                properties_.push_back({name, {std::move(schema)}});
            } else if (std::ranges::find(known->schemas, schema) == known->schemas.end()) {
                known->schemas.push_back(std::move(schema));
            }
        }
    }

    void add_branches(std::string_view combinator, JsonValue branches) {
        std::vector<std::vector<std::string>> required;
        for (const JsonValue& value : branches) {
            const JsonValue branch = resolve(value);
            add_properties(branch);
            required.push_back(names_of(branch["required"]));
        }
        add_required(required, combinator == "allOf");
        alternatives_.append(alternatives_.empty() ? "" : " ").append(combinator).append(": ");
        append_compact(alternatives_, branches.raw());
    }

    // What all branches require, or what any does where all of them hold at once.
    void add_required(const std::vector<std::vector<std::string>>& branches, bool is_union) {
        const auto add = [&](const std::string& name) {
            if (std::ranges::find(required_, name) == required_.end()) required_.push_back(name);
        };
        if (is_union) {
            for (const auto& names : branches) std::ranges::for_each(names, add);
            return;
        }
        if (branches.empty()) return;
        for (const std::string& name : branches.front()) {
            const bool is_in_all = std::ranges::all_of(branches, [&](const auto& names) {
                return std::ranges::find(names, name) != names.end();
            });
            if (is_in_all) add(name);
        }
    }

    JsonValue root_;
    std::vector<Property> properties_;
    std::vector<std::string> required_;
    std::string alternatives_;
};

bool is_one_of(JsonValue member, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return member.has_key(name); });
}

// "object", and what names it among others.
bool is_object_type(JsonValue type) {
    if (!type.is_given() || type.is("object")) return true;
    return type.is_array() &&
           std::ranges::any_of(type, [](const JsonValue& name) { return name.is("object"); });
}

// The root's members as they were, but for those that Anthropic wants otherwise.
void write_members(JsonWriter& json, JsonValue root, bool is_merged) {
    for (const JsonValue& member : root) {
        if (member.has_key("type")) continue;
        if (is_one_of(member, {"properties", "required"}) && (is_merged || !member.is_given()))
            continue;
        if (is_merged && is_one_of(member, {"anyOf", "oneOf", "allOf"})) continue;
        json.key(member.key());
        std::string compact;
        append_compact(compact, member.raw());
        json.raw(compact);
    }
}

}  // namespace

ToolSchema make_object_schema(std::string_view schema) {
    JsonTree tree;
    const auto parsed = tree.parse(schema);
    if (!parsed || !parsed->is_object() || parsed->size() == 0)
        return {.json = std::string(kNoParameters)};
    const JsonValue root = *parsed;
    const Merge merge(root);
    ToolSchema made;
    JsonWriter json(made.json);
    json.begin_object();
    if (is_object_type(root["type"])) {
        json.field("type", "object");
    } else {
        json.raw_field("type", root["type"].raw());
    }
    if (merge.has_combinators()) {
        merge.write_properties(json);
        merge.write_required(json);
        made.alternatives = merge.alternatives();
    } else if (!root["properties"].is_given()) {
        json.raw_field("properties", "{}");
    }
    write_members(json, root, merge.has_combinators());
    json.end_object();
    return made;
}

}  // namespace aigw::protocol
