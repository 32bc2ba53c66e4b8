// The probabilities of an answer's tokens, in OpenAI's shape.
//
// Bytes:   a token may be a part of a character, which its text can't show: there they are null.
// Source:  ai.google.dev/api/generate-content (LogprobsResult);
//          platform.openai.com/docs/api-reference/chat/object (logprobs).
#pragma once

#include <string>

#include "protocol/json_tree.h"

namespace aigw::protocol {

// Of a candidate's `logprobsResult`, as ChatReply has them.
std::string read_gemini_logprobs(JsonValue result);

}  // namespace aigw::protocol
