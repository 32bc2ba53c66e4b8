// Ids of answers and of their calls, as each protocol has them.
//
// Pure:    a made-up id derives from the answer's id and the call's position, so that any process
//          makes the same of the same bytes.
// Source:  the conversion contract, sections 3.4, 4 and 7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/chat_reply.h"

namespace aigw::protocol {

// "chatcmpl-…" for an id of Anthropic's, and for one that the gateway made; others as they are.
std::string openai_answer_id(std::string_view id, const AnswerPlan& plan);
// "msg_…", of safe characters.
std::string anthropic_answer_id(std::string_view id, const AnswerPlan& plan);

// "resp_…", of safe characters.
std::string responses_answer_id(std::string_view id, const AnswerPlan& plan);
// Of an item of such an answer: `prefix` says of which kind.
std::string responses_item_id(std::string_view prefix, std::string_view answer_id,
                              std::size_t position);

// For a call whose vendor gave it none.
std::string made_call_id(std::string_view answer_id, std::size_t position);
// For a call whose vendor gave it arguments and no name.
std::string made_call_name(std::size_t position);

// The id as Anthropic's protocol takes it back one day.
std::string anthropic_call_id(std::string_view id, const AnswerPlan& plan);

}  // namespace aigw::protocol
