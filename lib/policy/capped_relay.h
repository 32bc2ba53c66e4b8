// A stream that passes within one protocol, and ends where its answer gets too long.
//
// Shape:   stands before a relay of the stream's protocol, which gets all events that fit, as they
//          came. The event that does not fit is not given to it: what is left of that goes out, and
//          the stream's end (capped_wire.h). From then on the stream is over and whole, and nothing
//          more is taken of the upstream.
// Delay:   near the limit an event waits until it is known whether it fits (output_gauge.h).
// Usage:   of a stream that was cut: the input as the vendor has said it by then, else as the
//          gateway knows it; the output is counted, of all answers.
// Errors:  those of the relay.
// Bounds:  an event may have 8 MiB, as the relay has it.
// Threads: one per stream.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/usage.h"
#include "policy/capped_wire.h"
#include "policy/truncation.h"
#include "protocol/event_framer.h"
#include "protocol/json_tree.h"
#include "protocol/stream_relay.h"

namespace aigw::policy {

class CappedRelay final : public protocol::StreamRelay {
public:
    // `truncation` outlives the relay, and is told of a cut.
    CappedRelay(std::unique_ptr<protocol::StreamRelay> relay, std::unique_ptr<CappedWire> wire,
                std::int64_t input_tokens, Truncation& truncation);

    std::string_view feed(std::string_view bytes) override;
    std::string_view finish() override;
    std::string_view interrupt(Error error) override;
    std::string_view keep_alive() const override { return relay_->keep_alive(); }
    std::optional<Usage> usage() const override;
    bool is_complete() const override { return usage_.has_value() || relay_->is_complete(); }
    bool is_over() const override { return usage_.has_value() || relay_->is_over(); }
    const std::optional<Error>& failure() const override { return relay_->failure(); }
    std::int64_t events() const override { return relay_->events(); }

private:
    // An event that may not fit, and those behind it.
    struct Waiting {
        std::string bytes;
        std::vector<CappedWire::Stretch> stretches;
    };

    // What an event says.
    struct Event {
        bool is_done = false;
        std::optional<protocol::JsonValue> root{};
    };

    std::string_view relay(std::string_view window, std::size_t& taken);
    bool passes(const protocol::EventFramer::Frame& frame);
    Event read(protocol::EventFramer::Frame frame);
    void take(const protocol::EventFramer::Frame& frame);
    void drain();
    void change(protocol::JsonValue event, std::span<const CappedWire::Stretch> stretches);
    void give(std::string_view bytes);
    std::string_view pass(std::string_view bytes);
    void flush();
    void end();
    template <class Last>
    std::string_view close(Last last);
    void judge_last(std::string rest);
    void settle_rest();

    std::unique_ptr<protocol::StreamRelay> relay_;
    std::unique_ptr<CappedWire> wire_;
    std::int64_t input_tokens_;
    Truncation& truncation_;
    protocol::EventFramer framer_{nullptr};
    protocol::JsonTree tree_;
    std::string tail_;               // an incomplete event, after what the last call took out of it
    std::size_t taken_ = 0;          // bytes of `tail_` that have been taken
    bool awaits_line_feed_ = false;  // what was passed last ends with CR
    std::string joined_;             // an event's data when it has several lines
    std::vector<CappedWire::Stretch> stretches_;  // of the event at hand
    std::deque<Waiting> waiting_;
    std::string out_;               // what goes out when it is not one piece of what came in
    std::optional<Usage> usage_{};  // set when the stream was cut and is over
};

}  // namespace aigw::policy
