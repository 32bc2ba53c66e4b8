// One golden case played: the caller's body through the vendor's adapter, the vendor's reply back.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/message.h"
#include "protocol/chat_reply.h"
#include "protocol/chat_request.h"
#include "protocol/request_facts.h"
#include "protocol/stream_relay.h"
#include "tests/providers/golden_case.h"

namespace aigw::providers::tests {

class GoldenExchange {
public:
    explicit GoldenExchange(const GoldenCase& golden);
    ~GoldenExchange();
    GoldenExchange(const GoldenExchange&) = delete;
    GoldenExchange& operator=(const GoldenExchange&) = delete;

    // What went up, and what the caller got, as upstream.http and response.http have it.
    std::string upstream() const;
    std::string response() const;

    // Of a chat: what was asked and what was answered, whoever spoke which protocol.
    protocol::ChatRequest request() const;
    Result<protocol::ChatReply> reply() const;
    bool is_stream() const { return facts_.stream; }
    const Adapter& adapter() const { return *adapter_; }
    std::string model() const;  // as the vendor calls it

private:
    struct Converted;

    bool passes() const;
    std::string head(Protocol wire, bool is_stream) const;
    std::unique_ptr<protocol::StreamRelay> make_relay() const;
    std::string relayed(const std::string& body, std::size_t first, std::size_t piece) const;
    std::string streamed(const std::string& body) const;
    std::string whole(const http::Response& reply) const;

    const GoldenCase& case_;
    std::unique_ptr<Adapter> adapter_;
    protocol::OwnedPaddedBody body_;
    protocol::FactsReader reader_;
    protocol::RequestFacts facts_{};
};

}  // namespace aigw::providers::tests
