#include "tokens/turns.h"

#include <utility>

namespace aigw::tokens {
namespace {

Speaker speaker_of(protocol::Role role) {
    switch (role) {
        case protocol::Role::System:
            return Speaker::System;
        case protocol::Role::User:
            return Speaker::User;
        case protocol::Role::Assistant:
            return Speaker::Assistant;
    }
    return Speaker::User;
}

std::string_view name_of(const protocol::Message& message, std::span<const std::string> names) {
    const std::int32_t index = message.place.index;
    if (index < 0 || static_cast<std::size_t>(index) >= names.size()) return {};
    return names[static_cast<std::size_t>(index)];
}

Turn turn_of(const protocol::ResultPart& result, std::string_view name) {
    Turn turn{.speaker = Speaker::Tool, .name = name};
    turn.parts.reserve(result.content.size());
    for (const protocol::Part& part : result.content) turn.parts.push_back(&part);
    return turn;
}

// Results stand alone, before what else the message says.
void append_turns(const protocol::Message& message, std::string_view name,
                  std::vector<Turn>& turns) {
    Turn own{.speaker = speaker_of(message.role), .name = name};
    bool has_results = false;
    for (const protocol::Part& part : message.parts) {
        if (const auto* result = part.as<protocol::ResultPart>()) {
            has_results = true;
            turns.push_back(turn_of(*result, name));
        } else {
            own.parts.push_back(&part);
        }
    }
    if (!own.parts.empty() || !has_results) turns.push_back(std::move(own));
}

}  // namespace

std::vector<Turn> turns_of(const protocol::ChatRequest& chat, std::span<const std::string> names) {
    std::vector<Turn> turns;
    turns.reserve(chat.messages.size());
    for (const protocol::Message& message : chat.messages)
        append_turns(message, name_of(message, names), turns);
    return turns;
}

std::int64_t last_question(std::span<const Turn> turns) {
    for (std::size_t i = turns.size(); i > 0; --i) {
        if (turns[i - 1].speaker == Speaker::User) return static_cast<std::int64_t>(i) - 1;
    }
    return -1;
}

}  // namespace aigw::tokens
