// What the messages of an Anthropic request amount to: an order for `compose`, and how many tokens
// of it the cache has.
#pragma once

#include <cstdint>
#include <span>

#include "sidecar/simulated/anthropic_turns.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

struct PromptTokens {
    std::int64_t fresh = 0;
    std::int64_t read = 0;        // from the cache
    std::int64_t written_5m = 0;  // to the cache
    std::int64_t written_1h = 0;

    std::int64_t written() const { return written_5m + written_1h; }
    std::int64_t total() const { return fresh + read + written(); }
};

// Nothing is kept from call to call: what was said before the assistant's last turn counts as
// cached by the call that it answered, the rest up to the last mark is cached by this one. A marked
// prefix shorter than `smallest_cached` is not cached at all.
PromptTokens count_prompt(const Json& body, std::span<const Turn> turns,
                          std::int64_t smallest_cached = 0);

// The request as the body of a chat completion, as far as `compose` reads it.
Json brief_of(const Json& body, std::span<const Turn> turns);

}  // namespace aigw::simulated::anthropic
