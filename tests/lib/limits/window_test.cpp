#include "limits/window.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::limits;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart = *parse_time("2026-11-20T10:00:00Z");

}  // namespace

TEST_CASE("limits: a count stays in its window until its whole bucket has left", "[limits]") {
    struct Case {
        const char* name;
        std::chrono::microseconds counted;
        std::chrono::microseconds read;
        std::uint64_t used;
    };
    const Case cases[] = {
        {"at once", 0us, 0us, 1},
        {"one microsecond before a window has passed", 0us, 60s - 1us, 1},
        {"when a window has passed, its bucket has not", 0us, 60s, 1},
        {"the last moment of the bucket", 0us, 61s - 1us, 1},
        {"when the bucket has left", 0us, 61s, 0},
        {"counted late in its bucket, it leaves with it", 1s - 1us, 61s - 1us, 1},
        {"and never before its own window has passed", 1s - 1us, 61s, 0},
        {"long after", 0us, 3h, 0},
        {"a clock that stepped back a little", 10s, 5s, 1},
        {"a clock that stepped back by more than the window", 3h, 0s, 0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Window window;
            window.advance(kStart + c.counted);
            window.add(1);
            CHECK(window.is_idle(kStart + c.read) == (c.used == 0));
            window.advance(kStart + c.read);
            CHECK(window.used() == c.used);
        }
    }
}

TEST_CASE("limits: the wait ends when enough has left", "[limits]") {
    Window window;
    for (const auto& [at, count] : {std::pair{0s, 5U}, std::pair{10s, 3U}, std::pair{40s, 2U}}) {
        window.advance(kStart + at);
        window.add(count);
    }
    const TimePoint now = kStart + 40s + 600ms;
    struct Case {
        const char* name;
        std::uint64_t max;
        std::uint64_t cost;
        std::chrono::milliseconds wait;
    };
    const Case cases[] = {
        {"there is room", 11, 1, 0ms},
        {"the first bucket makes room", 10, 1, 20'400ms},
        {"the first bucket makes room for all of it", 10, 5, 20'400ms},
        {"it takes two buckets", 10, 6, 30'400ms},
        {"it takes everything", 10, 10, 60'400ms},
        {"there will never be room", 10, 11, 60s},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(window.wait(c.max, c.cost, now) == c.wait);
            const TimePoint then = now + c.wait;
            if (c.cost > c.max) return;
            Window later = window;
            later.advance(then);
            CHECK(later.has_room(c.max, c.cost));
            if (c.wait == 0ms) return;
            later = window;
            later.advance(then - 1ms);
            CHECK_FALSE(later.has_room(c.max, c.cost));
        }
    }
}

TEST_CASE("limits: what is taken back leaves the window as it was", "[limits]") {
    Window window;
    const std::int64_t first = window.advance(kStart);
    window.add(3);
    const std::int64_t second = window.advance(kStart + 5s);
    window.add(2);
    window.remove(first, 3);
    CHECK(window.used() == 2);
    window.advance(kStart + 64s);
    window.remove(first, 3);
    CHECK(window.used() == 2);
    window.remove(second, 2);
    CHECK(window.used() == 0);
}

TEST_CASE("limits: no stretch of a window's length ever holds more than the limit", "[limits]") {
    constexpr std::uint64_t kMax = 7;
    Window window;
    std::vector<TimePoint> passed;
    for (TimePoint now = kStart; now < kStart + 10min; now += 137ms) {
        window.advance(now);
        if (!window.has_room(kMax, 1)) continue;
        window.add(1);
        passed.push_back(now);
        if (passed.size() <= kMax) continue;
        REQUIRE(passed.back() - passed[passed.size() - 1 - kMax] >= 60s);
    }
    // Ten minutes have room for ten windows; buckets may cost one of sixty-one.
    CHECK(passed.size() >= 9 * kMax);
}
