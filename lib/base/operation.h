// What a call asks for, and in whose protocol it was asked.
#pragma once

#include <cstdint>
#include <string_view>

namespace aigw {

enum class Operation : std::uint8_t { Chat, Embeddings, Models };
enum class Protocol : std::uint8_t { OpenAi, Anthropic };

constexpr std::string_view name_of(Operation operation) {
    switch (operation) {
        case Operation::Chat:
            return "chat";
        case Operation::Embeddings:
            return "embeddings";
        case Operation::Models:
            return "models";
    }
    return "";
}

constexpr std::string_view name_of(Protocol protocol) {
    return protocol == Protocol::Anthropic ? "anthropic" : "openai";
}

}  // namespace aigw
