// Requests of OpenAI's Chat Completions: read from a caller, written for an upstream.
//
// Reading: everything that the protocol has ends up in the ChatRequest; a field that only some
//          vendors know becomes an extra, in the body's order. Errors: invalid_request, `param` the
//          path of what is wrong ("messages[3].tool_calls[0].function").
// Writing: in the dialect that the traits describe. The history is repaired first; what the dialect
//          can't say is named in `to.losses`. Errors: invalid_request where content would vanish.
// Source:  platform.openai.com/docs/api-reference/chat/create; the conversion contract, sections 3
//          (reading) and 6 (writing).
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// Calls whose arguments are no JSON object are put into one, which is named in `losses`.
Result<ChatRequest> read_openai_request(JsonValue body, Losses& losses);

Result<std::string> write_openai_request(ChatRequest request, RequestConversion& to);

}  // namespace aigw::protocol
