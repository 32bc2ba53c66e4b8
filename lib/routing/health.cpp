#include "routing/health.h"

#include <algorithm>

namespace aigw::routing {
namespace {

constexpr std::int64_t kMostSaved = 10'000;  // a hundred retries

std::int64_t count_of(TimePoint time) {
    return time.time_since_epoch().count();
}

void raise(std::atomic<std::int64_t>& time, TimePoint to) {
    std::int64_t known = time.load();
    while (known < count_of(to) && !time.compare_exchange_weak(known, count_of(to))) {
    }
}

}  // namespace

std::optional<TimePoint> PlatformHealth::open_until(TimePoint now) const {
    std::int64_t until = std::max(open_until_.load(std::memory_order_relaxed),
                                  rest_until_.load(std::memory_order_relaxed));
    if (until <= count_of(now)) until = probe_until_.load(std::memory_order_relaxed);
    if (until <= count_of(now)) return std::nullopt;
    return TimePoint(TimePoint::duration(until));
}

PlatformHealth::Start PlatformHealth::start(TimePoint now, std::chrono::milliseconds patience) {
    if (!is_probed_.load(std::memory_order_relaxed)) return Start::Usual;
    std::int64_t known = probe_until_.load();
    const bool is_first = known <= count_of(now) &&
                          probe_until_.compare_exchange_strong(known, count_of(now + patience));
    return is_first ? Start::Probe : Start::NotNow;
}

void PlatformHealth::end_probe() {
    probe_until_ = 0;
}

// Read first: a store on every success would bounce the line between the cores.
bool PlatformHealth::succeeded(TimePoint now) {
    if (failures_.load(std::memory_order_relaxed) != 0) failures_ = 0;
    if (is_probed_.load(std::memory_order_relaxed)) is_probed_ = false;
    // A call that began before may end while the others leave the platform alone.
    return is_back(std::max(count_of(now), open_until_.load(std::memory_order_relaxed)));
}

bool PlatformHealth::recovered(TimePoint now) {
    open_until_ = 0;
    if (rest_until_.load() <= count_of(now)) is_probed_ = false;
    return is_back(count_of(now));
}

bool PlatformHealth::is_back(std::int64_t since) {
    if (!is_down_.load(std::memory_order_relaxed) || !is_down_.exchange(false)) return false;
    back_since_ = since;
    return true;
}

bool PlatformHealth::failed(const HealthOptions& options, TimePoint now) {
    if (options.failures == 0) return false;
    const std::uint32_t in_a_row = failures_.fetch_add(1) + 1;
    if (in_a_row < options.failures) return false;
    const bool was_open = open_until(now).has_value();
    is_down_ = true;
    is_probed_ = true;
    raise(open_until_, now + options.open_for);
    return !was_open;
}

void PlatformHealth::rest_until(TimePoint until) {
    is_probed_ = true;
    raise(rest_until_, until);
}

std::optional<TimePoint> PlatformHealth::back_since() const {
    const std::int64_t since = back_since_.load(std::memory_order_relaxed);
    if (since == 0 || is_down_.load(std::memory_order_relaxed)) return std::nullopt;
    return TimePoint(TimePoint::duration(since));
}

void PlatformHealth::earn_retry(std::uint32_t budget_percent) {
    if (retries_.load(std::memory_order_relaxed) >= kMostSaved) return;
    retries_.fetch_add(budget_percent, std::memory_order_relaxed);
}

bool PlatformHealth::take_retry() {
    std::int64_t left = retries_.load();
    while (left >= kRetry) {
        if (retries_.compare_exchange_weak(left, left - kRetry)) return true;
    }
    return false;
}

PlatformHealth& Health::at(std::string_view platform) {
    const std::lock_guard lock(mutex_);
    auto found = platforms_.find(platform);
    if (found == platforms_.end())
        found = platforms_.emplace(platform, std::make_unique<PlatformHealth>()).first;
    return *found->second;
}

const PlatformHealth* Health::find(std::string_view platform) const {
    const std::lock_guard lock(mutex_);
    const auto found = platforms_.find(platform);
    return found == platforms_.end() ? nullptr : found->second.get();
}

std::optional<TimePoint> Health::open_until(std::string_view platform, TimePoint now) const {
    const PlatformHealth* known = find(platform);
    return known == nullptr ? std::nullopt : known->open_until(now);
}

std::uint32_t Health::in_flight(std::string_view platform) const {
    const PlatformHealth* known = find(platform);
    return known == nullptr ? 0 : known->in_flight();
}

std::optional<TimePoint> Health::back_since(std::string_view platform) const {
    const PlatformHealth* known = find(platform);
    return known == nullptr ? std::nullopt : known->back_since();
}

std::vector<std::string> Health::names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, health] : platforms_) names.push_back(name);
    return names;
}

}  // namespace aigw::routing
