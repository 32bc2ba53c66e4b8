#include "sidecar/simulated/pace.h"

namespace aigw::simulated {
namespace {

Wait jittered(Wait wait, Random& jitter) {
    const auto percent = static_cast<std::int64_t>(90 + jitter.below(21));
    return wait * percent / 100;
}

}  // namespace

Wait Pace::first_token(Random& jitter) const {
    return jittered(latency, jitter);
}

Wait Pace::tokens(std::int64_t count, Random& jitter) const {
    if (tokens_per_second == 0) return Wait(0);
    return jittered(Wait(count * 1'000'000 / tokens_per_second), jitter);
}

}  // namespace aigw::simulated
