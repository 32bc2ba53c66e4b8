// A vendor's stream on its whole way to a caller: parser, restorer, writer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/chat_events.h"
#include "tests/lib/protocol/assembled_stream.h"

namespace aigw::protocol::testing {

// Either: an upstream that answers in one of OpenAI's forms. Gemini: of vendors only.
enum class Wire { OpenAi, Anthropic, Responses, Either, Gemini };

std::unique_ptr<ChatStreamParser> make_parser(Wire wire);
std::unique_ptr<ChatStreamWriter> make_writer(Wire wire, const AnswerPlan& plan);

// Bytes in pieces, then the end: what the caller gets.
class ConvertedStream {
public:
    ConvertedStream(Wire from, Wire to, const AnswerPlan& plan);
    void feed(std::string_view bytes);
    std::string finish();

private:
    std::unique_ptr<ChatStreamParser> parser_;
    std::unique_ptr<ChatStreamWriter> writer_;
    std::unique_ptr<ChatSink> restorer_;
    std::string out_;
};

std::string convert(Wire from, Wire to, std::string_view upstream, const AnswerPlan& plan);

// What the caller gets of the whole. Where single bytes or a split in two give anything else, a
// word about that, which no assertion expects.
std::string convert_in_every_split(Wire from, Wire to, std::string_view upstream,
                                   const AnswerPlan& plan);

// The same put together; `problem` says what is wrong.
Assembled assemble(Wire wire, std::string_view stream, const AnswerPlan& plan);
Assembled assemble_in_every_split(Wire from, Wire to, std::string_view upstream,
                                  const AnswerPlan& plan);

}  // namespace aigw::protocol::testing
