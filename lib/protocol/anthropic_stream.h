// Streamed answers of Anthropic's Messages: an upstream's read, a caller's written.
//
// Reading: unknown events, blocks and deltas never break a stream.
// Writing: one block open at a time, indices dense from 0; calls that interleave go out one after
//          the other. `ping()` is for the sender's clock. After an error nothing.
// Bounds:  what is held back is at most 8 MiB a stream; more is an error.
// Source:  docs.anthropic.com/en/docs/build-with-claude/streaming; the conversion contract,
//          sections 5 (reading) and 8 (writing).
#pragma once

#include <memory>
#include <string_view>

#include "protocol/chat_events.h"

namespace aigw::protocol {

std::unique_ptr<ChatStreamParser> make_anthropic_stream_parser();
// `plan` outlives the writer. `request_id` is that of an error event.
std::unique_ptr<ChatStreamWriter> make_anthropic_stream_writer(const AnswerPlan& plan,
                                                               std::string_view request_id);
// What keeps a caller from giving up while nothing else comes: once message_start has gone out.
std::string_view anthropic_ping();

}  // namespace aigw::protocol
