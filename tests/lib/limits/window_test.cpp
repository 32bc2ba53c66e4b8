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

namespace {

Window used_thrice() {
    Window window;
    for (const auto& [at, count] : {std::pair{0s, 5U}, std::pair{10s, 3U}, std::pair{40s, 2U}}) {
        window.advance(kStart + at);
        window.add(count);
    }
    return window;
}

}  // namespace

TEST_CASE("limits: the wait ends when enough has left", "[limits]") {
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
            CHECK(used_thrice().wait(c.max, c.cost, now) == c.wait);
            const TimePoint then = now + c.wait;
            if (c.cost > c.max) return;
            Window later = used_thrice();
            later.advance(then);
            CHECK(later.has_room(c.max, c.cost));
            if (c.wait == 0ms) return;
            later = used_thrice();
            later.advance(then - 1ms);
            CHECK_FALSE(later.has_room(c.max, c.cost));
        }
    }
}

TEST_CASE("limits: looking at a window at another time leaves it as it is", "[limits]") {
    const Window window = used_thrice();
    struct Case {
        const char* name;
        std::chrono::seconds at;
        std::uint64_t used;
    };
    const Case cases[] = {
        {"now", 40s, 10},
        {"once the first bucket has left", 61s, 5},
        {"once two have", 71s, 2},
        {"once all have", 101s, 0},
        {"a little earlier", 5s, 10},
        {"long before", -10min, 0},
        {"now, again", 40s, 10},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(window.used(kStart + c.at) == c.used);
        }
    }
}

TEST_CASE("limits: windows of every length and of the calendar end when they say", "[limits]") {
    struct Case {
        const char* name;
        const char* period;
        const char* counted;
        const char* last;   // when it still counts
        const char* ended;  // when it does no more
    };
    const Case cases[] = {
        {"a second", "1s", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.999Z",
         "2026-11-20T10:00:01.050Z"},
        {"ten minutes", "10m", "2026-11-20T10:00:00Z", "2026-11-20T10:10:09.999Z",
         "2026-11-20T10:10:10Z"},
        {"thirty days", "30d", "2026-11-20T00:00:00Z", "2026-12-20T11:59:59Z",
         "2026-12-20T12:00:00Z"},
        {"a day", "day", "2026-11-20T10:00:00Z", "2026-11-20T23:59:59.999Z",
         "2026-11-21T00:00:00Z"},
        {"a month", "month", "2026-11-20T10:00:00Z", "2026-11-30T23:59:59Z",
         "2026-12-01T00:00:00Z"},
        {"a month at the end of a year", "month", "2026-12-31T23:59:59Z", "2026-12-31T23:59:59Z",
         "2027-01-01T00:00:00Z"},
        {"a day, by a clock that steps back over midnight", "day", "2026-11-20T00:00:00Z",
         "2026-11-19T23:59:59Z", "2026-11-17T00:00:00Z"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Window window(*Period::parse(c.period));
            const TimePoint counted = *parse_time(c.counted);
            const TimePoint ended = *parse_time(c.ended);
            window.advance(counted);
            window.add(7);
            CHECK(window.used(*parse_time(c.last)) == 7);
            CHECK(window.used(ended) == 0);
            if (ended > counted) {
                const auto wait = window.wait(7, 1, counted);
                CHECK(window.used(counted + wait) == 0);
                CHECK(window.used(counted + wait - 1ms) == 7);
            }
            window.advance(ended);
            CHECK(window.used() == 0);
        }
    }
}

TEST_CASE("limits: a bucket may hold more than 32 bits can", "[limits]") {
    constexpr std::uint64_t kMuch = 5'000'000'000'000;
    Window window;
    const std::int64_t first = window.advance(kStart);
    window.add(3);
    window.advance(kStart + 1s);
    window.add(kMuch);
    window.advance(kStart + 2s);
    window.add(4);
    CHECK(window.used() == kMuch + 7);
    window.remove(first, 1);
    CHECK(window.used() == kMuch + 6);
    window.advance(kStart + 61s);
    CHECK(window.used() == kMuch + 4);
    window.advance(kStart + 62s);
    CHECK(window.used() == 4);
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
