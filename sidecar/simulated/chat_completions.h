// A chat completion, whole or streamed, in the shape that other vendors took over from OpenAI.
//
// Shape:   a vendor derives from ChatCompletion and says what differs: headers, the members of the
//          head, choices, usage, deltas. What all have in common stands here: the answer itself,
//          the pace, the chunks, `x_echo`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/chat_stream.h"
#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated {

class ChatCompletion {
public:
    virtual ~ChatCompletion() = default;
    ChatCompletion(const ChatCompletion&) = delete;
    ChatCompletion& operator=(const ChatCompletion&) = delete;

    Plan plan() const;

protected:
    enum class Part : std::uint8_t { Whole, Chunk };

    // `order.body`, `occasion` and `fields` (those that are not echoed) must outlive it.
    ChatCompletion(const ChatOrder& order, const Occasion& occasion,
                   std::span<const FieldRule> fields);

    const Json& body() const { return body_; }
    const Occasion& occasion() const { return occasion_; }
    const ChatAnswer& answer() const { return answer_; }
    std::uint64_t seed() const { return seed_; }
    // True when a member of `stream_options` is.
    bool is_stream_option(std::string_view name) const;
    // The whole answer as JSON.
    std::string render_whole() const;

    virtual http::Headers headers() const = 0;
    virtual std::string_view stream_type() const = 0;  // the content type of a stream
    virtual Json head(Part part) const = 0;            // the members before "choices"
    virtual Json choice(std::size_t index, const Choice& choice) const = 0;
    virtual Json usage(const TokenCounts& tokens) const = 0;
    virtual Json tail() const;  // the members behind "usage" of a whole answer: none
    virtual std::vector<Delta> deltas(const Choice& choice) const = 0;
    virtual void adjust(StreamShape& shape) const;  // what else is special: nothing

private:
    std::vector<Piece> render_chunks() const;
    Json echo() const;

    const Json& body_;
    const Occasion& occasion_;
    std::span<const FieldRule> fields_;
    std::uint64_t seed_;
    ChatAnswer answer_;
};

// {"id","type":"function","function":{"name","arguments"}}
Json render_function_call(const ToolCall& call);

// One delta a token: `before`, the token as a JSON string, `behind`.
void add_tokens(std::vector<Delta>& deltas, std::string_view text, std::string_view before,
                std::string_view behind);

// `logprobs.content` of a text: every token with `top` candidates, each less likely than the one
// before.
Json render_logprobs(std::string_view text, std::int64_t top, std::uint64_t seed);

}  // namespace aigw::simulated
