// Fields of OpenAI's requests that other vendors lack: which there are, and when they ask nothing.
#pragma once

#include <string_view>

#include "protocol/chat_request.h"

namespace aigw::protocol {

// Whether Chat Completions has a field of that name which has no place of its own in a ChatRequest.
bool is_openai_field(std::string_view name);

// A field of Chat Completions that changes the answer, has no place of its own in a ChatRequest,
// and whose value is not the protocol's default: given up silently it would be missed.
bool would_be_missed(const ExtraField& field);

}  // namespace aigw::protocol
