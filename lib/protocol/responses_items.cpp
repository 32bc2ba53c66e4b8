#include "protocol/responses_items.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/call_arguments.h"
#include "protocol/caller_media.h"
#include "protocol/responses_reasoning.h"

namespace aigw::protocol {
namespace {

// ---- Parts -----------------------------------------------------------------------------------

Result<Part> read_text(JsonValue part, std::string_view field, const std::string& path) {
    const JsonValue text = part[field];
    if (!text.is_string()) return wrong_kind(path + "." + std::string(field), "a string", text);
    return text_part(text.text());
}

Result<Part> read_image(JsonValue part, const std::string& path) {
    const JsonValue url = part["image_url"];
    const std::string detail = part["detail"].text();
    if (url.is_string()) return make_image_part(url.text(), detail, path + ".image_url");
    const JsonValue id = part["file_id"];
    if (!id.is_string()) return wrong_kind(path + ".image_url", "a string", url);
    Media media{.source = Media::Source::FileId, .data = id.text()};
    return Part{.value = ImagePart{.media = std::move(media), .detail = detail}};
}

Result<Part> read_file(JsonValue part, const std::string& path) {
    const std::string filename = part["filename"].text();
    if (const JsonValue data = part["file_data"]; data.is_string())
        return make_file_part(data.text(), filename, path + ".file_data");
    Media media;
    if (const JsonValue url = part["file_url"]; url.is_string()) {
        media = {.source = Media::Source::Url, .data = url.text()};
    } else if (const JsonValue id = part["file_id"]; id.is_string()) {
        media = {.source = Media::Source::FileId, .data = id.text()};
    } else {
        return wrong_kind(path + ".file_data", "a data URL", part["file_data"]);
    }
    return Part{.value = DocumentPart{.media = std::move(media), .title = filename}};
}

Result<Part> read_audio(JsonValue part, const std::string& path) {
    const JsonValue audio = part["input_audio"];
    if (!audio["data"].is_string())
        return wrong_kind(path + ".input_audio.data", "base64 text", audio["data"]);
    return Part{.value = AudioPart{.media = {.data = audio["data"].text()},
                                   .format = audio["format"].text()}};
}

Result<Part> read_part(JsonValue part, const std::string& path) {
    if (!part.is_object()) return wrong_kind(path, "an object", part);
    const JsonValue type = part["type"];
    for (const std::string_view name : {"input_text", "output_text", "text", "summary_text"}) {
        if (type.is(name)) return read_text(part, "text", path);
    }
    if (type.is("refusal")) return read_text(part, "refusal", path);
    if (type.is("input_image")) return read_image(part, path);
    if (type.is("input_file")) return read_file(part, path);
    if (type.is("input_audio")) return read_audio(part, path);
    if (!type.is_string()) return wrong_kind(path + ".type", "a string", type);
    return invalid_field(path + ".type", "is no kind of content that an item can hold");
}

// ---- What the vendor's own tools did -----------------------------------------------------------

constexpr std::array<std::string_view, 7> kServerItems = {
    "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call",
    "mcp_call",        "mcp_list_tools",   "tool_search_call"};

// What says what was done, and what came of it.
constexpr std::array<std::string_view, 6> kTellingFields = {"name", "action",    "queries",
                                                            "code", "arguments", "output"};

// "[web_search_call {"type":"search","query":"x"}]".
std::string words_of(JsonValue item) {
    std::string words = "[" + item["type"].text();
    for (const std::string_view name : kTellingFields) {
        const JsonValue value = item[name];
        if (!value.is_given()) continue;
        words.push_back(' ');
        if (value.is_string()) {
            value.append_text(words);
        } else {
            append_compact(words, value.raw());
        }
    }
    return words.append("]");
}

// ---- Items -----------------------------------------------------------------------------------

class Reader {
public:
    Reader(JsonValue items, Losses& losses) : items_(items), losses_(losses) {}

    Result<std::vector<Message>> run() {
        messages_.reserve(items_.size());
        std::int32_t index = 0;
        for (const JsonValue& item : items_) {
            here_ = {.list = Place::List::Input, .index = index++};
            TRY(read_item(item));
        }
        return std::move(messages_);
    }

private:
    std::string path() const { return path_of(here_); }
    Place place(Place::Inside inside, std::int32_t part = -1) const {
        Place place = here_;
        place.inside = inside;
        place.part = part;
        return place;
    }

    Result<void> read_item(JsonValue item) {
        if (!item.is_object()) return wrong_kind(path(), "an object", item);
        const JsonValue type = item["type"];
        if (!type.is_given() || type.is("message")) return read_message(item);
        if (type.is("function_call")) return read_call(item, false);
        if (type.is("custom_tool_call")) return read_call(item, true);
        if (type.is("function_call_output") || type.is("custom_tool_call_output"))
            return read_output(item);
        if (type.is("reasoning")) return read_reasoning(item);
        if (!type.is_string()) return wrong_kind(path() + ".type", "a string", type);
        if (type.is("item_reference"))
            return invalid_field(path(), "refers to an item that nobody has kept: send it whole");
        const bool is_done =
            std::ranges::any_of(kServerItems, [&](std::string_view name) { return type.is(name); });
        if (!is_done)
            return invalid_field(path() + ".type", "is no kind of item that this model can read");
        losses_.add(LossKind::Rewritten, here_);
        add(Role::Assistant, text_part(words_of(item), here_));
        return {};
    }

    // What the assistant did in one turn comes in several items.
    void add(Role role, std::vector<Part> parts) {
        const bool goes_on = role == Role::Assistant && !messages_.empty() &&
                             messages_.back().role == Role::Assistant;
        if (!goes_on) messages_.push_back({.role = role, .place = here_});
        std::ranges::move(parts, std::back_inserter(messages_.back().parts));
    }

    void add(Role role, Part part) {
        std::vector<Part> parts;
        parts.push_back(std::move(part));
        add(role, std::move(parts));
    }

    Result<Role> read_role(JsonValue role) const {
        if (!role.is_string()) return wrong_kind(path() + ".role", "a string", role);
        if (role.is("user")) return Role::User;
        if (role.is("assistant")) return Role::Assistant;
        if (role.is("system") || role.is("developer")) return Role::System;
        return invalid_field(path() + ".role", "must be one of system, developer, user, assistant");
    }

    Result<void> read_message(JsonValue item) {
        const Role role = TRY(read_role(item["role"]));
        const JsonValue content = item["content"];
        if (!content.is_given())
            return wrong_kind(path() + ".content", "a string or an array of parts", content);
        auto parts = TRY(read_content(content, Place::Inside::Content));
        add(role, std::move(parts));
        return {};
    }

    // Null and absent are no content.
    Result<std::vector<Part>> read_content(JsonValue content, Place::Inside inside) {
        std::vector<Part> parts;
        if (content.is_string()) {
            parts.push_back(text_part(content.text(), place(inside)));
        } else if (content.is_array()) {
            parts.reserve(content.size());
            for (const JsonValue& value : content) {
                const Place here = place(inside, static_cast<std::int32_t>(parts.size()));
                Part part = TRY(read_part(value, path_of(here)));
                part.place = here;
                if (value["prompt_cache_breakpoint"].is_given()) part.cache = CacheMark{};
                parts.push_back(std::move(part));
            }
        } else if (content.is_given()) {
            return wrong_kind(path_of(place(inside)), "a string or an array of parts", content);
        }
        return parts;
    }

    Result<void> read_call(JsonValue item, bool is_custom) {
        CallPart call{.is_custom = is_custom};
        call.id = TRY(read_call_id(item));
        if (!item["name"].is_string())
            return wrong_kind(path() + ".name", "a string", item["name"]);
        call.name = item["name"].text();
        call.signature = item["extra_content"]["google"]["thought_signature"].text();
        call.arguments = is_custom ? item["input"].text() : read_arguments(item["arguments"]);
        add(Role::Assistant, Part{.value = std::move(call), .place = here_});
        return {};
    }

    Result<std::string> read_call_id(JsonValue item) const {
        const JsonValue id = item["call_id"];
        if (id.is_given() && !id.is_string())
            return wrong_kind(path() + ".call_id", "a string", id);
        return id.text();
    }

    std::string read_arguments(JsonValue arguments) {
        std::string object = arguments_object(arguments);
        if (!arguments.is_string()) return object;
        const std::string text = arguments.text();
        const std::string_view said = trim(text);
        const bool is_kept = said == object || said.empty() || said == "null";
        if (!is_kept) losses_.add(LossKind::Repaired, here_);
        return object;
    }

    Result<void> read_output(JsonValue item) {
        ResultPart result;
        result.call_id = TRY(read_call_id(item));
        result.content = TRY(read_content(item["output"], Place::Inside::Output));
        add(Role::User, Part{.value = std::move(result), .place = here_});
        return {};
    }

    Result<void> read_reasoning(JsonValue item) {
        auto part = read_reasoning_item(item);
        if (!part) return {};
        part->place = here_;
        add(Role::Assistant, *std::move(part));
        return {};
    }

    JsonValue items_;
    Losses& losses_;
    Place here_{};
    std::vector<Message> messages_;
};

}  // namespace

Result<std::vector<Message>> read_responses_input(JsonValue input, Losses& losses) {
    if (input.is_string()) {
        const Place place{.list = Place::List::Input};
        Message message{.role = Role::User, .place = place};
        message.parts.push_back(text_part(input.text(), place));
        return std::vector{std::move(message)};
    }
    if (!input.is_array()) return wrong_kind("input", "a string or an array of items", input);
    if (input.size() == 0) return invalid_field("input", "must hold at least one item");
    return Reader(input, losses).run();
}

}  // namespace aigw::protocol
