// Where an answer of Gemini's comes from: its `groundingMetadata` as OpenAI's annotations.
//
// Shape:   a support names a segment of the answer, in bytes, and the chunks that it rests on; each
//          chunk that is a page of the web gives one annotation, its place in characters.
// Bounds:  all annotations together are at most 8 MiB; what is beyond is left out.
// Source:  ai.google.dev/api/generate-content ("GroundingMetadata").
#pragma once

#include <string_view>

#include "protocol/chat_events.h"

namespace aigw::protocol {

// `grounding` is JSON, or empty for none.
void give_grounding(std::string_view grounding, std::string_view answer, ChatSink& sink);

}  // namespace aigw::protocol
