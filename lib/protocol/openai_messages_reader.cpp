#include <algorithm>
#include <optional>

#include "protocol/body_errors.h"
#include "protocol/caller_media.h"
#include "protocol/json_writer.h"
#include "protocol/openai_messages.h"

namespace aigw::protocol {
namespace {

// ---- Cache marks -----------------------------------------------------------------------------

// `cache_control` of other vendors, or OpenAI's own `prompt_cache_breakpoint`.
std::optional<CacheMark> read_mark(JsonValue object) {
    if (const JsonValue mark = object["cache_control"]; mark.is_object())
        return CacheMark{mark["ttl"].text()};
    if (object["prompt_cache_breakpoint"].is_given()) return CacheMark{};
    return std::nullopt;
}

// ---- Parts -----------------------------------------------------------------------------------

Result<Part> read_image(JsonValue part, const std::string& path) {
    const JsonValue image = part["image_url"];
    const JsonValue url = image.is_object() ? image["url"] : image;
    if (!url.is_string()) return wrong_kind(path + ".image_url.url", "a string", url);
    return make_image_part(url.text(), image["detail"].text(), path + ".image_url.url");
}

Result<Part> read_file(JsonValue part, const std::string& path) {
    const JsonValue file = part["file"];
    if (!file.is_object()) return wrong_kind(path + ".file", "an object", file);
    const std::string filename = file["filename"].text();
    if (const JsonValue data = file["file_data"]; data.is_string())
        return make_file_part(data.text(), filename, path + ".file.file_data");
    if (const JsonValue id = file["file_id"]; id.is_string()) {
        Media media{.source = Media::Source::FileId, .data = id.text()};
        return Part{.value = DocumentPart{.media = std::move(media), .title = filename}};
    }
    return wrong_kind(path + ".file.file_data", "a data URL", file["file_data"]);
}

Result<Part> read_audio(JsonValue part, const std::string& path) {
    const JsonValue audio = part["input_audio"];
    if (!audio["data"].is_string())
        return wrong_kind(path + ".input_audio.data", "base64 text", audio["data"]);
    return Part{.value = AudioPart{.media = {.data = audio["data"].text()},
                                   .format = audio["format"].text()}};
}

Result<Part> read_video(JsonValue part, const std::string& path) {
    const JsonValue video = part["video_url"];
    const JsonValue url = video.is_object() ? video["url"] : video;
    if (!url.is_string()) return wrong_kind(path + ".video_url.url", "a string", url);
    return Part{.value = VideoPart{.media = {.source = Media::Source::Url, .data = url.text()}}};
}

Result<Part> read_text(JsonValue part, std::string_view field, const std::string& path) {
    const JsonValue text = part[field];
    if (!text.is_string()) return wrong_kind(path + "." + std::string(field), "a string", text);
    return text_part(text.text());
}

Result<Part> read_part(JsonValue part, const std::string& path) {
    if (!part.is_object()) return wrong_kind(path, "an object", part);
    const JsonValue type = part["type"];
    if (type.is("text") || type.is("input_text") || type.is("output_text"))
        return read_text(part, "text", path);
    if (type.is("image_url")) return read_image(part, path);
    if (type.is("file")) return read_file(part, path);
    if (type.is("input_audio")) return read_audio(part, path);
    if (type.is("video_url")) return read_video(part, path);
    if (type.is("refusal")) return read_text(part, "refusal", path);
    if (!type.is_string()) return wrong_kind(path + ".type", "a string", type);
    return invalid_field(path + ".type", "is no kind of content that a message can hold");
}

// ---- Messages --------------------------------------------------------------------------------

class Reader {
public:
    Reader(JsonValue messages, Losses& losses) : list_(messages), losses_(losses) {}

    Result<std::vector<Message>> run() {
        messages_.reserve(list_.size());
        for (const JsonValue& value : list_) {
            here_ = {.list = Place::List::Messages,
                     .index = static_cast<std::int32_t>(messages_.size())};
            Message message = TRY(read_message(value));
            message.place = here_;
            if (const auto mark = read_mark(value); mark && !message.parts.empty())
                message.parts.back().cache = mark;
            messages_.push_back(std::move(message));
        }
        return std::move(messages_);
    }

private:
    std::string path() const { return path_of(here_); }
    Place content_place(std::int32_t part = -1) const {
        Place place = here_;
        place.inside = Place::Inside::Content;
        place.part = part;
        return place;
    }
    Place call_place(std::int32_t call) const {
        Place place = here_;
        place.inside = Place::Inside::ToolCalls;
        place.part = call;
        return place;
    }

    Result<Message> read_message(JsonValue value) {
        if (!value.is_object()) return wrong_kind(path(), "an object", value);
        const JsonValue role = value["role"];
        if (!role.is_string()) return wrong_kind(path() + ".role", "a string", role);
        if (role.is("system") || role.is("developer")) return read_plain(Role::System, value);
        if (role.is("user")) return read_plain(Role::User, value);
        if (role.is("assistant")) return read_assistant(value);
        if (role.is("tool")) return read_result(value);
        if (role.is("function")) return read_function_result(value);
        return invalid_field(path() + ".role",
                             "must be one of system, developer, user, assistant, tool");
    }

    Result<Message> read_plain(Role role, JsonValue value) {
        if (!value["content"].is_given())
            return wrong_kind(path() + ".content", "a string or an array of parts",
                              value["content"]);
        Message message{.role = role};
        message.parts = TRY(read_content(value["content"]));
        return message;
    }

    // Null and absent are no content.
    Result<std::vector<Part>> read_content(JsonValue content) {
        std::vector<Part> parts;
        if (content.is_string()) {
            parts.push_back(text_part(content.text(), content_place()));
        } else if (content.is_array()) {
            parts.reserve(content.size());
            for (const JsonValue& value : content) {
                const Place place = content_place(static_cast<std::int32_t>(parts.size()));
                Part part = TRY(read_part(value, path_of(place)));
                part.place = place;
                part.cache = read_mark(value);
                parts.push_back(std::move(part));
            }
        } else if (content.is_given()) {
            return wrong_kind(path() + ".content", "a string or an array of parts", content);
        }
        return parts;
    }

    Result<Message> read_assistant(JsonValue value) {
        Message message{.role = Role::Assistant};
        TRY(add_thinking(value, message.parts));
        std::vector<Part> content = TRY(read_content(value["content"]));
        if (content.empty() && value["refusal"].is_string())
            content.push_back(text_part(value["refusal"].text(), content_place()));
        if (content.empty() && value["audio"].is_object()) {
            const JsonValue transcript = value["audio"]["transcript"];
            if (!transcript.is_string())
                return invalid_field(path() + ".audio",
                                     "can't be read again without its transcript");
            content.push_back(text_part(transcript.text(), content_place()));
        }
        std::ranges::move(content, std::back_inserter(message.parts));
        TRY(add_calls(value["tool_calls"], message.parts));
        TRY(add_function_call(value["function_call"], message.parts));
        return message;
    }

    // Signed blocks come back in an extension; the plain text of thoughts is unsigned.
    Result<void> add_thinking(JsonValue value, std::vector<Part>& parts) {
        const JsonValue blocks = value["thinking_blocks"];
        if (blocks.is_given() && !blocks.is_array())
            return wrong_kind(path() + ".thinking_blocks", "an array", blocks);
        for (const JsonValue& block : blocks) {
            Part part{.place = here_};
            if (block["type"].is("redacted_thinking")) {
                part.value = RedactedThinkingPart{block["data"].text()};
            } else {
                part.value = ThinkingPart{block["thinking"].text(), block["signature"].text()};
            }
            parts.push_back(std::move(part));
        }
        if (blocks.size() > 0) return {};
        for (const std::string_view field : {"reasoning_content", "reasoning"}) {
            if (!value[field].is_string()) continue;
            parts.push_back({.value = ThinkingPart{.text = value[field].text()}, .place = here_});
            break;
        }
        return {};
    }

    Result<void> add_calls(JsonValue calls, std::vector<Part>& parts) {
        if (!calls.is_given()) return {};
        if (!calls.is_array()) return wrong_kind(path() + ".tool_calls", "an array", calls);
        std::int32_t index = 0;
        for (const JsonValue& call : calls) {
            const Place place = call_place(index++);
            auto part = TRY(read_call(call, place));
            parts.push_back(std::move(part));
        }
        return {};
    }

    Result<Part> read_call(JsonValue call, const Place& place) {
        const std::string path = path_of(place);
        if (!call.is_object()) return wrong_kind(path, "an object", call);
        const bool is_custom = call["type"].is("custom") || call["custom"].is_object();
        const JsonValue inside = call[is_custom ? "custom" : "function"];
        if (!inside.is_object())
            return wrong_kind(path + (is_custom ? ".custom" : ".function"), "an object", inside);
        if (!inside["name"].is_string())
            return wrong_kind(path + (is_custom ? ".custom.name" : ".function.name"), "a string",
                              inside["name"]);
        CallPart made{
            .id = call["id"].text(), .name = inside["name"].text(), .is_custom = is_custom};
        made.signature = call["extra_content"]["google"]["thought_signature"].text();
        if (is_custom) {
            made.arguments = inside["input"].text();
        } else {
            made.arguments = read_arguments(inside["arguments"], place);
        }
        return Part{.value = std::move(made), .place = place};
    }

    // Always an object: what is none is put into one, so that the call and its result stay paired.
    std::string read_arguments(JsonValue arguments, const Place& place) {
        if (!arguments.is_given()) return "{}";
        if (arguments.is_object()) return std::string(arguments.raw());
        std::string text = arguments.is_string() ? arguments.text() : std::string(arguments.raw());
        if (is_blank(text)) return "{}";
        const auto parsed = tree_.parse(text);
        if (parsed && parsed->is_object()) return std::string(parsed->raw());
        if (parsed && parsed->is_null()) return "{}";
        losses_.add(LossKind::Repaired, place);
        std::string wrapped;
        JsonWriter json(wrapped);
        json.begin_object();
        json.field("_raw_arguments", text);
        json.end_object();
        return wrapped;
    }

    Result<void> add_function_call(JsonValue call, std::vector<Part>& parts) {
        if (!call.is_given()) return {};
        const std::string path = this->path() + ".function_call";
        if (!call.is_object()) return wrong_kind(path, "an object", call);
        if (!call["name"].is_string()) return wrong_kind(path + ".name", "a string", call["name"]);
        const Place place = here_;
        CallPart made{.id = "call_fn_" + std::to_string(++functions_), .name = call["name"].text()};
        made.arguments = read_arguments(call["arguments"], place);
        open_functions_.push_back({made.name, made.id});
        parts.push_back({.value = std::move(made), .place = place});
        return {};
    }

    Result<Message> read_result(JsonValue value) {
        const JsonValue id = value["tool_call_id"];
        if (id.is_given() && !id.is_string())
            return wrong_kind(path() + ".tool_call_id", "a string", id);
        return result_message(value, id.text());
    }

    // The elder form names the function: its latest call without a result is meant.
    Result<Message> read_function_result(JsonValue value) {
        const JsonValue name = value["name"];
        if (!name.is_string()) return wrong_kind(path() + ".name", "a string", name);
        const std::string wanted = name.text();
        std::string id = wanted;
        const auto open =
            std::find_if(open_functions_.rbegin(), open_functions_.rend(),
                         [&](const OpenFunction& call) { return call.name == wanted; });
        if (open != open_functions_.rend()) {
            id = open->id;
            open_functions_.erase(std::next(open).base());
        }
        return result_message(value, std::move(id));
    }

    Result<Message> result_message(JsonValue value, std::string id) {
        auto content = TRY(read_content(value["content"]));
        ResultPart result{.call_id = std::move(id),
                          .name = value["name"].text(),
                          .is_error = value["is_error"].is_true(),
                          .content = std::move(content)};
        Message message{.role = Role::User};
        message.parts.push_back({.value = std::move(result), .place = here_});
        return message;
    }

    struct OpenFunction {
        std::string name;
        std::string id;
    };

    JsonValue list_;
    Losses& losses_;
    JsonTree tree_;  // of arguments
    Place here_{};
    std::vector<Message> messages_;
    std::vector<OpenFunction> open_functions_;
    std::size_t functions_ = 0;
};

}  // namespace

Result<std::vector<Message>> read_openai_messages(JsonValue messages, Losses& losses) {
    if (!messages.is_array()) return wrong_kind("messages", "an array", messages);
    if (messages.size() == 0) return invalid_field("messages", "must not be empty");
    return Reader(messages, losses).run();
}

}  // namespace aigw::protocol
