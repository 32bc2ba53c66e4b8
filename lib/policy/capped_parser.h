// A vendor's stream that ends where its answer gets too long, for callers of any protocol.
//
// Shape:   stands in the parser's place: the same events, up to the one that does not fit. That is
//          cut, and behind it come the notice, as text, the usage, a stop for length and the end.
//          What may not fit waits until that is known (output_gauge.h), and all that follows with
//          it.
// Usage:   what the vendor has said of the input, else what the gateway knows; the output is
//          counted.
// Calls:   where calls come interleaved each of their pieces is counted by itself: some tokens
//          more. A call whose arguments are cut keeps what there is of them.
// Errors:  those of the vendor's parser, in its events.
// Threads: one per stream.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/usage.h"
#include "policy/output_cap.h"
#include "policy/output_gauge.h"
#include "policy/truncation.h"
#include "protocol/chat_events.h"

namespace aigw::policy {

class CappedParser final : public protocol::ChatStreamParser {
public:
    // `truncation` outlives the parser, and is told of a cut.
    CappedParser(std::unique_ptr<protocol::ChatStreamParser> parser, OutputCap cap,
                 const Measure& measure, std::int64_t input_tokens, Truncation& truncation);
    ~CappedParser() override;

    void feed(std::string_view bytes, protocol::ChatSink& sink) override;
    void finish(protocol::ChatSink& sink) override;
    void interrupt(Error error, protocol::ChatSink& sink) override;
    bool is_over() const override { return is_cut_ || parser_->is_over(); }

private:
    class Sieve;
    struct Waiting;

    void take(const protocol::ChatEvent& event, protocol::ChatSink& sink);
    std::size_t count(const protocol::ChatEvent& event);
    void drain(protocol::ChatSink& sink);
    void end(protocol::ChatSink& sink);
    void give_rest(const Waiting& waiting, protocol::ChatSink& sink);
    Usage usage();

    std::unique_ptr<protocol::ChatStreamParser> parser_;
    OutputCap cap_;
    OutputGauge gauge_;
    std::int64_t input_tokens_;
    Truncation& truncation_;
    std::optional<Usage> said_{};  // by the vendor
    std::deque<Waiting> waiting_;
    bool is_cut_ = false;
};

}  // namespace aigw::policy
