// What whole answers and streams of Gemini's generateContent have in common: each of a stream's
// events is a GenerateContentResponse, and so is a whole answer.
//
// Shape:   responses in, events out. Of several candidates the first is the answer. Calls come
//          whole; texts are pieces of one text; the numbers of usage replace those before.
// Refusal: a prompt that is blocked has no candidate, and is an answer all the same.
// Errors:  upstream_invalid for an answer of nothing but a tool call that the model has garbled:
//          asked again, it may do better.
// Source:  ai.google.dev/api/generate-content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/chat_events.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// The numbers of `usageMetadata`, in disjoint parts; nothing when there are none. What the total
// has beyond the parts is output.
std::optional<Usage> read_gemini_usage(JsonValue usage);

class GeminiAnswer {
public:
    void take(JsonValue response, ChatSink& sink);
    // Nothing more comes: End.
    void end(ChatSink& sink);
    void fail(const Error& error, ChatSink& sink);

    // Why the answer stops has been said.
    bool has_stop() const { return has_stop_; }
    bool is_over() const { return is_over_; }

private:
    enum class Content : std::uint8_t { None, Thinking, Text, Other };

    void read_stop(JsonValue response, JsonValue candidate);
    void begin(ChatSink& sink);
    void take_part(JsonValue part, ChatSink& sink);
    void take_text(JsonValue part, ChatSink& sink);
    void take_call(JsonValue call, ChatSink& sink);
    void take_vendor_part(JsonValue part, ChatSink& sink);
    void give_signature(ChatSink& sink);
    void take_grounding(JsonValue grounding, ChatSink& sink);

    Stop stop_;
    std::string id_;
    std::string model_;
    std::optional<Usage> usage_;  // all that is known by now
    std::string answer_;          // its text so far, where places in it may still be asked for
    std::string grounding_;       // where it comes from, JSON
    std::uint32_t next_call_ = 0;
    Content last_ = Content::None;
    bool has_begun_ = false;
    bool has_stop_ = false;
    bool is_over_ = false;
    std::string text_;       // of the part at hand; its memory is kept
    std::string signature_;  // likewise
};

}  // namespace aigw::protocol
