// A stream of Anthropic's Messages that ends where its answer gets too long.
//
// Cut:     what is left of the delta, in the block that is open; the notice in that block where it
//          is text, else in one of its own; the block's end, message_delta with stop_reason
//          "max_tokens" and the usage, message_stop. Blocks of the vendor's own tools are not
//          counted.
// Source:  docs.anthropic.com/en/docs/build-with-claude/streaming.
#pragma once

#include <memory>

#include "policy/capped_wire.h"

namespace aigw::policy {

std::unique_ptr<CappedWire> make_capped_message(const OutputCap& cap, const Measure& measure);

}  // namespace aigw::policy
