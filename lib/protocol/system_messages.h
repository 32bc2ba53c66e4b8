// System messages behind the first turn, for servers who have one system prompt.
//
// Rules:  where the model takes them they stay, if the configuration wants that; else they join the
//         prompt, or stand as a reminder in the user's turn. Whatever moves is named as rewritten.
// Source: the conversion contract, sections 3.2 and 6.2.
#pragma once

#include "protocol/chat_request.h"
#include "protocol/conversion.h"

namespace aigw::protocol {

// What the user's turn says in the place of such a message.
Message as_reminder(Message message);

// Of a server that speaks Chat Completions: whether such messages stay where they are.
bool keeps_late_system(const ModelTraits& traits, MidSystem wanted);

// Where they do not, one message of the system is left, the first; neighbours of one role are one.
void place_system_messages(ChatRequest& request, RequestConversion& to);

}  // namespace aigw::protocol
