#include "sidecar/exchange/limit_headers.h"

#include <chrono>

#include "protocol/error_envelope.h"

namespace aigw::exchange {

void add_limit_headers(http::Headers& headers, const Error& error, TimePoint now) {
    if (const auto wait = protocol::retry_after_header(error)) headers.add("retry-after", *wait);
    if (error.limit_max == 0 || !error.retry_after) return;
    const auto reset = std::chrono::ceil<std::chrono::seconds>(now + *error.retry_after);
    headers.add("X-RateLimit-Limit", std::to_string(error.limit_max));
    headers.add("X-RateLimit-Remaining", "0");
    headers.add("X-RateLimit-Reset", std::to_string(reset.time_since_epoch().count()));
}

}  // namespace aigw::exchange
