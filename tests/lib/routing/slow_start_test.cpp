#include "routing/slow_start.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace aigw;
using namespace aigw::routing;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow = *parse_time("2026-11-20T10:00:00Z");

}  // namespace

TEST_CASE("slow start: a platform's share grows evenly from a tenth to all of it", "[routing]") {
    struct Case {
        const char* name;
        std::optional<TimePoint> back_since;
        std::chrono::milliseconds slow_start;
        std::uint32_t warmth;
    };
    const Case cases[] = {
        {"it was never away", std::nullopt, 30s, 1'000},
        {"there is no slow start", kNow, 0s, 1'000},
        {"it is just back", kNow, 30s, 100},
        {"after a third", kNow - 10s, 30s, 400},
        {"after two thirds", kNow - 20s, 30s, 700},
        {"after nearly all", kNow - 29'999ms, 30s, 999},
        {"after all", kNow - 30s, 30s, 1'000},
        {"long after", kNow - 24h, 30s, 1'000},
        {"it will be back", kNow + 5s, 30s, 100},
        {"over a day", kNow - 12h, 24h, 550},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(warmth_at(kNow, c.back_since, c.slow_start) == c.warmth);
        }
    }
}

TEST_CASE("slow start: of many turns as many are taken as the warmth says", "[routing]") {
    constexpr int kTurns = 100'000;
    for (const std::uint32_t warmth : {0U, 100U, 400U, 999U, 1'000U}) {
        // Tickets that count up, and those of one member of three.
        for (const std::uint64_t step : {1U, 3U}) {
            DYNAMIC_SECTION(warmth << " per mille, every " << step) {
                int taken = 0;
                for (std::uint64_t ticket = 0; ticket < kTurns * step; ticket += step)
                    taken += takes_turn(warmth, ticket) ? 1 : 0;
                CHECK(std::abs(taken - static_cast<int>(warmth) * (kTurns / 1'000)) <= 500);
                if (warmth == 0) CHECK(taken == 0);
                if (warmth == kFullWarmth) CHECK(taken == kTurns);
            }
        }
    }
}

TEST_CASE("slow start: a turn that is taken at some warmth is taken at any higher one",
          "[routing]") {
    for (std::uint64_t ticket = 0; ticket < 1'000; ++ticket) {
        bool was_taken = false;
        for (std::uint32_t warmth = 0; warmth <= kFullWarmth; warmth += 50) {
            const bool is_taken = takes_turn(warmth, ticket);
            if (was_taken && !is_taken) FAIL("ticket " << ticket << " at " << warmth);
            was_taken = is_taken;
        }
    }
}
