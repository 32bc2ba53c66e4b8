#include "limits/window.h"

#include <algorithm>
#include <limits>

namespace aigw::limits {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSlots = Period::kBuckets;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostNarrow = std::numeric_limits<std::uint32_t>::max();
// What is in flight ends when it ends: callers are asked to look again soon.
constexpr milliseconds kWaitInFlight{1000};

std::size_t slot_of(std::int64_t tick) {
    const std::int64_t rest = tick % Period::kBuckets;
    return static_cast<std::size_t>(rest < 0 ? rest + Period::kBuckets : rest);
}

}  // namespace

// Further from the newest tick than a window, so that nothing of the two has to do with the other.
bool Window::is_apart(std::int64_t ahead) const {
    const std::int64_t reach = std::max<std::int64_t>(period_.older(), 1);
    return ahead > period_.older() || ahead < -reach;
}

std::uint64_t Window::count_at(std::int64_t tick) const {
    if (tick == newest_) return newest_count_;
    if (!older_) return 0;
    const std::size_t slot = slot_of(tick);
    if (!is_wide_) return older_[slot];
    return older_[2 * slot] | std::uint64_t{older_[2 * slot + 1]} << 32;
}

void Window::set_older(std::int64_t tick, std::uint64_t count) {
    if (!older_) {
        if (count == 0) return;
        older_ = std::make_unique<std::uint32_t[]>(kSlots);
    }
    if (count > kMostNarrow && !is_wide_) widen();
    const std::size_t slot = slot_of(tick);
    older_[is_wide_ ? 2 * slot : slot] = static_cast<std::uint32_t>(count);
    if (is_wide_) older_[2 * slot + 1] = static_cast<std::uint32_t>(count >> 32);
}

void Window::widen() {
    auto wide = std::make_unique<std::uint32_t[]>(2 * kSlots);
    for (std::size_t slot = 0; slot < kSlots; ++slot) wide[2 * slot] = older_[slot];
    older_ = std::move(wide);
    is_wide_ = true;
}

// The newest bucket becomes an older one, in the place of the one that has left.
void Window::push() {
    const std::int64_t leaving = newest_ - Period::kBuckets;
    if (older_) total_ -= count_at(leaving);
    set_older(newest_, newest_count_);
    ++newest_;
    newest_count_ = 0;
}

std::int64_t Window::advance(TimePoint now) {
    const std::int64_t tick = period_.tick_of(now);
    const std::int64_t ahead = tick - newest_;
    if (ahead == 0) return newest_;
    if (is_apart(ahead)) {
        if (total_ != newest_count_) std::fill_n(older_.get(), is_wide_ ? 2 * kSlots : kSlots, 0U);
        total_ = newest_count_ = 0;
        newest_ = tick;
    }
    while (newest_ < tick) push();
    return newest_;
}

// The first tick that still counts at `now`; past the newest, when none does.
std::int64_t Window::oldest_at(TimePoint now) const {
    const std::int64_t tick = period_.tick_of(now);
    if (is_apart(tick - newest_)) return newest_ + 1;
    return std::max(tick, newest_) - period_.older();
}

std::uint64_t Window::used(TimePoint now) const {
    const std::int64_t oldest = oldest_at(now);
    if (oldest > newest_) return 0;
    std::uint64_t used = total_;
    for (std::int64_t tick = newest_ - period_.older(); tick < oldest; ++tick)
        used -= count_at(tick);
    return used;
}

milliseconds Window::wait(std::uint64_t max, std::uint64_t cost, TimePoint now) const {
    std::uint64_t left = used(now);
    if (cost <= max && left <= max - cost) return milliseconds(0);
    if (period_.is_in_flight()) return kWaitInFlight;
    const auto until = [&](std::int64_t tick) {
        return std::chrono::ceil<milliseconds>(period_.end_of(tick) - now);
    };
    if (period_.is_calendar()) return until(newest_);
    for (std::int64_t tick = oldest_at(now); cost <= max && tick <= newest_; ++tick) {
        left -= count_at(tick);
        if (left <= max - cost) return until(tick);
    }
    return std::chrono::ceil<milliseconds>(period_.length());
}

void Window::add(std::uint64_t count) {
    const std::uint64_t added = std::min(count, kMost - total_);
    newest_count_ += added;
    total_ += added;
}

void Window::remove(std::int64_t tick, std::uint64_t count) {
    if (tick > newest_ || tick < newest_ - period_.older()) return;
    const std::uint64_t taken = std::min(count, count_at(tick));
    total_ -= taken;
    if (tick == newest_) {
        newest_count_ -= taken;
    } else {
        set_older(tick, count_at(tick) - taken);
    }
}

std::size_t Window::allocated_bytes() const {
    if (!older_) return 0;
    return (is_wide_ ? 2 : 1) * kSlots * sizeof(std::uint32_t);
}

}  // namespace aigw::limits
