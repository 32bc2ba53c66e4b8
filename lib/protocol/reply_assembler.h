// A streamed answer put together to a whole one, for callers who asked for no stream and models
// that answer in nothing else.
//
// Errors:  the error that ended the stream; upstream_invalid when it has not ended.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "protocol/chat_events.h"

namespace aigw::protocol {

class ReplyAssembler final : public ChatSink {
public:
    void take(const ChatEvent& event) override;
    // Once, after the end.
    Result<ChatReply> reply() &&;

private:
    template <class T>
    T& open_part();
    CallPart* find_call(std::uint32_t number);
    void begin_call(const ChatEvent& event);
    void start(const ChatEvent& event);

    // A call's number, and where it stands among the parts.
    struct Call {
        std::uint32_t number = 0;
        std::size_t part = 0;
    };

    ChatReply reply_;
    std::vector<Call> calls_;
    bool is_open_ = false;  // the last part goes on
    bool is_ended_ = false;
    std::optional<Error> failure_;
};

}  // namespace aigw::protocol
