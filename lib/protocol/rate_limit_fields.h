// What an upstream says in an answer's head of its limits, in the words of the caller's protocol.
//
// Shape:   one field at a time. OpenAI: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`,
//          the reset a duration ("6m0s", "12ms"; some servers: seconds). Anthropic:
//          `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset a time. Its
//          windows of input and output tokens have no place in OpenAI's words.
// Source:  the conversion contract, section 10; the vendors' sheets, section 1.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/operation.h"
#include "base/time.h"

namespace aigw::protocol {

// Name and value for the caller; nothing where the field is of another kind, says what the caller's
// protocol can't say, or can't be read. `name` in any case of letters.
std::optional<std::pair<std::string, std::string>> translate_rate_limit(std::string_view name,
                                                                        std::string_view value,
                                                                        Protocol caller,
                                                                        TimePoint now);

// A limit of the gateway's own, for the caller whom it counts.
struct RateLimit {
    std::string_view window{};  // "requests" or "tokens"
    std::uint64_t limit = 0;
    std::uint64_t remaining = 0;
    std::chrono::milliseconds reset{};
};
using RateLimitFields = std::array<std::pair<std::string, std::string>, 3>;
RateLimitFields render_rate_limit(const RateLimit& limit, Protocol caller, TimePoint now);
// True for a field by which either vendor speaks of its limits; `name` in any case of letters.
bool is_rate_limit_field(std::string_view name);

}  // namespace aigw::protocol
