// What a call asks for, and in whose protocol it was asked.
#pragma once

#include <cstdint>
#include <string_view>

namespace aigw {

// Completions: chat's elder form, a `prompt` instead of messages.
enum class Operation : std::uint8_t { Chat, Completions, Embeddings, Models };
enum class Protocol : std::uint8_t { OpenAi, Anthropic };

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
    }
    return "";
}

// Whether its answer is text that a bound can cut.
constexpr bool writes_text(Operation operation) {
    return operation == Operation::Chat || operation == Operation::Completions;
}

constexpr std::string_view name_of(Protocol protocol) {
    return protocol == Protocol::Anthropic ? "anthropic" : "openai";
}

}  // namespace aigw
