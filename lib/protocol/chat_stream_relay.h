// A chat stream on its way from an OpenAI-like upstream to an OpenAI caller.
//
// Shape:   an event is looked into only when it holds a non-null `usage`, or something that may be
//          an error.
// Output:  `[DONE]` comes exactly once, as the last event; it is added when the upstream gave a
//          finish_reason and forgot it.
// Errors:  what the vendor means by them; `own` is asked first.
// Source:  platform.openai.com/docs/api-reference/chat-streaming; the vendors' variants of `usage`
//          are in reply_usage.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocol/error_meaning.h"
#include "protocol/event_relay.h"

namespace aigw::protocol {

// Whether the chunk that holds nothing but usage reaches the caller.
enum class UsageChunk : bool { Pass, Hide };

class OpenAiStreamRelay final : public EventRelay {
public:
    explicit OpenAiStreamRelay(UsageChunk usage_chunk, std::span<const std::string> secrets = {},
                               VendorMeaning own = {});

    std::optional<Usage> usage() const override;

private:
    Verdict look_into(std::string_view data) override;
    std::string_view last_event() const override;
    bool is_whole(std::string_view data) const override;

    UsageChunk usage_chunk_;
    VendorMeaning own_;
    std::string usage_json_;  // the last `usage` object
};

}  // namespace aigw::protocol
