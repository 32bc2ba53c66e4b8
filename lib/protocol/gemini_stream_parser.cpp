#include "protocol/gemini_answer.h"
#include "protocol/gemini_stream.h"
#include "protocol/json_events.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

class GeminiStreamParser final : public ChatStreamParser {
public:
    void feed(std::string_view bytes, ChatSink& sink) override {
        if (is_over()) return;
        reader_.feed(bytes);
        while (!is_over()) {
            const auto event = reader_.next();
            if (!event) return answer_.fail(event.error(), sink);
            if (!*event) return;
            take(**event, sink);
        }
    }

    void finish(ChatSink& sink) override { interrupt(truncated_stream(), sink); }

    void interrupt(Error error, ChatSink& sink) override {
        if (is_over()) return;
        if (const auto last = reader_.finish()) take(*last, sink);
        if (!answer_.has_stop()) return answer_.fail(error, sink);
        answer_.end(sink);
    }

    bool is_over() const override { return answer_.is_over(); }

private:
    void take(const JsonEvent& event, ChatSink& sink) {
        if (event.is_done) return;
        if (const auto error = find_gemini_stream_error(event)) return answer_.fail(*error, sink);
        answer_.take(event.root, sink);
    }

    JsonEventReader reader_;
    GeminiAnswer answer_;
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_gemini_stream_parser() {
    return std::make_unique<GeminiStreamParser>();
}

}  // namespace aigw::protocol
