// What the parsers of vendors' streams have in common: they read server-sent events whose data is
// JSON, one after the other, until the answer is over.
//
// Shape:   a vendor's parser says what an event means, and how its answer ends when nothing more
//          will come.
#pragma once

#include <string_view>

#include "protocol/chat_events.h"
#include "protocol/json_events.h"

namespace aigw::protocol {

class JsonStreamParser : public ChatStreamParser {
public:
    void feed(std::string_view bytes, ChatSink& sink) final;
    void finish(ChatSink& sink) final;
    void interrupt(Error error, ChatSink& sink) final;

private:
    virtual void take(const JsonEvent& event, ChatSink& sink) = 0;
    virtual void fail(const Error& error, ChatSink& sink) = 0;
    // The stream has stopped and the answer is not over: it ends where it has said why, else it
    // fails with `error`.
    virtual void close(const Error& error, ChatSink& sink) = 0;

    JsonEventReader reader_;
};

}  // namespace aigw::protocol
