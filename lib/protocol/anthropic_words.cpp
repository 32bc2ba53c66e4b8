#include "protocol/anthropic_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace aigw::protocol {
namespace {

// Members whose strings people read; `source` and `content` may be objects or arrays, too.
constexpr std::array<std::string_view, 14> kReadable = {
    "title",  "source", "url",  "text",       "content",   "stdout",        "stderr",
    "output", "input",  "name", "error_code", "tool_name", "error_message", "lines"};

bool is_readable(JsonValue member) {
    return std::ranges::any_of(kReadable,
                               [&](std::string_view name) { return member.has_key(name); });
}

void append_line(std::string& out, JsonValue text) {
    if (text.is("")) return;
    if (!out.empty()) out.push_back('\n');
    text.append_text(out);
}

// A source of media: characters are words, an address is one, bytes are not.
bool append_source(std::string& out, JsonValue object) {
    if (object["type"].is("base64")) {
        append_line(out, object["media_type"]);
        return true;
    }
    if (!object["type"].is("text") || !object["data"].is_string()) return false;
    append_line(out, object["data"]);
    return true;
}

// As deep as the text, which is at most 128 levels.
void append_words(std::string& out, JsonValue value) {
    if (value.is_string()) {
        append_line(out, value);
    } else if (value.is_array()) {
        for (const JsonValue& element : value) append_words(out, element);
    } else if (value.is_object() && !append_source(out, value)) {
        for (const JsonValue& member : value) {
            if (is_readable(member)) append_words(out, member);
        }
    }
}

std::string words_of_call(JsonValue block) {
    std::string words = "[";
    block["name"].append_text(words);
    words.push_back(' ');
    append_compact(words, block["input"].is_given() ? block["input"].raw() : "{}");
    return words + "]";
}

}  // namespace

std::string words_of_block(JsonValue block) {
    const JsonValue type = block["type"];
    if (type.is("server_tool_use") || type.is("mcp_tool_use")) return words_of_call(block);
    if (type.is("container_upload")) return "[file " + block["file_id"].text() + "]";
    std::string words;
    if (type.is("search_result")) {
        for (const std::string_view field : {"title", "source", "content"})
            append_words(words, block[field]);
    } else {
        append_words(words, block);
    }
    return words.empty() ? "[" + type.text() + "]" : words;
}

}  // namespace aigw::protocol
