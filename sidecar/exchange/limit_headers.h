// What a caller reads of limits in the head of its answer: of those that refused it, and of its
// vendor's.
#pragma once

#include "base/error.h"
#include "base/operation.h"
#include "base/time.h"
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

}  // namespace aigw::exchange
