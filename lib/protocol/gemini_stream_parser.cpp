#include "protocol/gemini_answer.h"
#include "protocol/gemini_stream.h"
#include "protocol/json_stream_parser.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

class GeminiStreamParser final : public JsonStreamParser {
public:
    bool is_over() const override { return answer_.is_over(); }

private:
    void fail(const Error& error, ChatSink& sink) override { answer_.fail(error, sink); }

    void close(const Error& error, ChatSink& sink) override {
        if (!answer_.has_stop()) return fail(error, sink);
        answer_.end(sink);
    }

    void take(const JsonEvent& event, ChatSink& sink) override {
        if (event.is_done) return;
        if (const auto error = find_gemini_stream_error(event)) return fail(*error, sink);
        answer_.take(event.root, sink);
    }

    GeminiAnswer answer_;
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_gemini_stream_parser() {
    return std::make_unique<GeminiStreamParser>();
}

}  // namespace aigw::protocol
