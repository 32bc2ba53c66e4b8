// Streamed answers of OpenAI's Chat Completions: an upstream's read, a caller's written.
//
// Reading: tolerant of what OpenAI-like servers do: calls without index, with one index for all,
//          with id or name late or repeated, usage on any chunk, no `[DONE]`.
// Writing: role once and first, ids and names of calls once, indices dense from 0, one finish
//          chunk, usage only when asked for and last, `[DONE]` once. After an error nothing.
// Bounds:  what is held back is at most 8 MiB a stream; more is an error.
// Source:  platform.openai.com/docs/api-reference/chat-streaming; the conversion contract,
//          sections 8 (reading) and 5 (writing).
#pragma once

#include <memory>

#include "protocol/chat_events.h"
#include "protocol/error_meaning.h"

namespace aigw::protocol {

// `own` says what the vendor means by errors of its own; what it holds outlives the parser.
std::unique_ptr<ChatStreamParser> make_openai_stream_parser(VendorMeaning own = {});
// For a vendor who answers in either of OpenAI's forms: by what comes first.
std::unique_ptr<ChatStreamParser> make_either_stream_parser(VendorMeaning own = {});
// `plan` outlives the writer.
std::unique_ptr<ChatStreamWriter> make_openai_stream_writer(const AnswerPlan& plan);

}  // namespace aigw::protocol
