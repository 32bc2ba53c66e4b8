// A stream of Chat Completions, or of the elder completions, that ends where its answers get too
// long.
//
// Cut:     the chunk with what is left of its delta, the notice as a chunk of its own, the one with
//          finish_reason "length", the usage where it was asked for, `[DONE]`. Of several choices
//          each ends by itself; the stream ends when all have, however they did.
// Source:  platform.openai.com/docs/api-reference/chat-streaming.
#pragma once

#include <memory>

#include "policy/capped_wire.h"

namespace aigw::policy {

std::unique_ptr<CappedWire> make_capped_chunks(const CappedCall& call, const OutputCap& cap,
                                               const Measure& measure);

}  // namespace aigw::policy
