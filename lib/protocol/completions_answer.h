// Answers of OpenAI's elder completions, written for a caller: the text alone, whole or streamed.
//
// Writing: what was refused is text, too; thoughts have no place. Streams end with one finish
//          chunk, usage only when asked for, and `[DONE]`. After an error nothing.
// Source:  platform.openai.com/docs/api-reference/completions/object.
#pragma once

#include <memory>
#include <string>

#include "protocol/chat_events.h"
#include "protocol/chat_reply.h"

namespace aigw::protocol {

std::string write_completion(const ChatReply& reply, const AnswerPlan& plan);
// `plan` outlives the writer.
std::unique_ptr<ChatStreamWriter> make_completion_stream_writer(const AnswerPlan& plan);

}  // namespace aigw::protocol
