// How fast a simulated vendor answers.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/ids.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated {

// Zeros mean: as fast as the machine can.
struct Pace {
    std::chrono::milliseconds latency{0};  // to the first token
    std::uint32_t tokens_per_second = 0;

    // Each with up to a tenth more or less, drawn from `jitter`.
    Wait first_token(Random& jitter) const;
    Wait tokens(std::int64_t count, Random& jitter) const;
};

}  // namespace aigw::simulated
