#include "tokens/prompt.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/anthropic_request.h"
#include "protocol/data_url.h"
#include "protocol/losses.h"
#include "protocol/openai_messages.h"
#include "protocol/openai_request.h"
#include "protocol/responses_request.h"

namespace aigw::tokens {
namespace {

using protocol::JsonValue;

// ---- Texts of what no reader takes -------------------------------------------------------------

// Members whose strings no model reads as text.
constexpr std::array<std::string_view, 20> kNoText = {
    "type",      "role",      "id",         "call_id",       "tool_call_id",
    "item_id",   "url",       "image_url",  "data",          "tool_use_id",
    "file_data", "file_id",   "media_type", "mime_type",     "format",
    "detail",    "signature", "status",     "cache_control", "encrypted_content"};

bool has_text(JsonValue member) {
    return std::ranges::none_of(kNoText,
                                [&](std::string_view name) { return member.has_key(name); });
}

// Every text inside `value`; the reader of JSON bounds how deep that is.
void gather_texts(JsonValue value, std::vector<std::string>& texts) {
    if (value.is_string()) {
        std::string text = value.text();
        if (!protocol::is_data_url(text)) texts.push_back(std::move(text));
    } else if (value.is_array()) {
        for (const JsonValue& element : value) gather_texts(element, texts);
    } else if (value.is_object()) {
        for (const JsonValue& member : value) {
            if (has_text(member)) gather_texts(member, texts);
        }
    }
}

void gather_tools(JsonValue body, std::vector<std::string>& texts) {
    for (const std::string_view name : {"tools", "functions"}) {
        if (body[name].is_given()) protocol::append_compact(texts.emplace_back(), body[name].raw());
    }
}

Prompt texts_of(JsonValue body) {
    Prompt prompt{.is_whole = false};
    for (const std::string_view name :
         {"messages", "system", "instructions", "input", "prompt", "suffix"}) {
        gather_texts(body[name], prompt.texts);
    }
    gather_tools(body, prompt.texts);
    return prompt;
}

// ---- Chats -------------------------------------------------------------------------------------

Result<protocol::ChatRequest> read_chat(JsonValue body, Protocol protocol) {
    protocol::Losses losses;  // what could not be converted is of no interest here
    switch (protocol) {
        case Protocol::OpenAi:
            return protocol::read_openai_request(body, losses);
        case Protocol::Anthropic:
            return protocol::read_anthropic_request(body, protocol::MaxTokens::Optional, losses);
        case Protocol::Responses:
            return protocol::read_responses_request(body, losses);
    }
    return Error{.code = ErrorCode::InvalidRequest, .message = "no protocol"};
}

std::vector<std::string> read_names(JsonValue messages) {
    std::vector<std::string> names;
    for (const JsonValue& message : messages) names.push_back(message["name"].text());
    while (!names.empty() && names.back().empty()) names.pop_back();
    return names;
}

// The messages may be good where another field is not.
Prompt read_messages(JsonValue body) {
    protocol::Losses losses;
    auto messages = protocol::read_openai_messages(body["messages"], losses);
    if (!messages) return texts_of(body);
    Prompt prompt{.is_whole = false};
    prompt.chat.messages = std::move(messages).take();
    gather_tools(body, prompt.texts);
    return prompt;
}

Prompt read_openai_chat(JsonValue body) {
    auto chat = read_chat(body, Protocol::OpenAi);
    Prompt prompt = chat ? Prompt{.chat = std::move(chat).take()} : read_messages(body);
    prompt.names = read_names(body["messages"]);
    return prompt;
}

Prompt read_conversation(JsonValue body, Protocol protocol) {
    if (protocol == Protocol::OpenAi) return read_openai_chat(body);
    auto chat = read_chat(body, protocol);
    return chat ? Prompt{.chat = std::move(chat).take()} : texts_of(body);
}

// ---- Inputs ------------------------------------------------------------------------------------

// A text, a list of tokens, or a list of these; false for anything else.
bool read_input(JsonValue input, Prompt& prompt) {
    if (input.is_string()) {
        prompt.texts.push_back(input.text());
        return true;
    }
    if (input.is_number()) {
        prompt.token_ids += 1;
        return true;
    }
    return input.is_array() && std::ranges::all_of(input, [&](const JsonValue& element) {
               return read_input(element, prompt);
           });
}

Prompt read_inputs(JsonValue body, std::string_view field) {
    Prompt prompt;
    if (!read_input(body[field], prompt)) return texts_of(body);
    if (body["suffix"].is_string()) prompt.texts.push_back(body["suffix"].text());
    return prompt;
}

}  // namespace

Prompt read_prompt(JsonValue body, Protocol protocol, Operation operation) {
    switch (operation) {
        case Operation::Chat:
        case Operation::CountTokens:
            return read_conversation(body, protocol);
        case Operation::Completions:
            return read_inputs(body, "prompt");
        case Operation::Embeddings:
            return read_inputs(body, "input");
        case Operation::Models:
            return {};
    }
    return {};
}

Result<Prompt> read_prompt(std::string_view body, Protocol protocol, Operation operation) {
    protocol::JsonTree tree;
    const JsonValue root = TRY(tree.parse(body));
    return read_prompt(root, protocol, operation);
}

}  // namespace aigw::tokens
