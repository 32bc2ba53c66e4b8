// Streamed answers of OpenAI's Responses, written for a caller.
//
// Writing: every event is numbered, from 0 and without a gap; items are numbered in the order in
//          which they begin, and each ends with all that came of it. An item is closed when the
//          next one begins, or with the answer, when it is known whether it was cut off; calls that
//          come interleaved stay open until their end. The last event holds the whole answer; no
//          `[DONE]` follows. After an error nothing.
// Bounds:  an answer may have 8 MiB; more is an error.
// Source:  platform.openai.com/docs/api-reference/responses-streaming.
#pragma once

#include <memory>

#include "protocol/chat_events.h"

namespace aigw::protocol {

// `plan` outlives the writer.
std::unique_ptr<ChatStreamWriter> make_responses_stream_writer(const AnswerPlan& plan);

}  // namespace aigw::protocol
