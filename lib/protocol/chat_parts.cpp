#include "protocol/chat_parts.h"

#include <algorithm>

namespace aigw::protocol {
namespace {

std::string_view name_of(Place::List list) {
    switch (list) {
        case Place::List::None:
            return "";
        case Place::List::Messages:
            return "messages";
        case Place::List::System:
            return "system";
        case Place::List::Input:
            return "input";
        case Place::List::Instructions:
            return "instructions";
        case Place::List::Prompt:
            return "prompt";
        case Place::List::Tools:
            return "tools";
    }
    return "";
}

std::string_view name_of(Place::Inside inside) {
    switch (inside) {
        case Place::Inside::Whole:
            return "";
        case Place::Inside::Content:
            return ".content";
        case Place::Inside::ToolCalls:
            return ".tool_calls";
        case Place::Inside::Output:
            return ".output";
    }
    return "";
}

void append_index(std::string& out, std::int32_t index) {
    if (index < 0) return;
    out.append("[").append(std::to_string(index)).append("]");
}

}  // namespace

std::string path_of(const Place& place) {
    std::string path(name_of(place.list));
    append_index(path, place.index);
    if (place.inside == Place::Inside::Whole) return path;
    path.append(name_of(place.inside));
    append_index(path, place.part);
    if (place.nested >= 0) {
        path.append(".content");
        append_index(path, place.nested);
    }
    return path;
}

Part text_part(std::string text, Place place) {
    return {.value = TextPart{std::move(text)}, .place = place};
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos;
}

bool is_blank(const Part& part) {
    const auto* text = part.as<TextPart>();
    return text != nullptr && is_blank(text->text);
}

}  // namespace aigw::protocol
