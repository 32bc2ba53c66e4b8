#include "routing/retry.h"

#include <catch2/catch.hpp>

#include "routing/health.h"

using namespace aigw;
using namespace aigw::routing;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kNow = TimePoint(std::chrono::hours(24));

Failure status(int code, std::optional<std::chrono::milliseconds> retry_after = {}) {
    return {.kind = FailureKind::Status, .status = code, .retry_after = retry_after};
}

}  // namespace

TEST_CASE("retry: the words of `on` name failures", "[routing]") {
    struct Row {
        const char* word;
        Failure failure;
        bool has;
    };
    const std::vector<Row> rows{
        {"connect", {.kind = FailureKind::Connect}, true},
        {"connect", {.kind = FailureKind::Broken}, true},
        {"connect", {.kind = FailureKind::Timeout}, false},
        {"timeout", {.kind = FailureKind::Timeout}, true},
        {"timeout", status(500), false},
        {"429", status(429), true},
        {"429", status(408), false},
        {"429", status(500), false},
        {"5xx", status(500), true},
        {"5xx", status(599), true},
        {"5xx", status(429), false},
        {"5xx", {.kind = FailureKind::Connect}, false},
        {"503", status(503), true},
        {"503", status(500), false},
        {"402", status(402), true},
        {"402", status(400), false},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.word << (row.has ? " has " : " has not ") << row.failure.status) {
            const auto on = RetryOn::parse(row.word);
            REQUIRE(on);
            CHECK(on->has(row.failure) == row.has);
            CHECK(on->words() == std::vector<std::string>{row.word});
        }
    }
    CHECK(RetryOn::defaults().words() ==
          std::vector<std::string>{"connect", "401", "402", "403", "408", "429", "5xx"});
}

TEST_CASE("retry: other words are refused with what would be right", "[routing]") {
    const std::string known =
        ": one of connect, timeout, 401, 402, 403, 408, 429, 5xx, or a status from 500 to 599";
    struct Row {
        const char* word;
        std::string error;
    };
    const std::vector<Row> rows{
        {"", "names \"\"" + known},
        {"conect", "names \"conect\"" + known},
        {"200", "names \"200\"" + known},
        {"4xx", "names \"4xx\"" + known},
        {"600", "names \"600\"" + known},
        {"+50", "names \"+50\"" + known},
        {"5000", "names \"5000\"" + known},
        {"400", "names 400: a vendor that refuses a request would refuse it again"},
        {"422", "names 422: a vendor that refuses a request would refuse it again"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION("word " << row.word) {
            const auto on = RetryOn::parse(row.word);
            REQUIRE_FALSE(on);
            CHECK(render_line(on.error()) == row.error);
        }
    }
}

TEST_CASE("retry: pauses double, are spread, and end with the attempts", "[routing]") {
    const RetryOptions options{.attempts = 6, .shortest_pause = 200ms, .longest_pause = 1000ms};
    const auto longest = [&](std::uint32_t calls) {
        return pause_before_retry(options, status(503), calls, 0);
    };
    CHECK(longest(1) == 200ms);
    CHECK(longest(2) == 400ms);
    CHECK(longest(3) == 800ms);
    CHECK(longest(4) == 1000ms);
    CHECK(longest(5) == 1000ms);
    CHECK(longest(6) == std::nullopt);
    for (std::uint64_t random = 0; random < 1000; ++random) {
        const auto pause = pause_before_retry(options, status(503), 2, random);
        REQUIRE(pause);
        CHECK(*pause >= 200ms);
        CHECK(*pause <= 400ms);
    }
}

TEST_CASE("retry: a vendor that says when is believed, up to the longest pause", "[routing]") {
    RetryOptions options{.attempts = 2, .shortest_pause = 200ms, .longest_pause = 2s};
    CHECK(pause_before_retry(options, status(429, 1500ms), 1, 0) == 1500ms);
    CHECK(pause_before_retry(options, status(429, 2s), 1, 0) == 2s);
    CHECK(pause_before_retry(options, status(429, 0ms), 1, 0) == 200ms);
    CHECK(pause_before_retry(options, status(429, 2001ms), 1, 0) == std::nullopt);
    options.honour_retry_after = false;
    CHECK(pause_before_retry(options, status(429, 1h), 1, 0) == 200ms);
}

TEST_CASE("retry: a refused key is not tried again", "[routing]") {
    for (const int code : {401, 402, 403}) {
        CHECK(is_about_the_key(status(code)));
        CHECK(pause_before_retry({.attempts = 9}, status(code), 1, 0) == std::nullopt);
    }
    CHECK_FALSE(is_about_the_key(status(404)));
    CHECK_FALSE(is_about_the_key({.kind = FailureKind::Connect}));
}

TEST_CASE("health: failures in a row leave a platform alone for a while", "[routing]") {
    Health health;
    PlatformHealth& a = health.at("a");
    const HealthOptions options{.failures = 3, .open_for = 30s};
    CHECK_FALSE(a.failed(options, kNow));
    CHECK_FALSE(a.failed(options, kNow));
    CHECK_FALSE(a.succeeded(kNow));
    CHECK_FALSE(a.failed(options, kNow));
    CHECK_FALSE(a.failed(options, kNow));
    CHECK(health.open_until("a", kNow) == std::nullopt);
    CHECK(a.failed(options, kNow));
    CHECK(health.open_until("a", kNow) == kNow + 30s);
    CHECK_FALSE(a.failed(options, kNow + 1s));  // a call that was under way
    CHECK(health.open_until("a", kNow + 31s) == std::nullopt);
    CHECK(a.failed(options, kNow + 32s));  // one is enough now
    CHECK(a.succeeded(kNow + 64s));
    CHECK_FALSE(a.succeeded(kNow + 65s));  // it is back already
    CHECK_FALSE(a.failed(options, kNow + 90s));
    CHECK(health.open_until("b", kNow) == std::nullopt);
    CHECK(health.names() == std::vector<std::string>{"a"});
}

TEST_CASE("health: a platform that failed is probed by one call at a time", "[routing]") {
    using Start = PlatformHealth::Start;
    constexpr auto kPatience = 30s;
    Health health;
    PlatformHealth& a = health.at("a");
    const HealthOptions options{.failures = 1, .open_for = 10s};
    for (int i = 0; i < 3; ++i) CHECK(a.start(kNow, kPatience) == Start::Usual);
    CHECK(a.failed(options, kNow));

    const TimePoint later = kNow + 11s;
    CHECK(a.open_until(later) == std::nullopt);
    CHECK(a.start(later, kPatience) == Start::Probe);
    CHECK(a.start(later, kPatience) == Start::NotNow);
    CHECK(a.open_until(later) == later + kPatience);  // for the others

    SECTION("its failure leaves the platform alone again") {
        a.end_probe();
        CHECK(a.failed(options, later));
        CHECK(a.open_until(later) == later + 10s);
    }
    SECTION("its success ends it") {
        a.end_probe();
        CHECK(a.succeeded(later));
        CHECK(a.open_until(later) == std::nullopt);
        for (int i = 0; i < 3; ++i) CHECK(a.start(later, kPatience) == Start::Usual);
    }
    SECTION("one that nobody hears of again gives its place to another") {
        const TimePoint much_later = later + kPatience;
        CHECK(a.open_until(much_later) == std::nullopt);
        CHECK(a.start(much_later, kPatience) == Start::Probe);
        CHECK(a.start(much_later, kPatience) == Start::NotNow);
    }
    SECTION("one whose client has left says nothing") {
        a.end_probe();
        CHECK(a.open_until(later) == std::nullopt);
        CHECK(a.start(later, kPatience) == Start::Probe);
    }
}

TEST_CASE("health: an active probe that succeeds ends what failures began, and forgets none",
          "[routing]") {
    using Start = PlatformHealth::Start;
    Health health;
    PlatformHealth& a = health.at("a");
    const HealthOptions options{.failures = 2, .open_for = 30s};
    CHECK_FALSE(a.recovered(kNow));  // it was never away
    CHECK_FALSE(a.failed(options, kNow));
    CHECK_FALSE(a.recovered(kNow));
    CHECK(a.failed(options, kNow));

    CHECK(a.recovered(kNow + 5s));
    CHECK_FALSE(a.recovered(kNow + 5s));
    CHECK(a.open_until(kNow + 5s) == std::nullopt);
    for (int i = 0; i < 3; ++i) CHECK(a.start(kNow + 5s, 30s) == Start::Usual);
    SECTION("the next failure of a call is enough") {
        CHECK(a.failed(options, kNow + 6s));
        CHECK(a.open_until(kNow + 6s) == kNow + 36s);
    }
    SECTION("a call that succeeds forgets them") {
        CHECK_FALSE(a.succeeded(kNow + 6s));  // it was back already
        CHECK_FALSE(a.failed(options, kNow + 7s));
        CHECK(a.open_until(kNow + 7s) == std::nullopt);
    }
}

TEST_CASE("health: what the vendor has asked for no active probe ends", "[routing]") {
    using Start = PlatformHealth::Start;
    PlatformHealth a;
    a.rest_until(kNow + 60s);
    CHECK_FALSE(a.recovered(kNow + 5s));
    CHECK(a.open_until(kNow + 5s) == kNow + 60s);
    CHECK(a.start(kNow + 61s, 30s) == Start::Probe);  // as if there had been no active one
    CHECK(a.back_since() == std::nullopt);
}

TEST_CASE("health: it is known since when a platform is back that was left alone for failing",
          "[routing]") {
    Health health;
    PlatformHealth& a = health.at("a");
    const HealthOptions options{.failures = 1, .open_for = 10s};
    CHECK(health.back_since("a") == std::nullopt);
    CHECK(health.back_since("b") == std::nullopt);
    CHECK(a.failed(options, kNow));
    CHECK(health.back_since("a") == std::nullopt);
    SECTION("a call succeeded after the time") {
        CHECK(a.succeeded(kNow + 12s));
        CHECK(health.back_since("a") == kNow + 12s);
        CHECK_FALSE(a.succeeded(kNow + 20s));
        CHECK(health.back_since("a") == kNow + 12s);
    }
    SECTION("a call that had begun before succeeded while others leave it alone") {
        CHECK(a.succeeded(kNow + 2s));
        CHECK(health.back_since("a") == kNow + 10s);
    }
    SECTION("an active probe succeeded") {
        CHECK(a.recovered(kNow + 4s));
        CHECK(health.back_since("a") == kNow + 4s);
    }
    SECTION("not any more once it has failed again") {
        CHECK(a.recovered(kNow + 4s));
        CHECK(a.failed(options, kNow + 5s));
        CHECK(health.back_since("a") == std::nullopt);
    }
}

TEST_CASE("health: rest ends when the longest of its causes ends", "[routing]") {
    PlatformHealth health;
    health.rest_until(kNow + 10s);
    health.rest_until(kNow + 5s);
    CHECK(health.open_until(kNow) == kNow + 10s);
    CHECK(health.open_until(kNow + 10s) == std::nullopt);
    for (int i = 0; i < 100; ++i) CHECK_FALSE(health.failed({.failures = 0}, kNow + 20s));
}

TEST_CASE("health: retries are a share of the calls, after ten that are free", "[routing]") {
    PlatformHealth health;
    for (int i = 0; i < 10; ++i) CHECK(health.take_retry());
    CHECK_FALSE(health.take_retry());
    for (int call = 0; call < 4; ++call) health.earn_retry(20);
    CHECK_FALSE(health.take_retry());
    health.earn_retry(20);
    CHECK(health.take_retry());
    CHECK_FALSE(health.take_retry());
    for (int call = 0; call < 100'000; ++call) health.earn_retry(20);
    int saved = 0;
    while (health.take_retry()) ++saved;
    CHECK(saved == 100);
}
