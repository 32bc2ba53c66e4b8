#include "protocol/anthropic_turns.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/gemini_signature.h"
#include "protocol/history.h"
#include "protocol/sealed_reasoning.h"
#include "protocol/system_messages.h"

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxMarks = 4;
constexpr std::string_view kNothing = ".";
constexpr std::string_view kGoOn = "Continue.";
constexpr std::array<std::string_view, 4> kImageTypes = {"image/jpeg", "image/png", "image/gif",
                                                         "image/webp"};

bool is_thinking(const Part& part) {
    return part.is<ThinkingPart>() || part.is<RedactedThinkingPart>();
}

// … by Anthropic, that is: another vendor's signature is refused.
bool is_unsigned_thinking(const Part& part) {
    const auto* thinking = part.as<ThinkingPart>();
    if (thinking == nullptr) return false;
    const std::string& signature = thinking->signature;
    return signature.empty() || find_gemini_signature(signature) ||
           find_sealed_reasoning(signature);
}

// ---- What may be sent ------------------------------------------------------------------------

bool is_web_address(std::string_view url) {
    return starts_with_ignoring_case(url, "https://") || starts_with_ignoring_case(url, "http://");
}

Result<void> check_address(const Media& media, const Place& place, const ModelTraits& traits) {
    if (!is_web_address(media.data))
        return invalid_field(path_of(place), "has a URL that is neither http(s) nor data");
    if (traits.media_urls) return {};
    return invalid_field(path_of(place), "has a URL: this model takes media only as data");
}

Result<void> check_image(const Media& media, const Place& place, const ModelTraits& traits) {
    switch (media.source) {
        case Media::Source::Url:
            return check_address(media, place, traits);
        case Media::Source::Base64:
            if (std::ranges::find(kImageTypes, media.media_type) != kImageTypes.end()) return {};
            return invalid_field(path_of(place), "is no image of type jpeg, png, gif or webp");
        case Media::Source::FileId:
        case Media::Source::Text:
            break;
    }
    return invalid_field(path_of(place), "names a file of another vendor");
}

Result<void> check_document(const Media& media, const Place& place, const ModelTraits& traits) {
    switch (media.source) {
        case Media::Source::Url:
            return check_address(media, place, traits);
        case Media::Source::Base64:
            if (media.media_type == "application/pdf") return {};
            return invalid_field(path_of(place), "is neither a PDF nor text");
        case Media::Source::Text:
            return {};
        case Media::Source::FileId:
            break;
    }
    return invalid_field(path_of(place), "names a file of another vendor");
}

Result<void> check_part(const Part& part, const ModelTraits& traits) {
    if (const auto* image = part.as<ImagePart>())
        return check_image(image->media, part.place, traits);
    if (const auto* document = part.as<DocumentPart>())
        return check_document(document->media, part.place, traits);
    if (part.is<AudioPart>() || part.is<VideoPart>())
        return invalid_field(path_of(part.place),
                             "holds sound or video, which this model can't take");
    if (const auto* result = part.as<ResultPart>()) {
        for (const Part& inner : result->content) TRY(check_part(inner, traits));
    }
    return {};
}

// ---- System prompts --------------------------------------------------------------------------

class SystemPrompts {
public:
    SystemPrompts(ChatRequest& request, RequestConversion& to, AnthropicTurns& turns)
        : messages_(request.messages), to_(to), turns_(turns) {}

    // Leading ones become the system prompt; later ones stay where the model takes them.
    Result<void> run() {
        make_a_user_turn();
        std::vector<Message> kept;
        bool is_leading = true;
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            Message& message = messages_[i];
            if (message.role != Role::System) {
                is_leading = false;
                kept.push_back(std::move(message));
                continue;
            }
            for (const Part& part : message.parts) {
                if (!part.is<TextPart>())
                    return invalid_field(path_of(part.place), "must be text in a system prompt");
            }
            place(message, i, is_leading, kept);
        }
        messages_ = std::move(kept);
        return {};
    }

private:
    // `messages` must not be empty: the last of only system messages is what the user says.
    void make_a_user_turn() {
        const bool has_turn = std::ranges::any_of(
            messages_, [](const Message& message) { return message.role != Role::System; });
        if (has_turn || messages_.empty()) return;
        messages_.back().role = Role::User;
        to_.losses.add(LossKind::Rewritten, messages_.back().place);
    }

    bool is_native(std::size_t index) const {
        if (!to_.traits.mid_system || to_.options.mid_system != MidSystem::Native) return false;
        for (std::size_t next = index + 1; next < messages_.size(); ++next) {
            if (messages_[next].role == Role::System) continue;
            return messages_[next].role == Role::Assistant;
        }
        return true;
    }

    void place(Message& message, std::size_t index, bool is_leading, std::vector<Message>& kept) {
        if (!is_leading && is_native(index)) {
            kept.push_back(std::move(message));
            return;
        }
        if (!is_leading) to_.losses.add(LossKind::Rewritten, message.place);
        if (!is_leading && to_.options.mid_system == MidSystem::User) {
            kept.push_back(as_reminder(std::move(message)));
            return;
        }
        std::ranges::move(message.parts, std::back_inserter(turns_.system));
    }

    std::vector<Message>& messages_;
    RequestConversion& to_;
    AnthropicTurns& turns_;
};

// ---- Turns -----------------------------------------------------------------------------------

// A mark outlives the blank text that it stood on: it moves to the part before.
void remove_blanks(std::vector<Part>& parts, Part* before = nullptr) {
    std::vector<Part> kept;
    kept.reserve(parts.size());
    for (Part& part : parts) {
        if (!is_blank(part) && !is_unsigned_thinking(part)) {
            kept.push_back(std::move(part));
            continue;
        }
        Part* heir = kept.empty() ? before : &kept.back();
        if (part.cache && heir != nullptr && !heir->cache) heir->cache = std::move(part.cache);
    }
    parts = std::move(kept);
}

// Anthropic refuses marks inside a result; they mean the result.
void lift_marks(Part& part) {
    auto* result = part.as<ResultPart>();
    if (result == nullptr) return;
    for (Part& inner : result->content) {
        if (inner.cache && !part.cache) part.cache = inner.cache;
        inner.cache.reset();
    }
    remove_blanks(result->content);
}

Part* last_part(std::vector<Message>& messages) {
    return messages.empty() || messages.back().parts.empty() ? nullptr
                                                             : &messages.back().parts.back();
}

// Turns of which nothing is left go, except the user's last word.
void clean_turns(std::vector<Message>& messages, Losses& losses) {
    std::vector<Message> kept;
    kept.reserve(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        Message& message = messages[i];
        for (Part& part : message.parts) {
            if (is_unsigned_thinking(part)) losses.ignore(part.place);
            lift_marks(part);
        }
        remove_blanks(message.parts, last_part(kept));
        if (message.parts.empty() && message.role == Role::User && i + 1 == messages.size())
            message.parts.push_back(text_part(std::string(kNothing), message.place));
        if (!message.parts.empty()) {
            kept.push_back(std::move(message));
        } else if (message.role == Role::Assistant) {
            losses.add(LossKind::Repaired, message.place);
        }
    }
    messages = std::move(kept);
}

// The last word need not be the last message: where only that is left to say, it is said.
void open_with_user(std::vector<Message>& messages, Losses& losses) {
    const auto first = std::ranges::find_if(
        messages, [](const Message& message) { return message.role != Role::System; });
    if (first != messages.end() && first->role == Role::User) return;
    if (first != messages.end()) losses.add(LossKind::Repaired, first->place);
    messages.insert(first,
                    Message{.role = Role::User, .parts = {text_part(std::string(kNothing))}});
}

// A document needs some text in its turn.
void accompany_documents(Message& message) {
    const bool has_document = std::ranges::any_of(
        message.parts, [](const Part& part) { return part.is<DocumentPart>(); });
    const bool has_text =
        std::ranges::any_of(message.parts, [](const Part& part) { return part.is<TextPart>(); });
    if (has_document && !has_text) message.parts.push_back(text_part(std::string(kNothing)));
}

// The order of each kind stays.
void put_thinking_first(std::vector<Part>& parts) {
    std::vector<Part> sorted;
    sorted.reserve(parts.size());
    for (Part& part : parts) {
        if (is_thinking(part)) sorted.push_back(std::move(part));
    }
    if (sorted.empty()) return;
    for (Part& part : parts) {
        const bool is_moved = is_thinking(part);
        if (!is_moved) sorted.push_back(std::move(part));
    }
    parts = std::move(sorted);
}

// ---- Writing ---------------------------------------------------------------------------------

void write_mark(JsonWriter& json, const std::optional<CacheMark>& mark) {
    if (!mark) return;
    json.key("cache_control");
    json.begin_object();
    json.field("type", "ephemeral");
    if (!mark->ttl.empty()) json.field("ttl", mark->ttl);
    json.end_object();
}

void write_source(JsonWriter& json, const Media& media) {
    json.key("source");
    json.begin_object();
    switch (media.source) {
        case Media::Source::Base64:
            json.field("type", "base64");
            json.field("media_type", media.media_type);
            json.field("data", media.data);
            break;
        case Media::Source::Url:
            json.field("type", "url");
            json.field("url", media.data);
            break;
        case Media::Source::Text:
            json.field("type", "text");
            json.field("media_type", "text/plain");
            json.field("data", media.data);
            break;
        case Media::Source::FileId:
            json.field("type", "file");
            json.field("file_id", media.data);
            break;
    }
    json.end_object();
}

void write_part(JsonWriter& json, const Part& part);

struct PartWriter {
    JsonWriter& json;

    void operator()(const TextPart& part) const {
        json.field("type", "text");
        json.field("text", part.text);
    }
    void operator()(const ImagePart& part) const {
        json.field("type", "image");
        write_source(json, part.media);
    }
    void operator()(const DocumentPart& part) const {
        json.field("type", "document");
        write_source(json, part.media);
        if (!part.title.empty()) json.field("title", part.title);
        if (!part.context.empty()) json.field("context", part.context);
    }
    // Refused before anything is written.
    void operator()(const AudioPart&) const {}
    void operator()(const VideoPart&) const {}
    void operator()(const ThinkingPart& part) const {
        json.field("type", "thinking");
        json.field("thinking", part.text);
        json.field("signature", part.signature);
    }
    void operator()(const RedactedThinkingPart& part) const {
        json.field("type", "redacted_thinking");
        json.field("data", part.data);
    }
    void operator()(const CallPart& part) const {
        json.field("type", "tool_use");
        json.field("id", part.id);
        json.field("name", part.name);
        json.key("input");
        if (part.is_custom) {
            json.begin_object();
            json.field("input", part.arguments);
            json.end_object();
        } else {
            std::string compact;
            append_compact(compact, part.arguments);
            json.raw(compact);
        }
    }
    void operator()(const ResultPart& part) const {
        json.field("type", "tool_result");
        json.field("tool_use_id", part.call_id);
        if (!part.content.empty()) {
            json.key("content");
            json.begin_array();
            for (const Part& inner : part.content) write_part(json, inner);
            json.end_array();
        }
        if (part.is_error) json.boolean_field("is_error", true);
    }
    void operator()(const VendorPart& part) const {
        json.field("type", "text");
        json.field("text", part.text);
    }
};

void write_part(JsonWriter& json, const Part& part) {
    json.begin_object();
    std::visit(PartWriter{json}, part.value);
    write_mark(json, part.cache);
    json.end_object();
}

void write_parts(JsonWriter& json, const std::vector<Part>& parts) {
    json.begin_array();
    for (const Part& part : parts) write_part(json, part);
    json.end_array();
}

std::string_view name_of(Role role) {
    switch (role) {
        case Role::System:
            return "system";
        case Role::User:
            return "user";
        case Role::Assistant:
            return "assistant";
    }
    return "";
}

}  // namespace

Result<AnthropicTurns> arrange_turns(ChatRequest& request, RequestConversion& to) {
    AnthropicTurns turns;
    for (const Message& message : request.messages) {
        for (const Part& part : message.parts) TRY(check_part(part, to.traits));
    }
    TRY(SystemPrompts(request, to, turns).run());
    remove_blanks(turns.system);
    clean_turns(request.messages, to.losses);
    TRY(repair_history(request, {.sha256_hex = to.options.sha256_hex}, to.losses));
    turns.messages = std::move(request.messages);
    open_with_user(turns.messages, to.losses);
    for (Message& message : turns.messages) {
        accompany_documents(message);
        put_thinking_first(message.parts);
    }
    return turns;
}

void settle_last_turn(AnthropicTurns& turns, Prefill prefill, RequestConversion& to) {
    Message& last = turns.messages.back();
    if (last.role != Role::Assistant) return;
    if (prefill == Prefill::No) {
        to.losses.add(LossKind::Approximated, last.place);
        turns.messages.push_back(
            {.role = Role::User, .parts = {text_part(std::string(kGoOn))}, .place = last.place});
        return;
    }
    auto* text = last.parts.back().as<TextPart>();
    if (text == nullptr) return;
    const std::size_t end = text->text.find_last_not_of(" \t\n\r\f\v");
    text->text.resize(end + 1);  // not blank: a character is left
}

void limit_cache_marks(AnthropicTurns& turns, std::vector<Tool>& tools, RequestConversion& to) {
    std::size_t left = kMaxMarks;
    const auto keep_or_drop = [&](std::optional<CacheMark>& mark, const Place& place) {
        if (!mark) return;
        if (left > 0) {
            --left;
            return;
        }
        mark.reset();
        to.losses.add(LossKind::Dropped, path_of(place) + ".cache_control");
    };
    for (Tool& tool : tools) keep_or_drop(tool.cache, tool.place);
    for (Part& part : turns.system) keep_or_drop(part.cache, part.place);
    for (auto message = turns.messages.rbegin(); message != turns.messages.rend(); ++message) {
        for (auto part = message->parts.rbegin(); part != message->parts.rend(); ++part)
            keep_or_drop(part->cache, part->place);
    }
}

bool continues_calls_without_thinking(const AnthropicTurns& turns) {
    const auto last =
        std::find_if(turns.messages.rbegin(), turns.messages.rend(),
                     [](const Message& message) { return message.role == Role::Assistant; });
    if (last == turns.messages.rend()) return false;
    const bool has_calls =
        std::ranges::any_of(last->parts, [](const Part& part) { return part.is<CallPart>(); });
    return has_calls && std::ranges::none_of(last->parts, is_thinking);
}

void write_turns(JsonWriter& json, const AnthropicTurns& turns) {
    if (!turns.system.empty()) {
        json.key("system");
        write_parts(json, turns.system);
    }
    json.key("messages");
    json.begin_array();
    for (const Message& message : turns.messages) {
        json.begin_object();
        json.field("role", name_of(message.role));
        json.key("content");
        write_parts(json, message.parts);
        json.end_object();
    }
    json.end_array();
}

}  // namespace aigw::protocol
