// A stream of OpenAI's Responses that ends where its answer gets too long.
//
// Cut:     what is left of the delta; the notice in the text that is open, else in a message of its
//          own; the ends of what is open, under the vendor's ids; `response.incomplete` with the
//          reason "max_output_tokens", the items that have gone out and the usage. Events stay
//          numbered without a gap.
// Whole:   texts that come in no delta, but with the item's end, fit as a whole or not at all.
// Items
//          of the vendor's own tools are not counted.
// Source:  platform.openai.com/docs/api-reference/responses-streaming.
#pragma once

#include <memory>

#include "policy/capped_wire.h"

namespace aigw::policy {

std::unique_ptr<CappedWire> make_capped_response(const OutputCap& cap, const Measure& measure);

}  // namespace aigw::policy
