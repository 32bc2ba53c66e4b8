#include "protocol/converting_relay.h"

#include "protocol/answer_restorer.h"
#include "protocol/stream_error.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {

// Stands before all others: what is counted and kept of the stream, and secrets that must not pass.
class ConvertingRelay::Observer final : public ChatSink {
public:
    Observer(ChatSink& next, std::span<const std::string> secrets)
        : next_(next), secrets_(secrets) {}

    void take(const ChatEvent& event) override {
        ++events;
        if (event.usage != nullptr) usage = *event.usage;
        if (event.kind == ChatEventKind::End) is_complete = true;
        if (event.kind != ChatEventKind::Failed || event.error == nullptr) return next_.take(event);
        failure = *event.error;
        hide_secrets(*failure, secrets_);
        ChatEvent hidden = event;
        hidden.error = &*failure;
        next_.take(hidden);
    }

    std::int64_t events = 0;
    bool is_complete = false;
    std::optional<Usage> usage{};
    std::optional<Error> failure{};

private:
    ChatSink& next_;
    std::span<const std::string> secrets_;
};

ConvertingRelay::ConvertingRelay(std::unique_ptr<const AnswerPlan> plan,
                                 std::unique_ptr<ChatStreamParser> parser,
                                 std::unique_ptr<ChatStreamWriter> writer,
                                 std::span<const std::string> secrets)
    : plan_(std::move(plan)),
      parser_(std::move(parser)),
      writer_(std::move(writer)),
      restorer_(make_answer_restorer(*plan_, *writer_)),
      observer_(std::make_unique<Observer>(*restorer_, secrets)) {}

ConvertingRelay::~ConvertingRelay() = default;

std::string_view ConvertingRelay::feed(std::string_view bytes) {
    if (is_over()) return {};
    parser_->feed(bytes, *observer_);
    return output();
}

std::string_view ConvertingRelay::finish() {
    if (is_over()) return {};
    parser_->finish(*observer_);
    return output();
}

std::string_view ConvertingRelay::interrupt(Error error) {
    if (is_over()) return {};
    parser_->interrupt(std::move(error), *observer_);
    return output();
}

std::string_view ConvertingRelay::output() {
    out_ = writer_->take_output();
    if (writer_->is_over() && !observer_->is_complete && !observer_->failure)
        observer_->failure = too_much_held();
    return out_;
}

std::optional<Usage> ConvertingRelay::usage() const {
    return observer_->usage;
}

bool ConvertingRelay::is_complete() const {
    return observer_->is_complete;
}

bool ConvertingRelay::is_over() const {
    return parser_->is_over() || writer_->is_over();
}

const std::optional<Error>& ConvertingRelay::failure() const {
    return observer_->failure;
}

std::int64_t ConvertingRelay::events() const {
    return observer_->events;
}

}  // namespace aigw::protocol
