// How platforms have been doing: which of them are left alone, and how many retries they may still
// cost.
//
// Shape:   kept by the platform's name, outside any snapshot, so that a reload keeps it. After
//          `failures` failed calls in a row a platform is left alone for `open_for`; after that one
//          call at a time probes it, until one succeeds, which forgets everything: the others leave
//          it alone while a probe is under way, and its failure lasts for another `open_for`.
// Active:  probes that are no calls (`path`) fail as calls do. One that succeeds ends the time at
//          once, but forgets no failure of calls: a vendor who lists its models may still fail to
//          serve them, and its next failure is enough again. What the vendor itself has asked for,
//          rest_until(), it does not end.
// Back:    since when a platform is called again that was left alone for failing; what it takes of
//          its share from then on is slow_start.h's.
// Retries: each first call earns `budget_percent` of a retry; ten may be made before any is earned,
//          and at most a hundred are saved up.
// Threads: all functions may be called from any thread; an entry stays where it is for good.
// Time:    passed in.
// Source:  gateway.toml(5), `health` and `retry.budget`.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace aigw::routing {

struct HealthOptions {
    std::uint32_t failures = 5;  // in a row; 0: never left alone for failing
    std::chrono::milliseconds open_for{30'000};
    std::chrono::milliseconds slow_start{0};  // until it has its whole share again
    std::string path{};                       // of active probes, below its base URL; empty: none
    std::chrono::milliseconds every{30'000};  // an active probe
    friend bool operator==(const HealthOptions&, const HealthOptions&) = default;
};

class PlatformHealth {
public:
    // Until when the platform is left alone: it failed, or is being probed; nullopt: it may be
    // called.
    std::optional<TimePoint> open_until(TimePoint now) const;

    enum class Start : std::uint8_t {
        Usual,
        Probe,   // end_probe() is to be called, whatever came of it
        NotNow,  // it would be a second probe
    };
    // Before a call. A probe that says nothing for `patience` gives its place to another.
    Start start(TimePoint now, std::chrono::milliseconds patience);
    void end_probe();

    // A call was answered. True when it is the one by which a platform that failed is back.
    bool succeeded(TimePoint now);
    // An active probe was; true likewise.
    bool recovered(TimePoint now);
    // True when this failure is the one from which on the platform is left alone.
    bool failed(const HealthOptions& options, TimePoint now);
    // Leaves it alone until then, unless it is for longer already: its vendor wants it so.
    void rest_until(TimePoint until);
    // nullopt: it was never left alone for failing, or is so still.
    std::optional<TimePoint> back_since() const;

    // Calls of it that are under way.
    std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

    void earn_retry(std::uint32_t budget_percent);
    // True when a retry may be made; it is taken.
    bool take_retry();

private:
    friend class InFlight;
    bool is_back(std::int64_t since);

    // Times are microseconds of the epoch; 0: none.
    static constexpr std::int64_t kRetry = 100;  // one retry, in hundredths
    std::atomic<std::int64_t> open_until_{0};    // for failing
    std::atomic<std::int64_t> rest_until_{0};    // as its vendor wants
    std::atomic<bool> is_probed_{false};         // it has rested, and no call succeeded since
    std::atomic<std::int64_t> probe_until_{0};
    std::atomic<std::uint32_t> failures_{0};
    std::atomic<bool> is_down_{false};  // left alone for failing, and nothing succeeded since
    std::atomic<std::int64_t> back_since_{0};
    std::atomic<std::int64_t> retries_{10 * kRetry};
    std::atomic<std::uint32_t> in_flight_{0};
};

// Counts one call of a platform as under way, for as long as it lives.
class InFlight {
public:
    InFlight() = default;
    explicit InFlight(PlatformHealth& platform) : platform_(&platform) { ++platform.in_flight_; }
    InFlight(InFlight&& other) noexcept : platform_(std::exchange(other.platform_, nullptr)) {}
    InFlight& operator=(InFlight&& other) noexcept {
        if (this == &other) return *this;
        end();
        platform_ = std::exchange(other.platform_, nullptr);
        return *this;
    }
    ~InFlight() { end(); }
    void end() {
        if (platform_ != nullptr) --platform_->in_flight_;
        platform_ = nullptr;
    }

private:
    PlatformHealth* platform_ = nullptr;  // entries stay where they are for good
};

class Health {
public:
    PlatformHealth& at(std::string_view platform);
    std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const;
    std::uint32_t in_flight(std::string_view platform) const;
    std::optional<TimePoint> back_since(std::string_view platform) const;
    // Every platform that was ever asked for, by name; for metrics.
    std::vector<std::string> names() const;

private:
    const PlatformHealth* find(std::string_view platform) const;

    mutable std::mutex mutex_;  // guards the map; entries guard themselves
    std::map<std::string, std::unique_ptr<PlatformHealth>, std::less<>> platforms_;
};

}  // namespace aigw::routing
