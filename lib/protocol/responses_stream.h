// Streamed answers of OpenAI's Responses: an upstream's read, a caller's written.
//
// Reading: by the pieces; what comes whole at an item's end, and in no piece, is taken from there.
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
#include "protocol/error_meaning.h"

namespace aigw::protocol {

std::unique_ptr<ChatStreamParser> make_responses_stream_parser(VendorMeaning own = {});
// `plan` outlives the writer.
std::unique_ptr<ChatStreamWriter> make_responses_stream_writer(const AnswerPlan& plan);

}  // namespace aigw::protocol
