// How far back a limit looks: a sliding window, a calendar day or month in UTC, or only at what is
// in flight.
//
// Shape:   time is cut into ticks, and counts are kept by tick. A sliding window is 60 of them; a
//          tick counts until all of it has left, which `end_of` gives. A day and a month are one
//          tick each. What is in flight has one tick that never ends: it is taken back instead.
// Source:  gateway.toml(5), LIMITS; contracts of the project ("Sliding windows").
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace aigw::limits {

class Period {
public:
    static constexpr std::int64_t kBuckets = 60;
    static constexpr std::chrono::milliseconds kShortest = std::chrono::seconds(1);
    static constexpr std::chrono::milliseconds kLongest = std::chrono::days(30);

    constexpr Period() = default;  // of what is in flight
    static constexpr Period sliding(std::chrono::microseconds length) {
        return Period(length.count());
    }
    static constexpr Period day() { return Period(kDay); }
    static constexpr Period month() { return Period(kMonth); }
    // "10m", "day", "month".
    static Result<Period> parse(std::string_view text);

    bool is_in_flight() const { return code_ == 0; }
    bool is_calendar() const { return code_ < 0; }
    // Of a sliding window.
    std::chrono::microseconds length() const { return std::chrono::microseconds(code_); }
    std::int64_t tick_of(TimePoint now) const {
        return code_ > 0 ? now.time_since_epoch() / bucket() : calendar_tick_of(now);
    }
    // How many ticks before the newest still count.
    std::int64_t older() const { return code_ > 0 ? kBuckets : 0; }
    // When a tick counts no more. Not of what is in flight.
    TimePoint end_of(std::int64_t tick) const;
    // "60s", "10m", "day"; empty for what is in flight.
    std::string text() const;

    friend bool operator==(const Period&, const Period&) = default;

private:
    static constexpr std::int64_t kDay = -1;
    static constexpr std::int64_t kMonth = -2;

    explicit constexpr Period(std::int64_t code) : code_(code) {}
    // Rounded up: 60 buckets are never shorter than the window.
    std::chrono::microseconds bucket() const {
        return std::chrono::microseconds((code_ + kBuckets - 1) / kBuckets);
    }
    std::int64_t calendar_tick_of(TimePoint now) const;

    std::int64_t code_ = 0;  // a length in microseconds, or one of the above
};

inline constexpr Period kSecond = Period::sliding(std::chrono::seconds(1));
inline constexpr Period kMinute = Period::sliding(std::chrono::seconds(60));

}  // namespace aigw::limits
