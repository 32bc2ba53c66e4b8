#include "base/time.h"

#include <catch2/catch.hpp>

#include "base/ids.h"

using namespace aigw;
using namespace std::chrono_literals;

TEST_CASE("time: RFC 3339 reads back what it wrote", "[base]") {
    struct Case {
        const char* text;
        const char* printed;  // nullptr: refused
    };
    const Case cases[] = {
        {"2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
        {"2026-11-20T10:00:00.25Z", "2026-11-20T10:00:00.250Z"},
        {"2026-11-20T10:00:00+08:00", "2026-11-20T02:00:00Z"},
        {"2026-11-20T23:30:00-01:30", "2026-11-21T01:00:00Z"},
        {"2026-11-20", "2026-11-20T00:00:00Z"},
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"2026-02-29", nullptr},
        {"2026-11-20T24:00:00Z", nullptr},
        {"2026-11-20T10:00:00", nullptr},
        {"2026-11-20T10:00:00.Z", nullptr},
        {"2026-11-20T10:00:00Zjunk", nullptr},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
        {"0000-01-01T00:00:00+01:00", nullptr},
        {"9999-12-31T23:59:59-01:00", nullptr},
        {"9999-12-31T23:59:60Z", nullptr},
        {"yesterday", nullptr},
        {"", nullptr},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.text << "\"") {
            const auto time = parse_time(c.text);
            REQUIRE(time.has_value() == (c.printed != nullptr));
            if (time) CHECK(render_time(*time) == c.printed);
        }
    }
}

TEST_CASE("time: durations carry their unit", "[base]") {
    struct Case {
        const char* text;
        std::int64_t ms;  // -1: refused
        const char* printed;
    };
    const Case cases[] = {
        {"10s", 10'000, "10s"},
        {"200ms", 200, "200ms"},
        {"1.5h", 5'400'000, "90m"},
        {"7d", 604'800'000, "7d"},
        {"0", 0, "0s"},
        {"60s", 60'000, "1m"},
        {"10", -1, ""},
        {"s", -1, ""},
        {"-1s", -1, ""},
        {"1 s", -1, ""},
        {"1.5ms", -1, ""},
        {"", -1, ""},
        {"1sec", -1, ""},
        {"9999999999999s", -1, ""},
        {"999999999999d", -1, ""},
        {"316224000000000ms", 316'224'000'000'000, "3660000d"},
        {"25759999999800ms", 25'759'999'999'800, "25759999999800ms"},
        {"316224000000001ms", -1, ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.text << "\"") {
            const auto duration = parse_duration(c.text);
            REQUIRE(duration.has_value() == (c.ms >= 0));
            if (duration) {
                CHECK(duration->count() == c.ms);
                CHECK(render_duration(*duration) == c.printed);
            }
        }
    }
    CHECK(render_seconds(2301ms) == "2.4s");
    CHECK(render_seconds(3000ms) == "3s");
}

TEST_CASE("ids: request ids sort by time and repeat with the seed", "[base]") {
    Random first(7);
    Random again(7);
    const TimePoint now = *parse_time("2026-11-20T10:00:00Z");
    const std::string id = make_request_id(now, first);
    CHECK(id == make_request_id(now, again));
    CHECK(id.size() == 30);
    CHECK(is_safe_id(id));
    CHECK(id < make_request_id(now + 5ms, first));
    CHECK_FALSE(is_safe_id(""));
    CHECK_FALSE(is_safe_id("a b"));
    CHECK_FALSE(is_safe_id("a\r\nb"));
    CHECK_FALSE(is_safe_id(std::string(129, 'a')));
}
