#include "sidecar/exchange/limit_headers.h"

#include <chrono>
#include <optional>
#include <utility>

#include "protocol/error_envelope.h"
#include "protocol/rate_limit_fields.h"

namespace aigw::exchange {
namespace {

using decision::LimitReading;
using limits::Quantity;
using std::chrono::milliseconds;

// What is left of a limit once the call has taken its part.
std::uint64_t remaining_of(const LimitReading& reading, const Taken& taken) {
    std::uint64_t used = reading.reading.used;
    if (taken.requests > 0) {
        const bool is_tokens = reading.claim.quantity == Quantity::Tokens;
        used += is_tokens ? taken.tokens.value_or(reading.claim.cost) : reading.claim.cost;
    }
    return used < reading.claim.max ? reading.claim.max - used : 0;
}

// Until there is room, or until what the call has taken counts no more.
milliseconds reset_of(const LimitReading& reading, TimePoint now) {
    const milliseconds wait = reading.reading.retry_after;
    if (wait > milliseconds(0)) return wait;
    const limits::Period& period = reading.claim.period;
    return std::chrono::ceil<milliseconds>(period.end_of(period.tick_of(now)) - now);
}

std::optional<protocol::RateLimit> find_tightest(std::span<const LimitReading> readings,
                                                 Quantity quantity, const Taken& taken,
                                                 TimePoint now) {
    std::optional<protocol::RateLimit> tightest;
    for (const LimitReading& reading : readings) {
        const bool is_told =
            reading.claim.quantity == quantity && reading.claim.mode == limits::Mode::Enforce;
        if (!is_told) continue;
        const std::uint64_t remaining = remaining_of(reading, taken);
        if (tightest && tightest->remaining <= remaining) continue;
        tightest = {.window = quantity == Quantity::Tokens ? "tokens" : "requests",
                    .limit = reading.claim.max,
                    .remaining = remaining,
                    .reset = reset_of(reading, now)};
    }
    return tightest;
}

void drop_upstream_limits(http::Headers& headers) {
    http::Headers kept;
    for (const auto& field : headers)
        if (!protocol::is_rate_limit_field(field.name)) kept.add(field.name, field.value);
    headers = std::move(kept);
}

}  // namespace

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

void set_caller_limits(http::Headers& headers, std::span<const LimitReading> readings,
                       const Taken& taken, Protocol caller, TimePoint now) {
    bool is_first = true;
    for (const Quantity quantity : {Quantity::Requests, Quantity::Tokens}) {
        const auto limit = find_tightest(readings, quantity, taken, now);
        if (!limit) continue;
        if (std::exchange(is_first, false)) drop_upstream_limits(headers);
        for (const auto& [name, value] : protocol::render_rate_limit(*limit, caller, now))
            headers.add(name, value);
    }
}

}  // namespace aigw::exchange
