// Whole answers of Gemini's generateContent.
//
// Errors:  upstream_invalid when there is neither a candidate nor a reason why there is none.
// Source:  ai.google.dev/api/generate-content.
#pragma once

#include "base/result.h"
#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

Result<ChatReply> read_gemini_reply(JsonValue body);

}  // namespace aigw::protocol
