// A stream that passes, counted on its way: its vendor is known not to say what it used.
//
// Shape:   the relay does what it does without a meter; usage() is the vendor's where it gives one
//          after all, else what was counted, marked as estimated.
// Cost:    each event is parsed, which a relay alone does not do.
// Threads: one relay per stream.
#pragma once

#include <memory>

#include "protocol/chat_events.h"
#include "protocol/output_meter.h"
#include "protocol/stream_relay.h"

namespace aigw::protocol {

class MeteredRelay final : public StreamRelay {
public:
    MeteredRelay(std::unique_ptr<StreamRelay> relay, std::unique_ptr<ChatStreamParser> parser,
                 std::unique_ptr<OutputMeter> meter, std::int64_t input_tokens);
    ~MeteredRelay() override;

    std::string_view feed(std::string_view bytes) override;
    std::string_view finish() override { return relay_->finish(); }
    std::string_view interrupt(Error error) override;
    std::string_view keep_alive() const override { return relay_->keep_alive(); }
    std::optional<Usage> usage() const override;
    bool is_complete() const override { return relay_->is_complete(); }
    bool is_over() const override { return relay_->is_over(); }
    const std::optional<Error>& failure() const override { return relay_->failure(); }
    std::int64_t events() const override { return relay_->events(); }

private:
    class Sink;

    std::unique_ptr<StreamRelay> relay_;
    std::unique_ptr<ChatStreamParser> parser_;
    std::unique_ptr<OutputMeter> meter_;
    std::unique_ptr<Sink> sink_;
    std::int64_t input_tokens_;
};

}  // namespace aigw::protocol
