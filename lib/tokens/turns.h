// A conversation as vendors' templates see it: one turn for each message, and for each result of a
// call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/chat_request.h"

namespace aigw::tokens {

enum class Speaker : std::uint8_t { System, User, Assistant, Tool };

// Borrows from the request.
struct Turn {
    Speaker speaker = Speaker::User;
    std::vector<const protocol::Part*> parts{};
    std::string_view name{};  // the author's, where the message says it
};

// `names` by the messages' index in the body; shorter or empty: none.
std::vector<Turn> turns_of(const protocol::ChatRequest& chat, std::span<const std::string> names);

// The index of the last turn in which the user says something; -1: never.
std::int64_t last_question(std::span<const Turn> turns);

}  // namespace aigw::tokens
