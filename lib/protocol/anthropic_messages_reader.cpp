#include "protocol/anthropic_messages_reader.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "protocol/anthropic_tools_reader.h"
#include "protocol/anthropic_words.h"
#include "protocol/body_errors.h"

namespace aigw::protocol {
namespace {

// ---- Where a kind of block may stand ---------------------------------------------------------

// One bit each.
enum Where : unsigned { InUser = 1, InAssistant = 2, InSystem = 4, InResult = 8 };

Where where_of(Role role) {
    switch (role) {
        case Role::System:
            return InSystem;
        case Role::User:
            return InUser;
        case Role::Assistant:
            return InAssistant;
    }
    return InUser;
}

std::string_view name_of(Where where) {
    switch (where) {
        case InUser:
            return "a user's message";
        case InAssistant:
            return "an assistant's message";
        case InSystem:
            return "a system prompt";
        case InResult:
            return "a tool's result";
    }
    return "";
}

// ---- Sources of media ------------------------------------------------------------------------

struct SourceKind {
    std::string_view type;
    std::string_view field;
    Media::Source source;
};
constexpr std::array kSources = {
    SourceKind{"base64", "data", Media::Source::Base64},
    SourceKind{"url", "url", Media::Source::Url},
    SourceKind{"text", "data", Media::Source::Text},
    SourceKind{"file", "file_id", Media::Source::FileId},
};

Result<Media> read_source(JsonValue source, const std::string& path) {
    if (!source.is_object()) return wrong_kind(path, "an object", source);
    const JsonValue type = source["type"];
    const auto* const kind =
        std::ranges::find_if(kSources, [&](const SourceKind& row) { return type.is(row.type); });
    if (kind == kSources.end())
        return invalid_field(path + ".type", "must be one of base64, url, text, content, file");
    const JsonValue data = source[kind->field];
    if (!data.is_string())
        return wrong_kind(path + "." + std::string(kind->field), "a string", data);
    return Media{
        .source = kind->source, .media_type = source["media_type"].text(), .data = data.text()};
}

// ---- Blocks ----------------------------------------------------------------------------------

class Blocks {
public:
    Blocks(std::vector<Part>& parts, ToolChanges& changes) : parts_(parts), changes_(changes) {}

    // A string, or an array of blocks; null is nothing.
    Result<void> read(JsonValue content, const Place& list, Where where) {
        if (content.is_string()) {
            parts_.push_back(text_part(content.text(), list));
            return {};
        }
        if (!content.is_array())
            return wrong_kind(path_of(list), "a string or an array of blocks", content);
        parts_.reserve(parts_.size() + content.size());
        std::int32_t index = 0;
        for (const JsonValue& block : content) TRY(read_block(block, inside(list, index++), where));
        return {};
    }

private:
    using Read = Result<void> (Blocks::*)(JsonValue block, const Place& place);
    struct Kind {
        std::string_view type;
        unsigned where;
        Read read;
    };
    static std::span<const Kind> kinds();

    // The place of the element of that index.
    static Place inside(Place list, std::int32_t index) {
        if (list.list == Place::List::System) {
            list.index = index;
        } else if (list.part < 0) {
            list.inside = Place::Inside::Content;
            list.part = index;
        } else {
            list.nested = index;
        }
        return list;
    }

    Result<void> read_block(JsonValue block, const Place& place, Where where) {
        if (!block.is_object()) return wrong_kind(path_of(place), "an object", block);
        const JsonValue type = block["type"];
        if (!type.is_string()) return wrong_kind(path_of(place) + ".type", "a string", type);
        const Kind* kind = find_kind(type);
        if (kind == nullptr)
            return invalid_field(path_of(place) + ".type", "is no kind of block that is known");
        if ((kind->where & where) == 0)
            return invalid_field(
                path_of(place) + ".type",
                "is a kind of block that " + std::string(name_of(where)) + " can't hold");
        const std::size_t before = parts_.size();
        TRY((this->*kind->read)(block, place));
        auto mark = TRY(read_anthropic_mark(block, path_of(place)));
        if (parts_.size() > before && mark) parts_.back().cache = std::move(mark);
        return {};
    }

    static const Kind* find_kind(JsonValue type) {
        const auto known = kinds();
        const auto found =
            std::ranges::find_if(known, [&](const Kind& kind) { return type.is(kind.type); });
        if (found != known.end()) return &*found;
        // The answers of the vendor's own tools: web_search_tool_result and the like.
        static constexpr Kind kAnswer{"", InUser | InAssistant, &Blocks::read_vendor_block};
        return type.text().ends_with("_tool_result") ? &kAnswer : nullptr;
    }

    template <class Value>
    void add(Value value, const Place& place) {
        parts_.push_back({.value = std::move(value), .place = place});
    }

    Result<void> read_text(JsonValue block, const Place& place) {
        if (!block["text"].is_string())
            return wrong_kind(path_of(place) + ".text", "a string", block["text"]);
        parts_.push_back(text_part(block["text"].text(), place));
        return {};
    }

    Result<void> read_image(JsonValue block, const Place& place) {
        auto media = TRY(read_source(block["source"], path_of(place) + ".source"));
        if (media.source == Media::Source::Text)
            return invalid_field(path_of(place) + ".source.type",
                                 "must be one of base64, url, file");
        add(ImagePart{.media = std::move(media)}, place);
        return {};
    }

    Result<void> read_document(JsonValue block, const Place& place) {
        DocumentPart document{.title = block["title"].text(), .context = block["context"].text()};
        if (block["source"]["type"].is("content"))
            return read_composed(block["source"]["content"], std::move(document), place);
        document.media = TRY(read_source(block["source"], path_of(place) + ".source"));
        add(std::move(document), place);
        return {};
    }

    // A document of blocks: its texts are one text, its images follow it.
    Result<void> read_composed(JsonValue content, DocumentPart document, const Place& place) {
        std::vector<Part> inner;
        TRY(Blocks(inner, changes_).read(content, place, InResult));
        document.media = {.source = Media::Source::Text, .media_type = "text/plain"};
        std::string& text = document.media.data;
        for (const Part& part : inner) {
            const auto* piece = part.as<TextPart>();
            if (piece == nullptr) continue;
            if (!text.empty()) text.push_back('\n');
            text.append(piece->text);
        }
        add(std::move(document), place);
        for (Part& part : inner) {
            if (!part.is<TextPart>()) parts_.push_back(std::move(part));
        }
        return {};
    }

    Result<void> read_thinking(JsonValue block, const Place& place) {
        add(ThinkingPart{block["thinking"].text(), block["signature"].text()}, place);
        return {};
    }

    Result<void> read_redacted_thinking(JsonValue block, const Place& place) {
        add(RedactedThinkingPart{block["data"].text()}, place);
        return {};
    }

    Result<void> read_call(JsonValue block, const Place& place) {
        if (!block["name"].is_string())
            return wrong_kind(path_of(place) + ".name", "a string", block["name"]);
        const JsonValue id = block["id"];
        if (id.is_given() && !id.is_string())
            return wrong_kind(path_of(place) + ".id", "a string", id);
        const JsonValue input = block["input"];
        if (input.is_given() && !input.is_object())
            return wrong_kind(path_of(place) + ".input", "an object", input);
        CallPart call{.id = id.text(), .name = block["name"].text()};
        append_compact(call.arguments, input.is_given() ? input.raw() : "{}");
        add(std::move(call), place);
        return {};
    }

    Result<void> read_result(JsonValue block, const Place& place) {
        const JsonValue id = block["tool_use_id"];
        if (!id.is_string()) return wrong_kind(path_of(place) + ".tool_use_id", "a string", id);
        const JsonValue is_error = block["is_error"];
        if (is_error.is_given() && !is_error.boolean())
            return wrong_kind(path_of(place) + ".is_error", "a boolean", is_error);
        ResultPart result{.call_id = id.text(), .is_error = is_error.is_true(), .content = {}};
        if (block["content"].is_given())
            TRY(Blocks(result.content, changes_).read(block["content"], place, InResult));
        add(std::move(result), place);
        return {};
    }

    // What the vendor ran, found or keeps: another vendor's model reads it in words.
    Result<void> read_vendor_block(JsonValue block, const Place& place) {
        add(VendorPart{.type = block["type"].text(),
                       .json = std::string(block.raw()),
                       .text = words_of_block(block)},
            place);
        return {};
    }

    Result<void> read_tool_change(JsonValue block, const Place& place) {
        const bool is_followed = TRY(changes_.follow(block, place));
        if (is_followed) return {};
        add(VendorPart{.type = block["type"].text(), .json = std::string(block.raw())}, place);
        return {};
    }

    std::vector<Part>& parts_;
    ToolChanges& changes_;
};

std::span<const Blocks::Kind> Blocks::kinds() {
    static constexpr unsigned kTurn = InUser | InAssistant;
    static constexpr std::array kKinds = {
        Kind{"text", kTurn | InSystem | InResult, &Blocks::read_text},
        Kind{"tool_use", InAssistant, &Blocks::read_call},
        Kind{"tool_result", InUser, &Blocks::read_result},
        Kind{"thinking", InAssistant, &Blocks::read_thinking},
        Kind{"redacted_thinking", InAssistant, &Blocks::read_redacted_thinking},
        Kind{"image", kTurn | InResult, &Blocks::read_image},
        Kind{"document", kTurn | InResult, &Blocks::read_document},
        Kind{"search_result", kTurn | InResult, &Blocks::read_vendor_block},
        Kind{"tool_reference", InResult, &Blocks::read_vendor_block},
        Kind{"server_tool_use", kTurn, &Blocks::read_vendor_block},
        Kind{"mcp_tool_use", kTurn, &Blocks::read_vendor_block},
        Kind{"container_upload", kTurn, &Blocks::read_vendor_block},
        Kind{"compaction", kTurn, &Blocks::read_vendor_block},
        Kind{"mid_conv_system", kTurn | InSystem, &Blocks::read_vendor_block},
        Kind{"tool_addition", kTurn | InSystem, &Blocks::read_tool_change},
        Kind{"tool_removal", kTurn | InSystem, &Blocks::read_tool_change},
    };
    return kKinds;
}

// ---- Messages --------------------------------------------------------------------------------

Result<Role> read_role(JsonValue role, const std::string& path) {
    if (role.is("user")) return Role::User;
    if (role.is("assistant")) return Role::Assistant;
    if (role.is("system")) return Role::System;
    if (!role.is_string()) return wrong_kind(path, "a string", role);
    return invalid_field(path, "must be one of user, assistant, system");
}

Result<Message> read_message(JsonValue value, const Place& place, ToolChanges& changes) {
    const std::string path = path_of(place);
    if (!value.is_object()) return wrong_kind(path, "an object", value);
    Message message{.place = place};
    message.role = TRY(read_role(value["role"], path + ".role"));
    Place content = place;
    content.inside = Place::Inside::Content;
    TRY(Blocks(message.parts, changes).read(value["content"], content, where_of(message.role)));
    return message;
}

}  // namespace

Result<void> read_anthropic_system(JsonValue system, std::vector<Message>& messages,
                                   ToolChanges& changes) {
    if (!system.is_given()) return {};
    const Place place{.list = Place::List::System};
    Message message{.role = Role::System, .place = place};
    TRY(Blocks(message.parts, changes).read(system, place, InSystem));
    if (!message.parts.empty()) messages.push_back(std::move(message));
    return {};
}

Result<void> read_anthropic_messages(JsonValue list, std::vector<Message>& messages,
                                     ToolChanges& changes) {
    if (!list.is_array()) return wrong_kind("messages", "an array", list);
    if (list.size() == 0) return invalid_field("messages", "must have at least one message");
    messages.reserve(messages.size() + list.size());
    std::int32_t index = 0;
    for (const JsonValue& value : list) {
        auto message =
            TRY(read_message(value, {.list = Place::List::Messages, .index = index++}, changes));
        messages.push_back(std::move(message));
    }
    return {};
}

}  // namespace aigw::protocol
