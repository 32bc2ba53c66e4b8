// A stream of Anthropic's Messages on its way from an upstream to a caller who speaks the same.
//
// Output:  message_stop comes exactly once, last; it is added when the upstream gave a stop_reason
//          and forgot it.
// Source:  docs.anthropic.com/en/docs/build-with-claude/streaming; the conversion contract,
//          sections 5 and 8.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/anthropic_answer.h"
#include "protocol/event_relay.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

class AnthropicStreamRelay final : public EventRelay {
public:
    explicit AnthropicStreamRelay(std::span<const std::string> secrets = {})
        : EventRelay(Envelope::Anthropic, secrets) {}

    std::optional<Usage> usage() const override { return usage_.usage(); }

private:
    Verdict look_into(std::string_view data) override;
    std::string_view last_event() const override;
    bool is_whole(std::string_view data) const override;
    Verdict look_into_rare(std::string_view data);

    JsonTree tree_;
    AnthropicUsage usage_;
};

}  // namespace aigw::protocol
