// A stream on its way from an upstream to a caller: what every way of relaying has in common.
//
// Shape:   bytes in, bytes out. Output depends on the upstream's bytes, not on how they were split.
//          After an error event nothing follows, and a stream never ends in silence: an upstream
//          that stops in the middle becomes an error event in the caller's protocol.
// Errors:  in the caller's stream, and in failure().
// Threads: one relay per stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/usage.h"

namespace aigw::protocol {

class StreamRelay {
public:
    virtual ~StreamRelay() = default;

    // Takes what the upstream sent; gives what may go to the caller now: a view into `bytes` or
    // into the relay, good until the next call.
    virtual std::string_view feed(std::string_view bytes) = 0;
    // The upstream has closed: gives what is still to be sent. Call once, and feed nothing after
    // it.
    virtual std::string_view finish() = 0;
    // The upstream failed before it closed (reset, timed out): as finish(), with that error where
    // the answer is not whole.
    virtual std::string_view interrupt(Error error) = 0;

    // What tells the caller of a silent stream that it is alive, where its protocol has such a
    // thing and the stream has begun; else empty.
    virtual std::string_view keep_alive() const { return {}; }

    // The last usage seen.
    virtual std::optional<Usage> usage() const = 0;
    // The answer is whole, and no error came.
    virtual bool is_complete() const = 0;
    // Its end or an error has been given out: nothing more will come, the upstream can be let go.
    virtual bool is_over() const = 0;
    // Set once an error event has been given out.
    virtual const std::optional<Error>& failure() const = 0;
    // Events with data that came.
    virtual std::int64_t events() const = 0;
};

}  // namespace aigw::protocol
