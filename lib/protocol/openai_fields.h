// Fields of OpenAI's requests that other vendors lack: which there are, and when they ask nothing.
#pragma once

#include <string_view>

#include "protocol/chat_request.h"

namespace aigw::protocol {

// A field of Chat Completions that changes the answer, has no place of its own in a ChatRequest,
// and whose value is not the protocol's default: given up silently it would be missed.
bool would_be_missed(const ExtraField& field);

}  // namespace aigw::protocol
