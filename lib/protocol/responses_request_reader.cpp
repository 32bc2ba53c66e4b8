#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/body_errors.h"
#include "protocol/json_writer.h"
#include "protocol/request_fields.h"
#include "protocol/responses_items.h"
#include "protocol/responses_request.h"
#include "protocol/responses_tools_reader.h"

namespace aigw::protocol {
namespace {

constexpr FieldNames kNames = {.max_tokens = "max_output_tokens",
                               .effort = "reasoning.effort",
                               .format = "text.format",
                               .thinking = "reasoning"};

// ---- What only the vendor keeps --------------------------------------------------------------

struct Kept {
    std::string_view name;
    std::string_view problem;
};
constexpr std::array kKept = {
    Kept{"previous_response_id",
         "names an answer that nobody has kept: send the whole conversation as input"},
    Kept{"conversation",
         "names a conversation that nobody has kept: send the whole of it as input"},
    Kept{"prompt", "names a prompt that is kept elsewhere: send its text as instructions"},
};

Result<void> refuse_state(JsonValue body) {
    for (const Kept& field : kKept) {
        if (body[field.name].is_given()) return invalid_field(field.name, field.problem);
    }
    return {};
}

// ---- What the answer is to be ----------------------------------------------------------------

Result<void> read_format(JsonValue value, ResponseFormat& format) {
    if (!value.is_given() || value["type"].is("text")) return {};
    if (value["type"].is("json_object")) {
        format.kind = ResponseFormat::Kind::JsonObject;
        return {};
    }
    if (!value["type"].is("json_schema"))
        return invalid_field("text.format.type", "must be one of text, json_object, json_schema");
    if (!value["schema"].is_object())
        return wrong_kind("text.format.schema", "an object", value["schema"]);
    format.kind = ResponseFormat::Kind::JsonSchema;
    format.name = value["name"].text();
    format.description = value["description"].text();
    format.schema = value["schema"].raw();
    format.is_strict = value["strict"].boolean();
    return {};
}

Result<void> read_text(JsonValue text, ChatRequest& request) {
    if (!text.is_given()) return {};
    if (!text.is_object()) return wrong_kind("text", "an object", text);
    TRY(read_format(text["format"], request.format));
    const JsonValue verbosity = text["verbosity"];
    if (verbosity.is_given())
        request.extras.push_back({"verbosity", std::string(verbosity.raw()), "text.verbosity"});
    return {};
}

Result<void> read_reasoning(JsonValue reasoning, ChatRequest& request, Losses& losses) {
    if (!reasoning.is_given()) return {};
    if (!reasoning.is_object()) return wrong_kind("reasoning", "an object", reasoning);
    TRY(read_effort(reasoning["effort"], "reasoning.effort", request.reasoning));
    for (const std::string_view name : {"mode", "context"}) {
        if (reasoning[name].is_given())
            losses.add(LossKind::Dropped, "reasoning." + std::string(name));
    }
    return {};
}

// ---- Fields ----------------------------------------------------------------------------------

// What an answer from elsewhere can't be given, unless it asks for nothing: its default as JSON.
struct Lost {
    std::string_view name;
    std::string_view without_effect;
};
constexpr std::array kLost = {
    Lost{"store", "false"},    Lost{"truncation", "\"disabled\""}, Lost{"max_tool_calls", "0"},
    Lost{"top_logprobs", "0"}, Lost{"context_management", "[]"},
};

void note_losses(JsonValue body, Losses& losses) {
    for (const Lost& field : kLost) {
        const JsonValue value = body[field.name];
        if (!value.is_given()) continue;
        std::string compact;
        append_compact(compact, value.raw());
        if (compact != field.without_effect) losses.add(LossKind::Dropped, field.name);
    }
    const JsonValue include = body["include"];
    if (!include.is_array()) return;
    std::size_t index = 0;
    for (const JsonValue& value : include) {
        if (value.is("message.output_text.logprobs"))
            losses.add(LossKind::Dropped, "include[" + std::to_string(index) + "]");
        ++index;
    }
}

// The fields that are read or have been named as lost; all others are extras.
constexpr std::array<std::string_view, 27> kRead = {"model",
                                                    "input",
                                                    "instructions",
                                                    "previous_response_id",
                                                    "conversation",
                                                    "prompt",
                                                    "background",
                                                    "store",
                                                    "max_output_tokens",
                                                    "max_tool_calls",
                                                    "text",
                                                    "reasoning",
                                                    "tools",
                                                    "tool_choice",
                                                    "parallel_tool_calls",
                                                    "include",
                                                    "truncation",
                                                    "temperature",
                                                    "top_p",
                                                    "top_k",
                                                    "top_logprobs",
                                                    "stream",
                                                    "stream_options",
                                                    "context_management",
                                                    "service_tier",
                                                    "user",
                                                    "safety_identifier"};

void read_extras(JsonValue body, ChatRequest& request) {
    for (const JsonValue& member : body) {
        if (!member.is_given()) continue;
        const bool is_read =
            std::ranges::any_of(kRead, [&](std::string_view name) { return member.has_key(name); });
        if (!is_read) request.extras.push_back({member.key(), std::string(member.raw())});
    }
}

Result<void> read_instructions(JsonValue value, ChatRequest& request) {
    if (!value.is_given()) return {};
    if (!value.is_string()) return wrong_kind("instructions", "a string", value);
    const Place place{.list = Place::List::Instructions};
    Message message{.role = Role::System, .place = place};
    message.parts.push_back(text_part(value.text(), place));
    request.messages.insert(request.messages.begin(), std::move(message));
    return {};
}

}  // namespace

Result<ChatRequest> read_responses_request(JsonValue body, Losses& losses) {
    TRY(refuse_state(body));
    ChatRequest request{.names = kNames, .protocol = Protocol::Responses};
    request.model = body["model"].text();
    request.messages = TRY(read_responses_input(body["input"], losses));
    TRY(read_instructions(body["instructions"], request));
    TRY(read_responses_tools(body, request, losses));
    request.parallel_calls = TRY(read_flag(body["parallel_tool_calls"], "parallel_tool_calls"));
    request.max_tokens = TRY(read_limit(body["max_output_tokens"], "max_output_tokens"));
    TRY(read_sampling(body, request));
    TRY(read_text(body["text"], request));
    TRY(read_reasoning(body["reasoning"], request, losses));
    request.service_tier = read_tier(body["service_tier"]);
    request.is_stream = body["stream"].is_true();
    request.wants_usage = true;
    read_user(body, request);
    note_losses(body, losses);
    read_extras(body, request);
    return request;
}

std::string make_responses_echo(JsonValue body) {
    struct Row {
        std::string_view name;
        std::string_view otherwise;
    };
    constexpr std::array kRows = {
        Row{"instructions", "null"},
        Row{"max_output_tokens", "null"},
        Row{"max_tool_calls", "null"},
        Row{"metadata", "{}"},
        Row{"parallel_tool_calls", "true"},
        Row{"prompt_cache_key", "null"},
        Row{"reasoning", R"({"effort":null,"summary":null})"},
        Row{"safety_identifier", "null"},
        Row{"temperature", "1"},
        Row{"text", R"({"format":{"type":"text"},"verbosity":"medium"})"},
        Row{"tool_choice", "\"auto\""},
        Row{"tools", "[]"},
        Row{"top_logprobs", "0"},
        Row{"top_p", "1"},
        Row{"truncation", "\"disabled\""},
        Row{"user", "null"},
    };
    std::string echo = R"("background":false,"previous_response_id":null,"store":false)";
    for (const Row& row : kRows) {
        echo.append(",\"").append(row.name).append("\":");
        const JsonValue asked = body[row.name];
        if (asked.is_given()) {
            append_compact(echo, asked.raw());
        } else {
            echo.append(row.otherwise);
        }
    }
    return echo;
}

}  // namespace aigw::protocol
