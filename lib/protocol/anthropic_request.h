// Requests of Anthropic's Messages: read from a caller, written for an upstream.
//
// Reading: everything that the protocol has ends up in the ChatRequest; a field that only some
//          vendors know becomes an extra. Errors: invalid_request, `param` the path of what is
//          wrong ("messages[3].content[1]").
// Writing: for the model that the traits describe. The history is repaired first; blank texts,
//          unsigned thinking and whatever else is known to be refused is never sent; what can't be
//          said is named in `to.losses`. Errors: invalid_request where content would vanish.
// Source:  docs.anthropic.com/en/api/messages; the conversion contract, sections 6 (reading) and 3
//          (writing).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// Counting tokens needs no max_tokens.
enum class MaxTokens : bool { Required, Optional };

Result<ChatRequest> read_anthropic_request(JsonValue body, MaxTokens max_tokens, Losses& losses);

Result<std::string> write_anthropic_request(ChatRequest request, RequestConversion& to);

}  // namespace aigw::protocol
