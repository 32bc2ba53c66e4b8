// A stream on its way from an upstream to a caller of another protocol.
//
// Shape:   the upstream's parser, what puts the answer back into the caller's terms, the caller's
//          writer, one behind the other.
// Source:  the conversion contract, sections 5 and 8.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "protocol/chat_events.h"
#include "protocol/output_meter.h"
#include "protocol/stream_relay.h"

namespace aigw::protocol {

class ConvertingRelay final : public StreamRelay {
public:
    // `secrets` outlive the relay; they are hidden where the upstream repeats them in an error.
    // `plan` is that of the writer.
    // With a meter, what a vendor does not say of its usage is counted, else guessed from bytes.
    ConvertingRelay(std::unique_ptr<const AnswerPlan> plan,
                    std::unique_ptr<ChatStreamParser> parser,
                    std::unique_ptr<ChatStreamWriter> writer, std::span<const std::string> secrets,
                    std::unique_ptr<OutputMeter> meter = nullptr);
    ~ConvertingRelay() override;

    std::string_view feed(std::string_view bytes) override;
    std::string_view finish() override;
    std::string_view interrupt(Error error) override;
    std::string_view keep_alive() const override;
    std::optional<Usage> usage() const override;
    bool is_complete() const override;
    bool is_over() const override;
    const std::optional<Error>& failure() const override;
    std::int64_t events() const override;

private:
    class Observer;
    std::string_view output();

    std::unique_ptr<const AnswerPlan> plan_;
    std::unique_ptr<ChatStreamParser> parser_;
    std::unique_ptr<ChatStreamWriter> writer_;
    std::unique_ptr<ChatSink> restorer_;
    std::unique_ptr<Observer> observer_;
    std::string out_;
};

}  // namespace aigw::protocol
