// A model's answer while it is being written: what every stream parser gives and every stream
// writer takes.
//
// Grammar: Start (Text | Thinking | Signature | Redacted | Call | Arguments | CallEnd | PartEnd |
//          Refusal | Annotation | Logprobs | Vendor | UsageSeen | StopSeen)* (End | Failed).
//          Nothing follows End or Failed. The fragments of one call have its number; calls may
//          interleave, and each is announced by one Call, with id and name, before its first
//          Arguments.
// Views:   good during take().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/usage.h"
#include "protocol/chat_reply.h"

namespace aigw::protocol {

// What is held back of one stream, by a parser, a restorer or a writer.
inline constexpr std::size_t kMaxHeldBytes = std::size_t{8} << 20;
// Calls in one answer that are told apart.
inline constexpr std::size_t kMaxCalls = 4096;

enum class ChatEventKind : std::uint8_t {
    Start,       // id, name (the model), usage if it is known already; service_tier
    Text,        // text
    Thinking,    // text
    Signature,   // text: of the thinking before it, whole
    Redacted,    // text: a whole block of redacted thinking
    Call,        // call, id, name; is_custom, signature
    Arguments,   // call, text: never empty
    CallEnd,     // call: its arguments are whole; none mean {}
    PartEnd,     // what was open is closed: the next text is a part of its own
    Refusal,     // text
    Annotation,  // text: a JSON object in OpenAI's shape
    Logprobs,    // text: of the tokens of the text that follows, as in ChatReply
    Vendor,      // name (its type), text: a whole block, JSON
    UsageSeen,   // usage: all that is known by now
    StopSeen,    // stop
    End,
    Failed,  // error
};

struct ChatEvent {
    ChatEventKind kind = ChatEventKind::End;
    std::string_view text{};
    std::string_view id{};
    std::string_view name{};
    std::string_view signature{};
    std::string_view service_tier{};  // as the vendor calls it
    std::uint32_t call = 0;
    bool is_custom = false;
    const Usage* usage = nullptr;
    const Stop* stop = nullptr;
    const Error* error = nullptr;
};

class ChatSink {
public:
    virtual ~ChatSink() = default;
    virtual void take(const ChatEvent& event) = 0;
};

// A vendor's stream → events. Output depends on the bytes, not on how they were split.
class ChatStreamParser {
public:
    virtual ~ChatStreamParser() = default;
    virtual void feed(std::string_view bytes, ChatSink& sink) = 0;
    // The vendor has closed: End or Failed is given, if neither has been.
    virtual void finish(ChatSink& sink) = 0;
    // The vendor failed before it closed: as finish(), with that error where the answer is not
    // whole.
    virtual void interrupt(Error error, ChatSink& sink) = 0;
    // End or Failed has been given: nothing more will come.
    virtual bool is_over() const = 0;
};

// Events → the caller's stream.
class ChatStreamWriter : public ChatSink {
public:
    // The end or an error has been written: nothing more will come. A writer may fail by itself,
    // when it would have to hold back too much.
    virtual bool is_over() const = 0;
    // What may be sent while nothing else is to be said; empty: the protocol has no such thing, or
    // the stream has not begun.
    virtual std::string_view keep_alive() const { return {}; }
    // What has been written since the last call, to be sent now.
    virtual std::string take_output() = 0;
};

}  // namespace aigw::protocol
