// Requests of OpenAI's elder completions, read from a caller: the prompt is what one user says.
//
// Errors:  invalid_request, `param` the field: for several prompts, for tokens, which are of a
//          vocabulary that only their vendor has, and for a text that is to follow the answer.
// Source:  platform.openai.com/docs/api-reference/completions/create.
#pragma once

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"
#include "protocol/losses.h"

namespace aigw::protocol {

Result<ChatRequest> read_completions_request(JsonValue body, Losses& losses);

}  // namespace aigw::protocol
