// A stream of OpenAI's Responses on its way from an upstream to a caller who speaks the same.
//
// Output:  the events as they came, up to the one that holds the whole answer, which is the last.
//          What some servers send behind it, `[DONE]` among it, is left out.
// Errors:  an `error` event is written anew; `response.failed` passes as it is, unless secrets of
//          the gateway's are in it or its credentials are to blame. A stream that ends without any
//          of them ends in an `error`.
// Source:  platform.openai.com/docs/api-reference/responses-streaming.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/error_meaning.h"
#include "protocol/event_relay.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

class ResponsesStreamRelay final : public EventRelay {
public:
    explicit ResponsesStreamRelay(std::span<const std::string> secrets = {}, VendorMeaning own = {})
        : EventRelay(Envelope::OpenAi, secrets), own_(std::move(own)) {}

    std::optional<Usage> usage() const override { return usage_; }

private:
    Verdict look_into(std::string_view data) override;
    std::string_view last_event() const override;
    bool is_whole(std::string_view data) const override;
    std::string render_failure(const Error& error) const override;
    Verdict look_into_rare(std::string_view data);
    Verdict take_failed(JsonValue response);
    Verdict pass();
    Error failure_in(std::string_view json) const;

    VendorMeaning own_;
    JsonTree tree_;
    std::int64_t next_number_ = 0;  // of the event that would follow
    std::optional<Usage> usage_;
};

}  // namespace aigw::protocol
