// How much of its share a platform gets that was left alone for failing and is back: a tenth at
// first, and evenly more until `slow_start` has passed.
//
// Why:     a server that has just come up again, with empty caches and a full queue, falls over
//          once more when everybody comes back at once.
// Pure:    the same ticket gives the same answer; of many tickets as many take their turn as the
//          warmth says.
// Source:  gateway.toml(5), `health.slow_start`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace aigw::routing {

inline constexpr std::uint32_t kFullWarmth = 1'000;  // per mille

// `back_since`: nullopt where it was never away.
std::uint32_t warmth_at(TimePoint now, std::optional<TimePoint> back_since,
                        std::chrono::milliseconds slow_start);

// Whether a platform of that warmth takes the turn of that ticket, rather than leave it to another.
bool takes_turn(std::uint32_t warmth, std::uint64_t ticket);

}  // namespace aigw::routing
