// What one subject has used of one limit within the limit's period.
//
// Rule:    a sliding window's bucket counts until all of it has left the window. The bucket that is
//          being filled and the one that is leaving both count: no stretch of the window's length
//          ever holds more than the limit, and room returns at most one bucket late.
// Time:    a tick is what the period says; advance() says which one `now` falls into. A step back
//          by up to a window stays in the newest bucket, a longer one empties the window.
// Memory:  a subject that calls within one bucket costs a few words. Older buckets get a ring when
//          there is the first to keep, of 32 bits each until one of them holds more; idle subjects
//          lose it with their cell.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "limits/period.h"

namespace aigw::limits {

class Window {
public:
    explicit Window(Period period = kMinute) : period_(period) {}

    // Lets go of what has left by `now`, and returns the tick that counts belong to.
    std::int64_t advance(TimePoint now);
    // As of the last advance().
    std::uint64_t used() const { return total_; }
    // As it stands at `now`, which need not be later: nothing is let go of.
    std::uint64_t used(TimePoint now) const;
    bool has_room(std::uint64_t max, std::uint64_t cost) const {
        return cost <= max && total_ <= max - cost;
    }
    // How long until there is room; 0 when there is, the whole period when there never will be.
    std::chrono::milliseconds wait(std::uint64_t max, std::uint64_t cost, TimePoint now) const;

    // Counts into the newest bucket.
    void add(std::uint64_t count);
    // Takes back what add() counted at `tick`; nothing when that bucket has left.
    void remove(std::int64_t tick, std::uint64_t count);
    // True when nothing will count at `now`.
    bool is_idle(TimePoint now) const { return used(now) == 0; }
    // Beyond the window itself.
    std::size_t allocated_bytes() const;

private:
    bool is_apart(std::int64_t ahead) const;
    std::int64_t oldest_at(TimePoint now) const;
    std::uint64_t count_at(std::int64_t tick) const;
    void set_older(std::int64_t tick, std::uint64_t count);
    void push();
    void widen();

    std::uint64_t total_ = 0;
    std::uint64_t newest_count_ = 0;
    std::int64_t newest_ = 0;
    Period period_;
    std::unique_ptr<std::uint32_t[]> older_{};  // a ring; null: none of the older buckets counts
    bool is_wide_ = false;                      // two words for each bucket, the lower first
};

}  // namespace aigw::limits
