// Whole answers of OpenAI's Chat Completions: read from an upstream, written for a caller.
//
// Errors:  upstream_invalid when there is no choice in it. An error body is not looked for here:
//          vendors' errors are their adapters' affair.
// Source:  platform.openai.com/docs/api-reference/chat/object; the conversion contract, sections 7
//          (reading) and 4 (writing).
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

Result<ChatReply> read_openai_reply(JsonValue body);

std::string write_openai_reply(const ChatReply& reply, const AnswerPlan& plan);

}  // namespace aigw::protocol
