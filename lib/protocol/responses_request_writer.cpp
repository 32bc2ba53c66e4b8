// A chat for a model that its vendor gives by Responses only: written for Chat Completions first,
// so that every rule of that form holds, then put into items.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/json_writer.h"
#include "protocol/openai_messages_writer.h"
#include "protocol/openai_request.h"
#include "protocol/responses_request.h"
#include "protocol/sealed_reasoning.h"

namespace aigw::protocol {
namespace {

// ---- Content ---------------------------------------------------------------------------------

// {"type":"image_url","image_url":{"url","detail"}} → {"type":"input_image","image_url","detail"}.
void write_image(JsonWriter& json, JsonValue image) {
    json.field("type", "input_image");
    json.field("image_url", image["url"].text());
    if (image["detail"].is_given()) json.raw_field("detail", image["detail"].raw());
}

void write_file(JsonWriter& json, JsonValue file) {
    json.field("type", "input_file");
    for (const JsonValue& member : file) json.raw_field(member.key(), member.raw());
}

void write_part(JsonWriter& json, JsonValue part) {
    json.begin_object();
    const JsonValue type = part["type"];
    if (type.is("text")) {
        json.field("type", "input_text");
        json.raw_field("text", part["text"].raw());
    } else if (type.is("image_url")) {
        write_image(json, part["image_url"]);
    } else if (type.is("file")) {
        write_file(json, part["file"]);
    } else {
        for (const JsonValue& member : part) json.raw_field(member.key(), member.raw());
    }
    json.end_object();
}

// Of a user's message, of the system's and of a result: a text, or parts.
void write_content(JsonWriter& json, JsonValue content) {
    if (!content.is_array()) return json.raw(content.is_given() ? content.raw() : "\"\"");
    json.begin_array();
    for (const JsonValue& part : content) write_part(json, part);
    json.end_array();
}

// ---- Items -----------------------------------------------------------------------------------

class ItemsWriter {
public:
    explicit ItemsWriter(JsonWriter& json) : json_(json) {}

    void write(JsonValue messages) {
        json_.begin_array();
        for (const JsonValue& message : messages) write_message(message);
        json_.end_array();
    }

private:
    void write_message(JsonValue message) {
        if (message["role"].is("assistant")) return write_assistant(message);
        if (message["role"].is("tool")) return write_output(message);
        json_.begin_object();
        json_.raw_field("role", message["role"].raw());
        json_.key("content");
        write_content(json_, message["content"]);
        json_.end_object();
    }

    void write_assistant(JsonValue message) {
        const JsonValue content = message["content"];
        const JsonValue sealed = message[kSealedThoughts];
        write_sealed(sealed, 0);
        if (content.is_string()) {
            json_.begin_object();
            json_.field("role", "assistant");
            json_.raw_field("content", content.raw());
            json_.end_object();
        }
        std::int64_t calls = 0;
        for (const JsonValue& call : message["tool_calls"]) {
            if (calls > 0) write_sealed(sealed, calls);
            write_call(call);
            ++calls;
        }
    }

    // Those in front of the call of that number. What nothing follows is refused, and left out.
    void write_sealed(JsonValue list, std::int64_t calls) {
        if (!list.is_array()) return;
        for (const JsonValue& thoughts : list) {
            if (thoughts["calls"].integer() == calls) write_reasoning(thoughts);
        }
    }

    void write_reasoning(JsonValue thoughts) {
        const std::string signature = thoughts["signature"].text();
        const auto sealed = find_sealed_reasoning(signature);
        if (!sealed) return;
        json_.begin_object();
        json_.field("type", "reasoning");
        if (!sealed->id.empty()) json_.field("id", sealed->id);
        json_.key("summary");
        json_.begin_array();
        if (!thoughts["thinking"].is("")) {
            json_.begin_object();
            json_.field("type", "summary_text");
            json_.raw_field("text", thoughts["thinking"].raw());
            json_.end_object();
        }
        json_.end_array();
        json_.field("encrypted_content", sealed->content);
        json_.end_object();
    }

    void write_call(JsonValue call) {
        const bool is_custom = call["type"].is("custom");
        const JsonValue inside = call[is_custom ? "custom" : "function"];
        if (is_custom) custom_.insert(call["id"].text());
        json_.begin_object();
        json_.field("type", is_custom ? "custom_tool_call" : "function_call");
        json_.raw_field("call_id", call["id"].raw());
        json_.raw_field("name", inside["name"].raw());
        const std::string_view member = is_custom ? "input" : "arguments";
        json_.raw_field(member, inside[member].raw());
        json_.end_object();
    }

    void write_output(JsonValue message) {
        const JsonValue id = message["tool_call_id"];
        const bool is_custom = custom_.contains(id.text());
        json_.begin_object();
        json_.field("type", is_custom ? "custom_tool_call_output" : "function_call_output");
        json_.raw_field("call_id", id.raw());
        json_.key("output");
        write_content(json_, message["content"]);
        json_.end_object();
    }

    JsonWriter& json_;
    std::set<std::string> custom_;  // ids of calls of free text
};

// ---- Tools -----------------------------------------------------------------------------------

// A custom tool's format: flat here, in an object of its own there.
void write_format(JsonWriter& json, JsonValue format) {
    json.key("format");
    json.begin_object();
    json.raw_field("type", format["type"].raw());
    for (const JsonValue& member : format["grammar"]) json.raw_field(member.key(), member.raw());
    json.end_object();
}

void write_tool(JsonWriter& json, JsonValue tool) {
    const bool is_custom = tool["type"].is("custom");
    const JsonValue inside = tool[is_custom ? "custom" : "function"];
    json.begin_object();
    json.raw_field("type", tool["type"].raw());
    for (const JsonValue& member : inside) {
        if (member.has_key("format")) {
            write_format(json, member);
        } else {
            json.raw_field(member.key(), member.raw());
        }
    }
    // What is not said is taken for true here, and for false there.
    if (!is_custom && !inside["strict"].is_given()) json.boolean_field("strict", false);
    json.end_object();
}

void write_choice(JsonWriter& json, JsonValue choice) {
    json.key("tool_choice");
    if (!choice.is_object()) return json.raw(choice.raw());
    const bool is_custom = choice["type"].is("custom");
    json.begin_object();
    json.raw_field("type", choice["type"].raw());
    json.raw_field("name", choice[is_custom ? "custom" : "function"]["name"].raw());
    json.end_object();
}

// ---- Fields ----------------------------------------------------------------------------------

// Those that are called the same.
constexpr std::array<std::string_view, 12> kSame = {"parallel_tool_calls",
                                                    "temperature",
                                                    "top_p",
                                                    "user",
                                                    "service_tier",
                                                    "metadata",
                                                    "prompt_cache_key",
                                                    "prompt_cache_retention",
                                                    "prompt_cache_options",
                                                    "moderation",
                                                    "safety_identifier",
                                                    "stream"};

// Those that have another name or another shape.
constexpr std::array<std::string_view, 9> kOther = {"model",
                                                    "messages",
                                                    "tools",
                                                    "tool_choice",
                                                    "max_completion_tokens",
                                                    "response_format",
                                                    "verbosity",
                                                    "reasoning_effort",
                                                    "stream_options"};

// What a server of Chat Completions might have known.
void note_ignored(JsonValue chat, Losses& losses) {
    for (const JsonValue& member : chat) {
        const auto is_it = [&](std::string_view name) { return member.has_key(name); };
        if (!std::ranges::any_of(kSame, is_it) && !std::ranges::any_of(kOther, is_it))
            losses.ignore(member.key());
    }
}

void write_text(JsonWriter& json, JsonValue chat) {
    const JsonValue format = chat["response_format"];
    const JsonValue verbosity = chat["verbosity"];
    if (!format.is_given() && !verbosity.is_given()) return;
    json.key("text");
    json.begin_object();
    if (format.is_given()) {
        json.key("format");
        json.begin_object();
        json.raw_field("type", format["type"].raw());
        for (const JsonValue& member : format["json_schema"])
            json.raw_field(member.key(), member.raw());
        json.end_object();
    }
    if (verbosity.is_given()) json.raw_field("verbosity", verbosity.raw());
    json.end_object();
}

// The least limit that the protocol takes.
constexpr std::int64_t kLeastLimit = 16;

void write_limit(JsonWriter& json, JsonValue limit, std::string_view path, Losses& losses) {
    if (!limit.is_given()) return;
    const std::int64_t asked = limit.integer().value_or(kLeastLimit);
    if (asked < kLeastLimit) losses.add(LossKind::Clamped, path);
    json.integer_field("max_output_tokens", std::max(asked, kLeastLimit));
}

enum class Thinks : bool { No, Yes };

std::string into_items(JsonValue chat, Thinks thinks, std::string_view limit_path, Losses& losses) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.raw_field("model", chat["model"].raw());
    json.key("input");
    ItemsWriter(json).write(chat["messages"]);
    // What nobody asked to be kept is not: thoughts come along, to be sent back.
    json.boolean_field("store", false);
    if (thinks == Thinks::Yes) json.raw_field("include", R"(["reasoning.encrypted_content"])");
    if (const JsonValue tools = chat["tools"]; tools.is_given()) {
        json.key("tools");
        json.begin_array();
        for (const JsonValue& tool : tools) write_tool(json, tool);
        json.end_array();
    }
    if (chat["tool_choice"].is_given()) write_choice(json, chat["tool_choice"]);
    write_limit(json, chat["max_completion_tokens"], limit_path, losses);
    write_text(json, chat);
    if (const JsonValue effort = chat["reasoning_effort"]; effort.is_given()) {
        json.key("reasoning");
        json.begin_object();
        json.raw_field("effort", effort.raw());
        json.end_object();
    }
    for (const std::string_view name : kSame) {
        if (chat[name].is_given()) json.raw_field(name, chat[name].raw());
    }
    json.end_object();
    note_ignored(chat, losses);
    return body;
}

// What the model takes by this form.
ModelTraits traits_of(ModelTraits traits) {
    traits.max_field = ModelTraits::MaxField::MaxCompletionTokens;
    traits.cache_marks = ModelTraits::CacheMarks::None;
    traits.takes_stop = false;
    traits.effort_with_tools = true;
    traits.tool_images = true;
    traits.replays_sealed = true;
    traits.missing_fields =
        "n seed logit_bias presence_penalty frequency_penalty logprobs top_logprobs prediction "
        "store modalities audio web_search_options";
    return traits;
}

}  // namespace

Result<std::string> write_responses_request(ChatRequest request, RequestConversion& to) {
    const ModelTraits traits = traits_of(to.traits);
    const std::string_view limit_path = request.names.max_tokens;
    RequestConversion chat{.model = to.model,
                           .traits = traits,
                           .options = to.options,
                           .losses = to.losses,
                           .plan = to.plan};
    const std::string body = TRY(write_openai_request(std::move(request), chat));
    JsonTree tree;
    const JsonValue root = TRY(tree.parse(body));
    const bool has_effort = traits.reasoning_field == ModelTraits::ReasoningField::Effort;
    return into_items(root, has_effort ? Thinks::Yes : Thinks::No, limit_path, to.losses);
}

}  // namespace aigw::protocol
