// Whole answers of Anthropic's Messages: read from an upstream, written for a caller.
//
// Errors:  upstream_invalid when it is no message.
// Source:  docs.anthropic.com/en/api/messages; the conversion contract, sections 4 (reading) and 7
//          (writing).
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

Result<ChatReply> read_anthropic_reply(JsonValue body);

std::string write_anthropic_reply(const ChatReply& reply, const AnswerPlan& plan);

}  // namespace aigw::protocol
