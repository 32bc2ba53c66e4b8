#include "protocol/converting_relay.h"

#include "protocol/answer_end.h"
#include "protocol/answer_restorer.h"
#include "protocol/stream_error.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {

// Stands before all others: what is counted and kept of the stream, and secrets that must not pass.
class ConvertingRelay::Observer final : public ChatSink {
public:
    Observer(ChatSink& next, const AnswerPlan& plan, std::span<const std::string> secrets,
             std::unique_ptr<OutputMeter> meter)
        : next_(next), plan_(plan), secrets_(secrets), meter_(std::move(meter)) {}

    void take(const ChatEvent& event) override {
        ++events;
        if (meter_) meter_->add(event);
        if (event.usage != nullptr) {
            usage = *event.usage;
            is_usage_told = event.kind == ChatEventKind::UsageSeen;
        }
        if (is_written(event.kind)) written_bytes_ += event.text.size();
        if (event.kind == ChatEventKind::End) {
            is_complete = true;
            if (!is_usage_told) estimate_usage();
        }
        if (event.kind != ChatEventKind::Failed || event.error == nullptr) return next_.take(event);
        failure = *event.error;
        hide_secrets(*failure, secrets_);
        ChatEvent hidden = event;
        hidden.error = &*failure;
        next_.take(hidden);
    }

    std::int64_t events = 0;
    bool is_usage_told = false;  // at the end: what the start says is not all
    bool is_complete = false;
    std::optional<Usage> usage{};
    std::optional<Error> failure{};

private:
    static bool is_written(ChatEventKind kind) {
        return kind == ChatEventKind::Text || kind == ChatEventKind::Thinking ||
               kind == ChatEventKind::Arguments || kind == ChatEventKind::Refusal;
    }

    // The answer is whole, and its upstream has not said what it took. What the caller reads is
    // what is counted here.
    void estimate_usage() {
        const Usage estimate = estimated_usage(plan_, written_bytes_);
        if (!usage) usage = estimate;
        usage->output_tokens = estimate.output_tokens;
        if (meter_) meter_->fill(*usage);
        usage->is_estimated = true;
        next_.take({.kind = ChatEventKind::UsageSeen, .usage = &*usage});
    }

    ChatSink& next_;
    const AnswerPlan& plan_;
    std::span<const std::string> secrets_;
    std::unique_ptr<OutputMeter> meter_;
    std::size_t written_bytes_ = 0;
};

ConvertingRelay::ConvertingRelay(std::unique_ptr<const AnswerPlan> plan,
                                 std::unique_ptr<ChatStreamParser> parser,
                                 std::unique_ptr<ChatStreamWriter> writer,
                                 std::span<const std::string> secrets,
                                 std::unique_ptr<OutputMeter> meter)
    : plan_(std::move(plan)),
      parser_(std::move(parser)),
      writer_(std::move(writer)),
      restorer_(make_answer_restorer(*plan_, *writer_)),
      observer_(std::make_unique<Observer>(*restorer_, *plan_, secrets, std::move(meter))) {}

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

std::string_view ConvertingRelay::keep_alive() const {
    return is_over() ? std::string_view{} : writer_->keep_alive();
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
