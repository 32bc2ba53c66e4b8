// Whole answers of OpenAI's Responses: read from an upstream, written for a caller.
//
// Errors:  upstream_invalid when there is no output in it.
// Source:  platform.openai.com/docs/api-reference/responses/object; the conversion contract,
//          sections 4 and 7, whose rules hold here.
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

Result<ChatReply> read_responses_reply(JsonValue body);

std::string write_responses_reply(const ChatReply& reply, const AnswerPlan& plan);

}  // namespace aigw::protocol
