#include "limits/cells.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace aigw;
using namespace aigw::limits;
using namespace std::chrono_literals;

namespace {

const TimePoint kNow = *parse_time("2026-11-20T10:00:00Z");

Limit limit_of(std::uint64_t rpm, Mode mode = Mode::Enforce) {
    const Options options{.name = "per-key", .rates = {rpm}, .mode = mode};
    return compile(std::span(&options, 1))->front();
}

bool take(Cells& cells, const Claim& claim, TimePoint now = kNow) {
    return cells.reserve(std::span(&claim, 1), now).has_value();
}

}  // namespace

TEST_CASE("limits: a call is refused when its window is full, and told when to return",
          "[limits]") {
    Cells cells;
    const Limit limit = limit_of(2);
    const Claim ci = claim(limit, "ci");
    CHECK(cells.read(ci, kNow) == Reading{0, 0ms});
    CHECK(take(cells, ci));
    CHECK(take(cells, ci, kNow + 10s));
    CHECK(cells.read(ci, kNow + 10s) == Reading{2, 51s});

    const auto refused = cells.reserve(std::span(&ci, 1), kNow + 58s + 600ms);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == Refusal{.claim = 0, .used = 2, .max = 2, .retry_after = 2400ms});
    CHECK(take(cells, claim(limit, "somebody else")));
    CHECK(take(cells, ci, kNow + 61s));
}

TEST_CASE("limits: a refused call leaves every window unchanged", "[limits]") {
    Cells cells;
    const Limit wide = platform_limits("a", {.rpm = 100}).front();
    const Limit narrow = limit_of(1);
    const Claim claims[] = {claim(wide, "a"), claim(narrow, "ci")};
    CHECK(cells.reserve(claims, kNow));
    const auto refused = cells.reserve(claims, kNow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().claim == 1);
    CHECK(cells.read(claims[0], kNow).used == 1);
    CHECK(cells.read(claims[1], kNow).used == 1);
}

TEST_CASE("limits: two claims on one window are counted together", "[limits]") {
    Cells cells;
    const Limit limit = limit_of(3);
    const Claim claims[] = {claim(limit, "ci"), claim(limit, "ci")};
    CHECK(cells.reserve(claims, kNow));
    CHECK_FALSE(cells.reserve(claims, kNow));
    CHECK(cells.read(claims[0], kNow).used == 2);
}

TEST_CASE("limits: a monitored limit counts and never refuses", "[limits]") {
    Cells cells;
    const Claim monitored = claim(limit_of(1, Mode::Monitor), "ci");
    for (int i = 0; i < 5; ++i) CHECK(take(cells, monitored));
    CHECK(cells.read(monitored, kNow).used == 5);
}

TEST_CASE("limits: a grant undoes its counts only when it is released", "[limits]") {
    struct Case {
        const char* name;
        void (*end)(Grant);
        std::uint64_t used;
    };
    const Case cases[] = {
        {"released", [](Grant grant) { grant.release(); }, 0},
        {"released twice",
         [](Grant grant) {
             grant.release();
             grant.release();
         },
         0},
        {"kept", [](Grant grant) { grant.keep(); }, 2},
        {"kept, then released",
         [](Grant grant) {
             grant.keep();
             grant.release();
         },
         2},
        {"destroyed", [](Grant) {}, 2},
        {"moved, then released",
         [](Grant grant) {
             Grant other = std::move(grant);
             other.release();
         },
         0},
        {"assigned over", [](Grant grant) { grant = Grant(); }, 2},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Cells cells;
            const Limit key = limit_of(10);
            const Limit platform = platform_limits("a", {.rpm = 10}).front();
            const Claim claims[] = {claim(key, "ci"), claim(platform, "a")};
            auto grant = cells.reserve(claims, kNow);
            REQUIRE(grant);
            CHECK(grant->size() == 2);
            c.end(std::move(*grant));
            CHECK(cells.read(claims[0], kNow).used + cells.read(claims[1], kNow).used == c.used);
        }
    }
}

TEST_CASE("limits: a reload keeps the counters of limits that keep their name", "[limits]") {
    Cells cells;
    const Options before[] = {{.name = "other", .rates = {9}}, {.name = "per-key", .rates = {5}}};
    const Options after[] = {{.name = "per-key", .rates = {2}}};
    const Limit old_limit = compile(before)->back();
    const Limit new_limit = compile(after)->front();
    CHECK(take(cells, claim(old_limit, "ci")));
    CHECK(take(cells, claim(old_limit, "ci")));
    CHECK(cells.read(claim(new_limit, "ci"), kNow) == Reading{2, 61s});
}

TEST_CASE("limits: exactly as many calls pass as the limit allows, whatever the threads do",
          "[limits]") {
    constexpr int kThreads = 8;
    constexpr int kCalls = 2000;
    constexpr std::uint64_t kMax = 5000;
    Cells cells;
    const Limit shared = limit_of(kMax);
    const Limit platform = platform_limits("a", {.rpm = 1'000'000}).front();
    std::atomic<std::uint64_t> passed = 0;
    std::atomic<std::uint64_t> undone = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                // Opposite orders, so that a careless order of locks would hang.
                Claim claims[] = {claim(shared, "ci"), claim(platform, "a")};
                if (t % 2 == 1) std::swap(claims[0], claims[1]);
                for (int i = 0; i < kCalls; ++i) {
                    auto grant = cells.reserve(claims, kNow + std::chrono::milliseconds(i));
                    if (!grant) continue;
                    if (i % 16 == 0) {
                        grant->release();
                        ++undone;
                    } else {
                        ++passed;
                    }
                }
            });
        }
    }
    CHECK(undone > 0);
    CHECK(passed == kMax);
    CHECK(cells.read(claim(shared, "ci"), kNow).used == kMax);
    CHECK(cells.read(claim(platform, "a"), kNow).used == kMax);
}

TEST_CASE("limits: a million subjects are forgotten once they are idle", "[limits]") {
    constexpr int kSubjects = 1'000'000;
    constexpr auto kApart = 5ms;  // 12,200 subjects live at a time
    std::vector<std::string> subjects;
    for (int i = 0; i < 512; ++i) subjects.push_back("known-" + std::to_string(i));
    Cells cells;
    const Limit limit = limit_of(1);
    TimePoint now = kNow;
    std::size_t most = 0;
    for (int i = 0; i < kSubjects; ++i, now += kApart) {
        if (!take(cells, claim(limit, "user-" + std::to_string(i)), now)) FAIL("refused " << i);
        if (i % 10'000 == 0) most = std::max(most, cells.size());
    }
    CHECK(most < 4 * 12'200);

    // Nobody new comes: calls of subjects that are known sweep what is left.
    now += 2min;
    std::vector<Claim> known;
    for (const std::string& subject : subjects) known.push_back(claim(limit, subject));
    for (int i = 0; i < 6'000 && cells.size() > 4 * known.size(); ++i) {
        for (const Claim& one : known) take(cells, one, now);
    }
    CHECK(cells.size() <= 4 * known.size());
}

TEST_CASE("limits: a cell is not dropped while a grant refers to it", "[limits]") {
    Cells cells;
    const Limit limit = limit_of(1);
    const Claim ci = claim(limit, "ci");
    auto grant = cells.reserve(std::span(&ci, 1), kNow);
    REQUIRE(grant);
    for (int i = 0; i < 100'000; ++i) {
        take(cells, claim(limit, "other-" + std::to_string(i % 1000)), kNow + 10min);
    }
    grant->release();
    CHECK(cells.read(ci, kNow).used == 0);
}

namespace {

// A claim of tokens on a limit of a thousand.
Claim tokens(std::uint32_t cost) {
    static const Limit limit = [] {
        const Options options{.name = "tokens", .rates = {.tpm = 1000}};
        return compile(std::span(&options, 1))->front();
    }();
    Claim claim = limits::claim(limit, "ci");
    claim.cost = cost;
    return claim;
}

}  // namespace

TEST_CASE("limits: tokens that were reserved give way to those that were used", "[limits]") {
    struct Case {
        const char* name;
        std::uint64_t used;
        std::chrono::seconds after;
        std::uint64_t counted;
    };
    const Case cases[] = {
        {"none", 0, 1s, 0},
        {"less", 100, 1s, 100},
        {"as many", 600, 1s, 600},
        {"more, which may be over the limit", 1200, 1s, 1200},
        {"less, once the reservation has left the window", 100, 70s, 0},
        {"more, once the reservation has left the window", 700, 70s, 100},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Cells cells;
            const Claim claims[] = {claim(limit_of(5), "ci"), tokens(600)};
            auto grant = cells.reserve(claims, kNow);
            REQUIRE(grant);
            CHECK_FALSE(take(cells, tokens(401)));
            grant->settle(c.used, kNow + c.after);
            CHECK(grant->size() == 0);
            CHECK(cells.read(tokens(1), kNow + c.after).used == c.counted);
            // Requests are not tokens.
            if (c.after < 60s) CHECK(cells.read(claims[0], kNow + c.after).used == 1);
        }
    }
}

TEST_CASE("limits: a grant can be shared out", "[limits]") {
    Cells cells;
    const Claim claims[] = {claim(limit_of(5), "ci"), tokens(600)};
    auto grant = cells.reserve(claims, kNow);
    REQUIRE(grant);
    Grant first = grant->take_first(1);
    CHECK(first.size() == 1);
    CHECK(grant->size() == 1);
    grant->release();
    CHECK(cells.read(claims[0], kNow).used == 1);
    CHECK(cells.read(claims[1], kNow).used == 0);
    first.release();
    CHECK(cells.read(claims[0], kNow).used == 0);
    CHECK(first.take_first(3).size() == 0);
}
