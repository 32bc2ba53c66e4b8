// How an answer ends, and what it used where its vendor does not say: one rule for whole answers
// and for streams, whatever protocols they come and go by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/usage.h"
#include "protocol/chat_reply.h"

namespace aigw::protocol {

// The stop that a caller may act on: with calls to run it says so, without them nobody waits for
// any.
Stop settled_stop(Stop stop, bool has_calls);

// About one token for four bytes of what the model wrote; the prompt's number is the plan's.
Usage estimated_usage(const AnswerPlan& plan, std::size_t content_bytes);
// Bytes of an answer's texts, thoughts and calls.
std::size_t content_bytes(const ChatReply& reply);
// What the vendor says that the answer used, else an estimate.
Usage usage_of(const ChatReply& reply, const AnswerPlan& plan);

bool has_calls(const ChatReply& reply);

}  // namespace aigw::protocol
