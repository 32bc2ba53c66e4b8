#include "limits/cells.h"

#include <algorithm>
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
            grant->settle({.tokens = c.used}, kNow + c.after);
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

namespace {

const Currency kUsd = Currency::literal("USD");

// One limit of each kind, each with room for `max` of what it counts.
std::vector<Limit> every_kind(std::uint64_t max) {
    Options options{.name = "all"};
    options.rates = {.rpm = max,
                     .tpm = max,
                     .qps = max,
                     .concurrency = max,
                     .tokens = {{Period::sliding(1h), max, {}}, {Period::day(), max, {}}},
                     .money = {{Period::month(), max, kUsd}}};
    return *compile(std::span(&options, 1));
}

std::vector<Claim> claims_of(const std::vector<Limit>& limits, std::string_view subject) {
    std::vector<Claim> claims;
    for (const Limit& limit : limits) claims.push_back(claim(limit, subject));
    return claims;
}

}  // namespace

TEST_CASE("limits: what is in flight is given back whichever way a grant ends", "[limits]") {
    struct Case {
        const char* name;
        void (*end)(Grant);
    };
    const Case cases[] = {
        {"released", [](Grant grant) { grant.release(); }},
        {"settled", [](Grant grant) { grant.settle({}, kNow + 3s); }},
        {"kept", [](Grant grant) { grant.keep(); }},
        {"destroyed", [](Grant) {}},
        {"assigned over", [](Grant grant) { grant = Grant(); }},
        {"shared out, and both destroyed", [](Grant grant) { Grant first = grant.take_first(2); }},
    };
    Options options{.name = "slots", .rates = {.concurrency = 1}};
    const Limit limit = compile(std::span(&options, 1))->front();
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Cells cells;
            const Claim slot = claim(limit, "ci");
            auto grant = cells.reserve(std::span(&slot, 1), kNow);
            REQUIRE(grant);
            // However long it takes.
            const auto refused = cells.reserve(std::span(&slot, 1), kNow + 48h);
            REQUIRE_FALSE(refused);
            CHECK(refused.error() == Refusal{.claim = 0, .used = 1, .max = 1, .retry_after = 1s});
            c.end(std::move(*grant));
            CHECK(cells.read(slot, kNow).used == 0);
            CHECK(take(cells, slot));
        }
    }
}

TEST_CASE("limits: money that was reserved gives way to what the call cost", "[limits]") {
    struct Case {
        const char* name;
        std::optional<Money> cost;
        std::uint64_t counted;
    };
    const Case cases[] = {
        {"nothing", Money(), 0},
        {"less", Money(1, kUsd), 1},
        {"more, which may be over the limit", Money(900'000'000, kUsd), 900'000'000},
        {"of another currency", Money(7, Currency::literal("CNY")), 0},
        {"not known: the estimate stands", std::nullopt, 413'100},
    };
    const Options options{.name = "budget",
                          .rates = {.money = {{Period::month(), 500'000'000, kUsd}}}};
    const Limit limit = compile(std::span(&options, 1))->front();
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Cells cells;
            Claim budget = claim(limit, "ci");
            budget.cost = 413'100;
            auto grant = cells.reserve(std::span(&budget, 1), kNow);
            REQUIRE(grant);
            grant->settle({.tokens = 5, .money = c.cost}, kNow + 1s);
            CHECK(cells.read(budget, kNow + 1s).used == c.counted);
        }
    }
}

TEST_CASE("limits: exactly as much passes as limits of every kind allow, whatever the threads do",
          "[limits]") {
    constexpr int kThreads = 64;
    constexpr int kCalls = 200;
    constexpr std::uint64_t kMax = 3000;
    Cells cells;
    const std::vector<Limit> limits = every_kind(kMax);
    std::atomic<std::uint64_t> passed = 0;
    std::vector<Grant> held[kThreads];
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                std::vector<Claim> claims = claims_of(limits, "ci");
                if (t % 2 == 1) std::reverse(claims.begin(), claims.end());
                for (int i = 0; i < kCalls; ++i) {
                    auto grant = cells.reserve(claims, kNow + std::chrono::milliseconds(i));
                    if (!grant) continue;
                    if (i % 16 == 0) {
                        grant->release();
                    } else {
                        ++passed;
                        held[t].push_back(std::move(*grant));
                    }
                }
            });
        }
    }
    CHECK(passed == kMax);
    for (const Claim& claim : claims_of(limits, "ci")) CHECK(cells.read(claim, kNow).used == kMax);
    for (auto& grants : held)
        for (Grant& grant : grants) grant.settle({.tokens = 1, .money = Money(1, kUsd)}, kNow);
    for (const Claim& claim : claims_of(limits, "ci")) {
        const bool is_in_flight = claim.quantity == Quantity::InFlight;
        CHECK(cells.read(claim, kNow).used == (is_in_flight ? 0 : kMax));
    }
}

TEST_CASE("limits: whatever becomes of ten thousand exchanges, nothing stays in flight",
          "[limits]") {
    constexpr int kExchanges = 10'000;
    constexpr std::uint64_t kMax = 40;
    Cells cells;
    std::vector<Limit> callers = every_kind(1'000'000);
    for (Limit& limit : callers)
        if (limit.kind == Kind::Concurrency) limit.max = kMax;
    Options own{.name = "platform", .by = Subject::Platform, .rates = {.concurrency = kMax}};
    const Limit platform = compile(std::span(&own, 1))->front();
    std::vector<std::pair<Grant, Grant>> under_way;  // the caller's and the platform's
    std::uint64_t state = 7;
    const auto random = [&](std::uint64_t below) {
        state = state * 6364136223846793005 + 1442695040888963407;
        return (state >> 33) % below;
    };
    TimePoint now = kNow;
    std::size_t refused = 0;
    std::size_t fell_back = 0;
    for (int i = 0; i < kExchanges; ++i, now += std::chrono::milliseconds(random(400))) {
        std::vector<Claim> claims = claims_of(callers, random(2) == 0 ? "ci" : "batch");
        for (Claim& claim : claims)
            if (claim.quantity != Quantity::InFlight) claim.cost = random(2);
        const std::size_t of_caller = claims.size();
        claims.push_back(claim(platform, random(2) == 0 ? "a" : "b"));
        auto grant = cells.reserve(claims, now);
        if (!grant) {
            ++refused;
        } else {
            Grant caller = grant->take_first(of_caller);
            under_way.emplace_back(std::move(caller), std::move(*grant));
        }
        if (under_way.empty() || random(3) == 0) continue;
        std::swap(under_way[random(under_way.size())], under_way.back());
        auto& [caller, last] = under_way.back();
        const Used used{.tokens = random(3), .money = Money(Int128(random(3)), kUsd)};
        switch (random(6)) {
            case 0:  // finished
                caller.settle(used, now);
                last.settle(used, now);
                break;
            case 1:  // failed
                last.settle({.money = Money()}, now);
                break;
            case 2:  // could not be said
                last.release();
                caller.release();
                break;
            case 3:  // the next platform is tried
                last.settle({.money = Money()}, now);
                ++fell_back;
                if (auto next = cells.reserve(std::span(&claims.back(), 1), now)) {
                    last = std::move(*next);
                    continue;
                }
                break;
            case 4:
                caller.keep();
                break;
            default:  // the client has gone
                break;
        }
        under_way.pop_back();
    }
    CHECK(refused > 0);
    CHECK(fell_back > 1000);
    under_way.clear();
    for (const char* name : {"a", "b"}) CHECK(cells.read(claim(platform, name), now).used == 0);
    for (const char* name : {"ci", "batch"})
        for (const Claim& claim : claims_of(callers, name))
            if (claim.quantity == Quantity::InFlight) CHECK(cells.read(claim, now).used == 0);
}

TEST_CASE("limits: a million keys have their counters in bounded memory", "[limits]") {
    constexpr std::size_t kKeys = 1'000'000;
    Cells cells;
    const Limit limit = limit_of(60);
    std::string name = "key-0000000";
    const auto call_all = [&](TimePoint now) {
        for (std::size_t i = 0; i < kKeys; ++i) {
            std::size_t rest = i;
            for (std::size_t at = name.size(); rest > 0; rest /= 10)
                name[--at] = static_cast<char>('0' + rest % 10);
            take(cells, claim(limit, name), now);
        }
    };
    call_all(kNow);
    CHECK(cells.size() == kKeys);
    CHECK(cells.bytes() / kKeys < 200);  // called within one second
    call_all(kNow + 5s);
    CHECK(cells.size() == kKeys);
    CHECK(cells.bytes() / kKeys < 440);  // and again within the same minute
}
