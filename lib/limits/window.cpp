#include "limits/window.h"

#include <algorithm>
#include <limits>

#include "limits/limit.h"

namespace aigw::limits {
namespace {

std::int64_t tick_of(TimePoint now) {
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) / Window::kBucket;
}

std::size_t index_of(std::int64_t tick, std::int64_t slots) {
    const std::int64_t rest = tick % slots;
    return static_cast<std::size_t>(rest < 0 ? rest + slots : rest);
}

}  // namespace

std::uint32_t& Window::slot(std::int64_t tick) {
    return counts_[index_of(tick, kSlots)];
}

std::uint32_t Window::slot(std::int64_t tick) const {
    return counts_[index_of(tick, kSlots)];
}

std::int64_t Window::advance(TimePoint now) {
    const std::int64_t tick = tick_of(now);
    const std::int64_t ahead = tick - newest_;
    if (ahead > kBuckets || ahead < -kBuckets) {
        if (total_ != 0) counts_.fill(0);
        total_ = 0;
        newest_ = tick;
    }
    while (newest_ < tick) {
        std::uint32_t& leaving = slot(++newest_);
        total_ -= leaving;
        leaving = 0;
    }
    return newest_;
}

std::chrono::milliseconds Window::wait(std::uint64_t max, std::uint64_t cost, TimePoint now) const {
    if (has_room(max, cost)) return std::chrono::milliseconds(0);
    std::uint64_t left = total_;
    for (std::int64_t tick = newest_ - kBuckets; cost <= max && tick <= newest_; ++tick) {
        left -= slot(tick);
        if (left > max - cost) continue;
        const TimePoint room(kBucket * (tick + kSlots));
        return std::chrono::ceil<std::chrono::milliseconds>(room - now);
    }
    return kWindow;
}

void Window::add(std::uint32_t count) {
    std::uint32_t& newest = slot(newest_);
    const std::uint32_t added = std::min(count, std::numeric_limits<std::uint32_t>::max() - newest);
    newest += added;
    total_ += added;
}

void Window::remove(std::int64_t tick, std::uint32_t count) {
    if (tick > newest_ || tick < newest_ - kBuckets) return;
    const std::uint32_t taken = std::min(count, slot(tick));
    slot(tick) -= taken;
    total_ -= taken;
}

bool Window::is_idle(TimePoint now) const {
    const std::int64_t ahead = tick_of(now) - newest_;
    return total_ == 0 || ahead > kBuckets || ahead < -kBuckets;
}

}  // namespace aigw::limits
