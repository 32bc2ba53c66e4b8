#include "protocol/openai_content.h"

#include <algorithm>
#include <utility>

namespace aigw::protocol {

using CacheMarks = ModelTraits::CacheMarks;

void OpenAiContent::add_text(std::string text, Marked marked) {
    if (text.empty()) {
        if (marked == Marked::Yes) mark_last();
        return;
    }
    items_.push_back({.text = std::move(text), .marked = marked});
}

void OpenAiContent::add_part(std::string json, Marked marked) {
    items_.push_back({.json = std::move(json), .marked = marked});
}

void OpenAiContent::mark_last() {
    if (!items_.empty()) items_.back().marked = Marked::Yes;
}

std::string OpenAiContent::text(std::string_view separator) const {
    std::string joined;
    bool is_first = true;
    for (const Item& item : items_) {
        if (!item.json.empty()) continue;
        if (!std::exchange(is_first, false)) joined.append(separator);
        joined.append(item.text);
    }
    return joined;
}

bool OpenAiContent::is_string() const {
    const bool may_mark = traits_.cache_marks != CacheMarks::None && traits_.content_arrays;
    return std::ranges::none_of(items_, [&](const Item& item) {
        return !item.json.empty() || (may_mark && item.marked == Marked::Yes);
    });
}

void OpenAiContent::write(JsonWriter& json, std::string_view separator) const {
    if (is_string()) {
        json.string(text(separator));
        return;
    }
    json.begin_array();
    for (const Item& item : items_) write_item(json, item);
    json.end_array();
}

void OpenAiContent::write_item(JsonWriter& json, const Item& item) const {
    const bool is_text = item.json.empty();
    if (is_text) {
        json.begin_object();
        json.field("type", "text");
        json.field("text", item.text);
    } else {
        json.raw(std::string_view(item.json).substr(0, item.json.size() - 1));
    }
    if (item.marked == Marked::Yes) write_mark(json, is_text);
    json.end_object();
}

// Alibaba: `cache_control`, whose time to live is its own affair. OpenAI's
// `prompt_cache_breakpoint` is refused beside an image.
void OpenAiContent::write_mark(JsonWriter& json, bool is_text) const {
    switch (traits_.cache_marks) {
        case CacheMarks::None:
            return;
        case CacheMarks::CacheControl:
            json.raw_field("cache_control", R"({"type":"ephemeral"})");
            return;
        case CacheMarks::Breakpoint:
            if (is_text) json.raw_field("prompt_cache_breakpoint", R"({"mode":"explicit"})");
            return;
    }
}

}  // namespace aigw::protocol
