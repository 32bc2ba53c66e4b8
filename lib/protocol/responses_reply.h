// Whole answers of OpenAI's Responses, written for a caller.
//
// Source:  platform.openai.com/docs/api-reference/responses/object; the conversion contract,
//          section 4, whose rules hold here.
#pragma once

#include <string>

#include "protocol/chat_reply.h"

namespace aigw::protocol {

std::string write_responses_reply(const ChatReply& reply, const AnswerPlan& plan);

}  // namespace aigw::protocol
