#include "protocol/metered_relay.h"

#include <utility>

namespace aigw::protocol {

class MeteredRelay::Sink final : public ChatSink {
public:
    explicit Sink(OutputMeter& meter) : meter_(meter) {}
    void take(const ChatEvent& event) override { meter_.add(event); }

private:
    OutputMeter& meter_;
};

MeteredRelay::MeteredRelay(std::unique_ptr<StreamRelay> relay,
                           std::unique_ptr<ChatStreamParser> parser,
                           std::unique_ptr<OutputMeter> meter, std::int64_t input_tokens)
    : relay_(std::move(relay)),
      parser_(std::move(parser)),
      meter_(std::move(meter)),
      sink_(std::make_unique<Sink>(*meter_)),
      input_tokens_(input_tokens) {}

MeteredRelay::~MeteredRelay() = default;

std::string_view MeteredRelay::feed(std::string_view bytes) {
    if (!parser_->is_over()) parser_->feed(bytes, *sink_);
    return relay_->feed(bytes);
}

std::string_view MeteredRelay::interrupt(Error error) {
    return relay_->interrupt(std::move(error));
}

std::optional<Usage> MeteredRelay::usage() const {
    if (auto said = relay_->usage()) return said;
    Usage counted{.input_tokens = input_tokens_, .is_estimated = true};
    meter_->fill(counted);
    return counted;
}

}  // namespace aigw::protocol
