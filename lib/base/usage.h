// What one exchange used. The parts are disjoint and sum to the vendor's totals: `input_tokens`
// holds neither the cached nor the cache-write tokens, `output_tokens` does not hold the reasoning
// tokens.
#pragma once

#include <cstdint>

namespace aigw {

struct Usage {
    std::int64_t input_tokens = 0;
    std::int64_t cached_input_tokens = 0;
    std::int64_t cache_write_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t reasoning_tokens = 0;
    bool is_estimated = false;  // counted by the gateway, not reported by the vendor

    friend bool operator==(const Usage&, const Usage&) = default;

    std::int64_t total_input() const {
        return input_tokens + cached_input_tokens + cache_write_tokens;
    }
    std::int64_t total_output() const { return output_tokens + reasoning_tokens; }
};

}  // namespace aigw
