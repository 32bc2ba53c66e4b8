#include "protocol/answer_schema.h"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

// Members whose value is one schema, a list of them, or a map of them.
constexpr std::array<std::string_view, 1> kOneSchema = {"items"};
constexpr std::array<std::string_view, 3> kSchemaLists = {"anyOf", "oneOf", "allOf"};
constexpr std::array<std::string_view, 3> kSchemaMaps = {"properties", "$defs", "definitions"};
// Members that the decoder obeys as they are.
constexpr std::array<std::string_view, 6> kKept = {"type",  "required", "enum",
                                                   "const", "$ref",     "title"};
constexpr std::array<std::string_view, 10> kFormats = {
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"};

bool is_among(JsonValue member, std::span<const std::string_view> names) {
    return std::ranges::any_of(names, [&](std::string_view name) { return member.has_key(name); });
}

bool is_object_node(JsonValue schema) {
    const JsonValue type = schema["type"];
    if (type.is("object") || schema["properties"].is_object()) return true;
    return type.is_array() &&
           std::ranges::any_of(type, [](const JsonValue& name) { return name.is("object"); });
}

// ---- What can't be said ----------------------------------------------------------------------

class Limits {
public:
    explicit Limits(JsonValue root) : root_(root) {}

    // Open on purpose, or without end.
    bool is_expressible() { return is_closed(root_) && !recurs(root_); }

private:
    template <class Visit>
    static bool all_inside(JsonValue schema, const Visit& visit) {
        for (const JsonValue& member : schema) {
            if (is_among(member, kOneSchema) && member.is_object() && !visit(member)) return false;
            const bool is_many = (is_among(member, kSchemaLists) && member.is_array()) ||
                                 (is_among(member, kSchemaMaps) && member.is_object());
            if (!is_many) continue;
            for (const JsonValue& inner : member) {
                if (inner.is_object() && !visit(inner)) return false;
            }
        }
        return true;
    }

    static bool is_closed(JsonValue schema) {
        const JsonValue rest = schema["additionalProperties"];
        if (rest.is_true() || rest.is_object()) return false;
        return all_inside(schema, [](JsonValue inner) { return is_closed(inner); });
    }

    // Follows local references; one that is met again on its own way comes back for ever.
    bool recurs(JsonValue schema) {
        const std::string reference = schema["$ref"].text();
        if (!reference.empty()) {
            if (std::ranges::find(on_the_way_, reference) != on_the_way_.end()) return true;
            if (std::ranges::find(known_good_, reference) == known_good_.end()) {
                on_the_way_.push_back(reference);
                const bool is_endless = recurs(target_of(reference));
                on_the_way_.pop_back();
                if (is_endless) return true;
                known_good_.push_back(reference);
            }
        }
        return !all_inside(schema, [this](JsonValue inner) { return !recurs(inner); });
    }

    JsonValue target_of(std::string_view reference) const {
        if (reference == "#") return root_;
        for (const std::string_view defs : {"$defs", "definitions"}) {
            const std::string prefix = "#/" + std::string(defs) + "/";
            if (reference.starts_with(prefix)) return root_[defs][reference.substr(prefix.size())];
        }
        return {};
    }

    JsonValue root_;
    std::vector<std::string> on_the_way_;
    std::vector<std::string> known_good_;
};

// ---- What can --------------------------------------------------------------------------------

class Rewriter {
public:
    explicit Rewriter(AnswerSchema& made) : made_(made), json_(made.json) {}

    void write(JsonValue schema) {
        if (!schema.is_object()) {
            json_.raw(schema.raw());
            return;
        }
        std::string notes;
        json_.begin_object();
        for (const JsonValue& member : schema) write_member(member, notes);
        if (is_object_node(schema)) json_.boolean_field("additionalProperties", false);
        write_description(schema["description"].text(), notes);
        json_.end_object();
    }

private:
    void write_member(JsonValue member, std::string& notes) {
        const std::string name = member.key();
        if (name == "description" || name == "additionalProperties" || name == "$schema") return;
        if (name == "oneOf") {
            write_list("anyOf", member);
        } else if (is_among(member, kSchemaLists)) {
            write_list(name, member);
        } else if (is_among(member, kSchemaMaps)) {
            write_map(name, member);
        } else if (is_among(member, kOneSchema)) {
            json_.key(name);
            write(member);
        } else if (is_obeyed(member)) {
            json_.raw_field(name, member.raw());
        } else {
            made_.is_approximated = true;
            notes.append(notes.empty() ? "" : ", ").append(name).append(": ");
            append_compact(notes, member.raw());
        }
    }

    static bool is_obeyed(JsonValue member) {
        if (is_among(member, kKept)) return true;
        if (member.has_key("minItems")) return member.integer().value_or(2) <= 1;
        if (!member.has_key("format")) return false;
        return std::ranges::any_of(kFormats,
                                   [&](std::string_view format) { return member.is(format); });
    }

    void write_list(std::string_view name, JsonValue list) {
        json_.key(name);
        json_.begin_array();
        for (const JsonValue& inner : list) write(inner);
        json_.end_array();
    }

    void write_map(std::string_view name, JsonValue map) {
        json_.key(name);
        json_.begin_object();
        for (const JsonValue& inner : map) {
            json_.key(inner.key());
            write(inner);
        }
        json_.end_object();
    }

    void write_description(std::string text, const std::string& notes) {
        if (text.empty() && notes.empty()) return;
        if (!notes.empty()) text.append(text.empty() ? "" : " ").append("(" + notes + ")");
        json_.field("description", text);
    }

    AnswerSchema& made_;
    JsonWriter json_;
};

}  // namespace

std::optional<AnswerSchema> make_answer_schema(std::string_view schema) {
    JsonTree tree;
    const auto root = tree.parse(schema);
    if (!root || !root->is_object() || !Limits(*root).is_expressible()) return std::nullopt;
    AnswerSchema made;
    Rewriter(made).write(*root);
    return made;
}

bool is_object_schema(std::string_view schema) {
    JsonTree tree;
    const auto root = tree.parse(schema);
    return root && (is_object_node(*root) || !(*root)["type"].is_given());
}

}  // namespace aigw::protocol
