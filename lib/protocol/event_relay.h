// Relays a stream within one protocol: whole events pass as they came, without a copy.
//
// Shape:   the tail of an event waits until the event is complete. What an event means is a
//          protocol's own affair: a class for each looks into them.
// Bounds:  an event may have 8 MiB.
// Source:  html.spec.whatwg.org, section 9.2.6 (interpreting an event stream).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/error_envelope.h"
#include "protocol/event_framer.h"
#include "protocol/stream_relay.h"

namespace aigw::protocol {

class EventRelay : public StreamRelay {
public:
    std::string_view feed(std::string_view bytes) override;
    std::string_view finish() override;
    std::string_view interrupt(Error error) override;
    bool is_complete() const override { return !failure_ && (is_done_ || has_reason_); }
    bool is_over() const override { return is_done_ || failure_.has_value(); }
    const std::optional<Error>& failure() const override { return failure_; }
    std::int64_t events() const override { return events_; }

protected:
    enum class Verdict : std::uint8_t { Pass, Drop, Replace };

    // `secrets` outlive the relay; they are hidden where the upstream repeats them in an error.
    // With a watch an event that holds one object and nothing that is watched for passes unseen.
    EventRelay(Envelope envelope, std::span<const std::string> secrets,
               const Watch* watch = nullptr)
        : envelope_(envelope), secrets_(secrets), framer_(watch) {}

    // What becomes of an event with this data. Replace: fail_with() has been called.
    virtual Verdict look_into(std::string_view data) = 0;
    // The stream's last event, for an upstream that forgot it behind a whole answer.
    virtual std::string_view last_event() const = 0;
    // Data that is whole though nothing follows it: of an event whose blank line never came.
    virtual bool is_whole(std::string_view data) const = 0;
    // The error as the stream's last event.
    virtual std::string render_failure(const Error& error) const;

    Verdict fail_with(Error error);
    void note_end() { is_done_ = true; }
    void note_reason() { has_reason_ = true; }
    // What the watch has seen in the event that is being looked into; nullopt: it may hold more.
    std::optional<std::uint8_t> seen() const { return seen_; }
    void count_event() { ++events_; }

private:
    using Frame = EventFramer::Frame;

    std::string_view relay(std::string_view window, std::size_t& taken);
    Verdict judge(const Frame& frame);
    std::optional<std::string_view> data_in(Frame frame);
    void append_failure(std::string& out) const;
    void fail_oversized();
    bool is_whole_event(std::string_view bytes) const;

    Envelope envelope_;
    std::span<const std::string> secrets_;
    bool is_done_ = false;
    bool has_reason_ = false;  // why the answer ends has been said: it is whole
    bool is_first_ = true;     // no event yet: a byte order mark may stand before it
    std::int64_t events_ = 0;
    std::string tail_;       // an incomplete event, after what the last call gave out of it
    std::size_t given_ = 0;  // bytes of `tail_` that have gone out
    EventFramer framer_;
    std::optional<std::uint8_t> seen_;
    std::string out_;   // what goes out when it is not one piece of what came in
    std::string data_;  // an event's data when it has several lines
    std::optional<Error> failure_;
};

}  // namespace aigw::protocol
