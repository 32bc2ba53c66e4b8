// One sliding window: counts of the last 60 seconds in buckets of one.
//
// Rule:    a bucket counts until all of it has left the window. The bucket that is being filled and
//          the one that is leaving both count, hence 61 slots for 60 buckets: no stretch of 60 s
//          ever holds more than the limit, and room returns at most one bucket late.
// Time:    a tick is a whole second since the epoch; advance() says which bucket `now` falls into.
//          A step back by up to a window stays in the newest bucket, a longer one empties the
//          window.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace aigw::limits {

class Window {
public:
    static constexpr std::int64_t kBuckets = 60;
    static constexpr std::chrono::seconds kBucket{1};

    // Lets go of what has left by `now`, and returns the tick that counts belong to.
    std::int64_t advance(TimePoint now);
    std::uint64_t used() const { return total_; }
    bool has_room(std::uint64_t max, std::uint64_t cost) const {
        return cost <= max && total_ <= max - cost;
    }
    // How long until there is room; 0 when there is, the whole window when there never will be.
    std::chrono::milliseconds wait(std::uint64_t max, std::uint64_t cost, TimePoint now) const;

    // Counts into the newest bucket, as far as it goes: 4 billion in a second are more than any
    // limit has.
    void add(std::uint32_t count);
    // Takes back what add() counted at `tick`; nothing when that bucket has left.
    void remove(std::int64_t tick, std::uint32_t count);
    // True when nothing will count at `now`.
    bool is_idle(TimePoint now) const;

private:
    static constexpr std::int64_t kSlots = kBuckets + 1;

    std::uint32_t& slot(std::int64_t tick);
    std::uint32_t slot(std::int64_t tick) const;

    std::uint64_t total_ = 0;
    std::int64_t newest_ = 0;
    std::array<std::uint32_t, kSlots> counts_{};
};

}  // namespace aigw::limits
