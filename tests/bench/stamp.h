// The time that the upstream writes into each paced event and the load generator reads out again.
// Both run on one machine, so one monotonic clock serves them.
#pragma once

#include <cstdint>
#include <ctime>
#include <string_view>

namespace aigw::bench {

inline constexpr std::string_view kStampMark = R"("content":")";
inline constexpr std::size_t kStampDigits = 19;  // nanoseconds since boot, zeros in front

inline std::int64_t now_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace aigw::bench
