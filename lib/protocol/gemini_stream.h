// Streamed answers of Gemini's generateContent (`alt=sse`).
//
// End:     no event says it: the answer is whole when a reason to stop has come and the upstream
//          has closed. Closed without one, it was cut off.
// Errors:  an event with `error` in it; upstream_invalid for what cannot be read.
// Source:  ai.google.dev/api/generate-content ("streamGenerateContent").
#pragma once

#include <memory>

#include "protocol/chat_events.h"

namespace aigw::protocol {

std::unique_ptr<ChatStreamParser> make_gemini_stream_parser();

}  // namespace aigw::protocol
