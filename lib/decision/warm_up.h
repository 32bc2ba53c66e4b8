// Slow start in balanced groups: a member that is back from failing gets a part of its share. For
// decision/*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "decision/decision.h"

namespace aigw::decision {

// Whether any member of the group has a slow start, and the algorithm shares at all.
bool warms_up(const Snapshot& snapshot, const routing::Balance& group);

// The first of `places` that may be called, where it gets only a part of its share. `places` stays
// as it is when the ticket gives it its turn, or when there is nobody else; else the next one with
// all its share comes before it.
std::optional<Warming> warm_up(const Selection& selection, const Observed& observed,
                               std::uint64_t ticket, std::span<PlatformIndex> places);

}  // namespace aigw::decision
