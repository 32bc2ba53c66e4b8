#include "routing/slow_start.h"

#include <algorithm>

#include "routing/balance.h"

namespace aigw::routing {
namespace {

constexpr std::uint32_t kLeastWarmth = kFullWarmth / 10;
// So that the first ticket of a group is nothing special (splitmix64's step).
constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;

}  // namespace

std::uint32_t warmth_at(TimePoint now, std::optional<TimePoint> back_since,
                        std::chrono::milliseconds slow_start) {
    if (!back_since || now >= *back_since + slow_start) return kFullWarmth;
    const TimePoint::duration passed = std::max(now - *back_since, TimePoint::duration(0));
    const auto share = passed * (kFullWarmth - kLeastWarmth) / TimePoint::duration(slow_start);
    return kLeastWarmth + static_cast<std::uint32_t>(share);
}

bool takes_turn(std::uint32_t warmth, std::uint64_t ticket) {
    return mix(ticket + kStep) % kFullWarmth < warmth;
}

}  // namespace aigw::routing
