// What a call asks for, and in whose protocol it was asked.
#pragma once

#include <cstdint>
#include <string_view>

namespace aigw {

// Completions: chat's elder form, a `prompt` instead of messages.
// CountTokens: how many a chat's input has, without the chat.
enum class Operation : std::uint8_t { Chat, Completions, Embeddings, Models, CountTokens };
// OpenAi: Chat Completions and what belongs to them. Responses: OpenAI's younger form of chat.
enum class Protocol : std::uint8_t { OpenAi, Anthropic, Responses };

constexpr std::string_view name_of(Operation operation) {
    switch (operation) {
        case Operation::Chat:
            return "chat";
        case Operation::Completions:
            return "completions";
        case Operation::Embeddings:
            return "embeddings";
        case Operation::Models:
            return "models";
        case Operation::CountTokens:
            return "count_tokens";
    }
    return "";
}

// Whether its answer is text that a bound can cut.
constexpr bool writes_text(Operation operation) {
    return operation == Operation::Chat || operation == Operation::Completions;
}

constexpr std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::OpenAi:
            return "openai";
        case Protocol::Anthropic:
            return "anthropic";
        case Protocol::Responses:
            return "responses";
    }
    return "";
}

}  // namespace aigw
