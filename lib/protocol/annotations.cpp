#include "protocol/annotations.h"

#include <algorithm>

#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kCitation = "url_citation";
constexpr std::int64_t kFarthest = std::int64_t{1} << 53;  // a larger place is a mistake

void append_member(JsonWriter& json, JsonValue member) {
    std::string compact;
    append_compact(compact, member.raw());
    json.raw_field(member.key(), compact);
}

// The members but the type, their places moved.
void append_members(JsonWriter& json, JsonValue object, std::int64_t distance) {
    for (const JsonValue& member : object) {
        if (member.has_key("type")) continue;
        const bool is_place = member.has_key("start_index") || member.has_key("end_index");
        const auto place = is_place ? member.integer() : std::nullopt;
        if (!place || *place > kFarthest) {
            append_member(json, member);
        } else {
            json.integer_field(member.key(), std::max<std::int64_t>(0, *place + distance));
        }
    }
}

void append_type(JsonWriter& json, JsonValue annotation) {
    if (annotation["type"].is_string()) json.field("type", annotation["type"].text());
}

}  // namespace

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string nested_annotation(JsonValue annotation, std::size_t text_begin) {
    const auto distance = static_cast<std::int64_t>(text_begin);
    const bool is_flat = !annotation[kCitation].is_given();
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    append_type(json, annotation);
    if (is_flat && annotation["type"].is(kCitation)) {
        json.key(kCitation);
        json.begin_object();
        append_members(json, annotation, distance);
        json.end_object();
    } else {
        append_members(json, annotation, distance);
    }
    json.end_object();
    return out;
}

std::string flat_annotation(std::string_view json, std::size_t text_begin) {
    JsonTree tree;
    const auto root = tree.parse(json);
    if (!root) return std::string(json);
    const JsonValue inside = (*root)[kCitation];
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    append_type(writer, *root);
    append_members(writer, inside.is_object() ? inside : *root,
                   -static_cast<std::int64_t>(text_begin));
    writer.end_object();
    return out;
}

std::optional<std::size_t> begin_of_annotation(std::string_view json) {
    JsonTree tree;
    const auto root = tree.parse(json);
    if (!root) return std::nullopt;
    const JsonValue inside = (*root)[kCitation];
    const auto begin = (inside.is_object() ? inside : *root)["start_index"].integer();
    if (!begin || *begin < 0) return std::nullopt;
    return static_cast<std::size_t>(*begin);
}

}  // namespace aigw::protocol
