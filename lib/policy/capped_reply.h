// A whole answer that is too long, cut as its stream would be.
//
// Shape:   texts, thoughts and calls in their order, then what was refused. Behind the cut nothing
//          of the answer is left; the notice is text, the answer ends for its length, and its usage
//          is what is left of it. Thoughts that were cut lose their signature; annotations of a
//          text that was cut, and the probabilities of its tokens, are gone.
// Source:  as output_gauge.h.
#pragma once

#include "policy/output_cap.h"
#include "policy/output_gauge.h"
#include "protocol/chat_reply.h"

namespace aigw::policy {

// True when it was cut; else nothing has changed. `input_tokens` are those of an answer that does
// not say.
bool cut(protocol::ChatReply& reply, const OutputCap& cap, const Measure& measure,
         std::int64_t input_tokens);

}  // namespace aigw::policy
