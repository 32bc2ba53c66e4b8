// Requests of OpenAI's Responses: read from a caller, written for an upstream.
//
// Reading: everything that the protocol has ends up in the ChatRequest, or among the losses; a
//          field that only some vendors know becomes an extra.
// Writing: a chat with all that holds for Chat Completions, put into items; nothing is to be kept.
//          What this form lacks is named in `to.losses`.
// State:   nothing is kept between calls: what refers to an earlier answer, to a conversation or to
//          a stored prompt is refused.
// Errors:  invalid_request, `param` the path of what is wrong ("input[3].content[0].text").
// Source:  platform.openai.com/docs/api-reference/responses/create; the conversion contract,
//          section 3, whose rules for what the two forms have in common hold here.
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_tree.h"
#include "protocol/losses.h"

namespace aigw::protocol {

Result<ChatRequest> read_responses_request(JsonValue body, Losses& losses);

Result<std::string> write_responses_request(ChatRequest request, RequestConversion& to);

// The members of an answer that repeat what was asked, with the defaults of what was not: JSON
// without the braces around it.
std::string make_responses_echo(JsonValue body);

}  // namespace aigw::protocol
