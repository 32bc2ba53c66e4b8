// An answer put back into the caller's terms: what the writer of the request had renamed, or sent
// as something else, is undone here, for whole answers and for streams alike.
//
// Does:    names of tools as the caller has them; a custom tool's call from its function's
//          arguments; the JSON tool's arguments as the answer's text (unwrapped where they were
//          wrapped), and then no call at all, and the stop reason that goes with text.
// Source:  the conversion contract, sections 3.5, 3.6 and 6.3.
#pragma once

#include <memory>

#include "protocol/chat_events.h"
#include "protocol/chat_reply.h"

namespace aigw::protocol {

void restore_answer(ChatReply& reply, const AnswerPlan& plan);

// Stands between a parser and a writer; both `plan` and `next` outlive it.
std::unique_ptr<ChatSink> make_answer_restorer(const AnswerPlan& plan, ChatSink& next);

}  // namespace aigw::protocol
