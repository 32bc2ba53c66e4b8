// Points in time and durations, as text and as values. Nothing here reads a clock: `now` is always
// an argument.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw {

// Wall-clock time, UTC, to the microsecond.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

// RFC 3339 in UTC: "2026-11-20T10:00:00Z"; a fraction is written only when there is one, to the
// millisecond.
std::string render_time(TimePoint time);
// RFC 3339, with "Z" or an offset; a date alone ("2026-11-20") is its midnight UTC.
Result<TimePoint> parse_time(std::string_view text);

// "10s", "200ms", "1.5h", "2m", "7d": a number with one unit of ms, s, m, h, d. "0" needs no unit.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest exact form that parse_duration reads back: "10s", "1500ms", "1h".
std::string render_duration(std::chrono::milliseconds duration);
// Seconds with at most one digit after the point, rounded up: "2.4s". What a Decision's retry_after
// shows.
std::string render_seconds(std::chrono::milliseconds duration);

}  // namespace aigw
