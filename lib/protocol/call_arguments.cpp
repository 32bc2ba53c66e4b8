#include "protocol/call_arguments.h"

#include "protocol/chat_parts.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

std::string object_of(std::string_view name, std::string_view text) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.field(name, text);
    json.end_object();
    return out;
}

}  // namespace

std::string arguments_object(std::string_view text) {
    if (is_blank(text)) return "{}";
    JsonTree tree;
    const auto parsed = tree.parse(text);
    if (parsed && parsed->is_object()) return std::string(parsed->raw());
    if (parsed && parsed->is_null()) return "{}";
    return object_of("_raw_arguments", text);
}

std::string arguments_object(JsonValue arguments) {
    if (!arguments.is_given()) return "{}";
    if (arguments.is_string()) return arguments_object(arguments.text());
    std::string json;
    append_compact(json, arguments.raw());
    return arguments_object(json);
}

std::string custom_input(std::string_view input) {
    return object_of("input", input);
}

std::string_view ObjectProgress::take(std::string_view piece) {
    if (state_ == State::NoObject) return piece;
    if (state_ == State::Complete) return {};
    if (state_ == State::Before) {
        const std::size_t first = piece.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return {};
        piece.remove_prefix(first);
        state_ = piece.front() == '{' ? State::Inside : State::NoObject;
        if (state_ == State::NoObject) return piece;
    }
    return piece.substr(0, scan(piece));
}

std::size_t ObjectProgress::scan(std::string_view piece) {
    for (std::size_t at = 0; at < piece.size(); ++at) {
        const char c = piece[at];
        if (is_escaped_) {
            is_escaped_ = false;
        } else if (is_in_string_) {
            is_escaped_ = c == '\\';
            is_in_string_ = c != '"';
        } else if (c == '"') {
            is_in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
            state_ = State::Complete;
            return at + 1;
        }
    }
    return piece.size();
}

}  // namespace aigw::protocol
