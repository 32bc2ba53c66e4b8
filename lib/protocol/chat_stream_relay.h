// A chat stream on its way from an OpenAI-like upstream to an OpenAI caller.
//
// Shape:   bytes in, bytes out: whole events pass as they came, without a copy and without parsing
//          JSON; the tail of an event waits until the event is complete. An event is looked into
//          only when it holds a non-null `usage`, or something that may be an error.
// Output:  depends on the upstream's bytes, not on how they were split. `[DONE]` comes exactly
//          once, as the last event; it is added when the upstream gave a finish_reason and forgot
//          it. After an error event nothing follows, and a stream never ends in silence: an
//          upstream that stops in the middle becomes an error event.
// Bounds:  an event may have 8 MiB.
// Errors:  in the caller's stream as OpenAI error events, and in failure().
// Threads: one relay per stream.
// Source:  platform.openai.com/docs/api-reference/chat-streaming; the vendors' variants of `usage`
//          are in reply_usage.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/usage.h"

namespace aigw::protocol {

// Whether the chunk that holds nothing but usage reaches the caller.
enum class UsageChunk : bool { Pass, Hide };

class OpenAiStreamRelay {
public:
    // `secrets` outlive the relay; they are hidden where the upstream repeats them in an error.
    explicit OpenAiStreamRelay(UsageChunk usage_chunk, std::span<const std::string> secrets = {})
        : usage_chunk_(usage_chunk), secrets_(secrets) {}

    // Takes what the upstream sent; gives what may go to the caller now: a view into `bytes` or
    // into the relay, good until the next call.
    std::string_view feed(std::string_view bytes);
    // The upstream has closed: gives what is still to be sent. Call once, and feed nothing after
    // it.
    std::string_view finish();
    // The upstream failed before it closed (reset, timed out): as finish(), with that error where
    // the answer is not whole.
    std::string_view interrupt(Error error);

    // The last usage seen; read when asked.
    std::optional<Usage> usage() const;
    // The answer is whole: a finish_reason or `[DONE]` came, and no error.
    bool is_complete() const { return !failure_ && (is_done_ || has_finish_reason_); }
    // `[DONE]` or an error has been given out: nothing more will come, the upstream can be let go.
    bool is_over() const { return is_done_ || failure_.has_value(); }
    // Set once an error event has been given out.
    const std::optional<Error>& failure() const { return failure_; }
    // Events with data that came, `[DONE]` not counted.
    std::int64_t events() const { return events_; }

private:
    enum class Verdict : std::uint8_t { Pass, Drop, Replace };
    struct Frame;

    // How far the incomplete event has been searched for its end, from its first byte.
    struct Search {
        std::size_t line = 0;     // where its last line begins
        std::size_t scanned = 0;  // no line ends between `line` and here
        std::size_t lines = 0;    // complete ones
    };

    std::string_view relay(std::string_view window, std::size_t& taken);
    std::optional<Frame> find_event(std::string_view window, std::size_t begin);
    Verdict judge(const Frame& frame);
    Verdict look_into(std::string_view data);
    std::optional<std::string_view> data_of(const Frame& frame);
    void fail_oversized();
    static bool is_whole_event(std::string_view bytes);

    UsageChunk usage_chunk_;
    std::span<const std::string> secrets_;
    bool is_done_ = false;
    bool has_finish_reason_ = false;
    bool is_first_ = true;  // no event yet: a byte order mark may stand before it
    std::int64_t events_ = 0;
    std::string tail_;       // an incomplete event, after what the last call gave out of it
    std::size_t given_ = 0;  // bytes of `tail_` that have gone out
    Search search_;
    std::string out_;         // what goes out when it is not one piece of what came in
    std::string data_;        // an event's data when it has several lines
    std::string usage_json_;  // the last `usage` object
    std::optional<Error> failure_;
};

}  // namespace aigw::protocol
