// What a caller that was refused by a limit reads in the head of its answer.
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "http/message.h"

namespace aigw::exchange {

// `retry-after` where the error says how long to wait; where it also says of how many, the three
// X-RateLimit fields: the limit, what remains of it (nothing), and the second (Unix time) from
// which there is room again.
void add_limit_headers(http::Headers& headers, const Error& error, TimePoint now);

}  // namespace aigw::exchange
