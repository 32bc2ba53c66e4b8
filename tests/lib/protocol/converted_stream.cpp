#include "tests/lib/protocol/converted_stream.h"

#include "protocol/answer_restorer.h"
#include "protocol/anthropic_stream.h"
#include "protocol/gemini_stream.h"
#include "protocol/openai_stream.h"
#include "protocol/responses_stream.h"

namespace aigw::protocol::testing {

std::unique_ptr<ChatStreamParser> make_parser(Wire wire) {
    switch (wire) {
        case Wire::OpenAi:
            break;
        case Wire::Anthropic:
            return make_anthropic_stream_parser();
        case Wire::Responses:
            return make_responses_stream_parser();
        case Wire::Either:
            return make_either_stream_parser();
        case Wire::Gemini:
            return make_gemini_stream_parser();
    }
    return make_openai_stream_parser();
}

std::unique_ptr<ChatStreamWriter> make_writer(Wire wire, const AnswerPlan& plan) {
    switch (wire) {
        case Wire::OpenAi:
        case Wire::Either:
        case Wire::Gemini:  // nobody asks in its words
            break;
        case Wire::Anthropic:
            return make_anthropic_stream_writer(plan, "req_1");
        case Wire::Responses:
            return make_responses_stream_writer(plan);
    }
    return make_openai_stream_writer(plan);
}

ConvertedStream::ConvertedStream(Wire from, Wire to, const AnswerPlan& plan)
    : parser_(make_parser(from)),
      writer_(make_writer(to, plan)),
      restorer_(make_answer_restorer(plan, *writer_)) {}

// A copy of each piece in its own memory, so that a view that outlives its call is found.
void ConvertedStream::feed(std::string_view bytes) {
    const std::string own(bytes);
    parser_->feed(own, *restorer_);
    out_ += writer_->take_output();
}

std::string ConvertedStream::finish() {
    parser_->finish(*restorer_);
    return out_ + writer_->take_output();
}

std::string convert(Wire from, Wire to, std::string_view upstream, const AnswerPlan& plan) {
    ConvertedStream stream(from, to, plan);
    stream.feed(upstream);
    return stream.finish();
}

std::string convert_in_every_split(Wire from, Wire to, std::string_view upstream,
                                   const AnswerPlan& plan) {
    const std::string whole = convert(from, to, upstream, plan);
    ConvertedStream bytes(from, to, plan);
    for (std::size_t at = 0; at < upstream.size(); ++at) bytes.feed(upstream.substr(at, 1));
    if (bytes.finish() != whole) return "differs when it comes byte by byte";
    for (std::size_t at = 1; at < upstream.size(); ++at) {
        ConvertedStream halves(from, to, plan);
        halves.feed(upstream.substr(0, at));
        halves.feed(upstream.substr(at));
        if (halves.finish() != whole) return "differs when it is split at " + std::to_string(at);
    }
    return whole;
}

Assembled assemble(Wire wire, std::string_view stream, const AnswerPlan& plan) {
    if (wire == Wire::Anthropic) return assemble_anthropic(stream);
    if (wire == Wire::Responses) return assemble_responses(stream);
    return assemble_openai(stream, plan.wants_usage ? AsksUsage::Yes : AsksUsage::No);
}

Assembled assemble_in_every_split(Wire from, Wire to, std::string_view upstream,
                                  const AnswerPlan& plan) {
    return assemble(to, convert_in_every_split(from, to, upstream, plan), plan);
}

}  // namespace aigw::protocol::testing
