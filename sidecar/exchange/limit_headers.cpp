#include "sidecar/exchange/limit_headers.h"

#include <chrono>

#include "protocol/error_envelope.h"
#include "protocol/rate_limit_fields.h"

namespace aigw::exchange {

void add_limit_headers(http::Headers& headers, const Error& error, TimePoint now) {
    if (const auto wait = protocol::retry_after_header(error)) headers.add("retry-after", *wait);
    if (error.limit_max == 0 || !error.retry_after) return;
    const auto reset = std::chrono::ceil<std::chrono::seconds>(now + *error.retry_after);
    headers.add("X-RateLimit-Limit", std::to_string(error.limit_max));
    headers.add("X-RateLimit-Remaining", "0");
    headers.add("X-RateLimit-Reset", std::to_string(reset.time_since_epoch().count()));
}

void add_upstream_limits(http::Headers& headers, const engine::ResponseHead& head, Protocol caller,
                         TimePoint now) {
    for (const engine::FieldView& field : head.fields) {
        if (field.field != engine::Field::Other) continue;
        if (auto said = protocol::translate_rate_limit(field.name, field.value, caller, now))
            headers.add(said->first, said->second);
    }
}

}  // namespace aigw::exchange
