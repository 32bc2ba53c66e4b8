// What a caller reads of limits in the head of its answer: of those that refused it, and of its
// vendor's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/operation.h"
#include "base/time.h"
#include "decision/decision.h"
#include "http/message.h"
#include "sidecar/engine/http_message.h"

namespace aigw::exchange {

// `retry-after` where the error says how long to wait; where it also says of how many, the three
// X-RateLimit fields: the limit, what remains of it (nothing), and the second (Unix time) from
// which there is room again.
void add_limit_headers(http::Headers& headers, const Error& error, TimePoint now);

// What the upstream said of its own limits, in the words of the caller's protocol: for an answer
// that was converted.
void add_upstream_limits(http::Headers& headers, const engine::ResponseHead& head, Protocol caller,
                         TimePoint now);

// What the call has taken of its caller's limits since they were read.
struct Taken {
    std::uint64_t requests = 0;
    // Of tokens, once it is known; until then what was reserved.
    std::optional<std::uint64_t> tokens{};
};

// The caller's own limits of requests and of tokens, each the one with the least left, in the words
// of its protocol. They take the place of all that the upstream said of its own: those are of the
// platform's account, which many callers share; only by the gateway's can this one tell when its
// next call will pass. Without such a limit the upstream's stay as they are.
void set_caller_limits(http::Headers& headers, std::span<const decision::LimitReading> readings,
                       const Taken& taken, Protocol caller, TimePoint now);

}  // namespace aigw::exchange
