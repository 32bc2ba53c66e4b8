#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "routing/balance.h"
#include "routing/health.h"
#include "routing/tickets.h"

using namespace aigw;
using namespace aigw::routing;

namespace {

using Counts = std::vector<std::uint64_t>;

Balance balance(Algorithm algorithm, const std::vector<std::uint32_t>& weights) {
    std::vector<Member> members;
    for (const std::uint32_t weight : weights)
        members.push_back({static_cast<PlatformIndex>(members.size()), weight});
    auto made = Balance::make({.name = "pool", .algorithm = algorithm}, std::move(members), 0);
    REQUIRE(made.has_value());
    return *made;
}

std::vector<PlatformIndex> order(const Balance& group, std::uint64_t ticket,
                                 const std::vector<std::uint32_t>& in_flight = {}) {
    std::vector<PlatformIndex> out(group.members().size());
    group.order(ticket, in_flight, out);
    return out;
}

std::string letters(const std::vector<PlatformIndex>& platforms) {
    std::string text;
    for (const PlatformIndex each : platforms) text += static_cast<char>('a' + each);
    return text;
}

// The first of each order for tickets from 0.
std::string turns(const Balance& group, std::uint64_t tickets) {
    std::string text;
    for (std::uint64_t ticket = 0; ticket < tickets; ++ticket)
        text += letters({order(group, ticket).front()});
    return text;
}

}  // namespace

TEST_CASE("balance: each algorithm takes turns in its own way", "[routing]") {
    struct Case {
        const char* name;
        Algorithm algorithm;
        std::vector<std::uint32_t> weights;
        const char* turns;
    };
    const Case cases[] = {
        {"failover", Algorithm::Failover, {1, 1, 1}, "aaaaaaa"},
        {"round robin", Algorithm::RoundRobin, {1, 1, 1}, "abcabca"},
        {"round robin knows no weights", Algorithm::RoundRobin, {5, 1, 1}, "abcabca"},
        {"smooth weighted spreads the turns", Algorithm::WeightedRoundRobin, {5, 1, 1}, "aabacaa"},
        {"smooth weighted, two", Algorithm::WeightedRoundRobin, {3, 1}, "aabaaab"},
        {"smooth weighted of equal weights", Algorithm::WeightedRoundRobin, {7, 7}, "abababa"},
        {"one member", Algorithm::WeightedRoundRobin, {3}, "aaaaaaa"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(turns(balance(c.algorithm, c.weights), 7) == c.turns);
        }
    }
}

TEST_CASE("balance: every order holds every member once", "[routing]") {
    for (const Algorithm algorithm :
         {Algorithm::RoundRobin, Algorithm::Random, Algorithm::WeightedRandom,
          Algorithm::WeightedRoundRobin, Algorithm::LeastConnections}) {
        const Balance group = balance(algorithm, {3, 1, 2, 9});
        Random random(7);
        for (std::uint64_t i = 0; i < 500; ++i) {
            const std::uint64_t ticket = i % 2 == 0 ? i : random.next();
            auto all = order(group, ticket, {4, 3, 2, 1});
            CHECK(order(group, ticket, {4, 3, 2, 1}) == all);
            std::ranges::sort(all);
            REQUIRE(letters(all) == "abcd");
        }
    }
    const Balance many = balance(Algorithm::RoundRobin, std::vector<std::uint32_t>(100, 1));
    auto all = order(many, 12'345'678);
    CHECK(all.front() == 78);
    std::ranges::sort(all);
    CHECK(all.back() == 99);
    CHECK(std::ranges::adjacent_find(all) == all.end());
}

TEST_CASE("balance: a member that is out leaves its share to all the others", "[routing]") {
    struct Case {
        const char* name;
        Algorithm algorithm;
        std::vector<std::uint32_t> weights;
        Counts shares;  // of 1,200 calls, the first member being out
    };
    const Case cases[] = {
        {"round robin", Algorithm::RoundRobin, {1, 1, 1}, {0, 600, 600}},
        {"smooth weighted", Algorithm::WeightedRoundRobin, {2, 3, 1}, {0, 900, 300}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Balance group = balance(c.algorithm, c.weights);
            Counts shares(c.weights.size(), 0);
            for (std::uint64_t ticket = 0; ticket < 1'200; ++ticket) {
                const auto all = order(group, ticket);
                ++shares[all[0] == 0 ? all[1] : all[0]];
            }
            CHECK(shares == c.shares);
        }
    }
}

TEST_CASE("balance: the fewest calls for its weight come first, equal ones in turn", "[routing]") {
    struct Case {
        const char* name;
        std::vector<std::uint32_t> weights;
        std::vector<std::uint32_t> in_flight;
        std::uint64_t ticket;
        const char* order;
    };
    const Case cases[] = {
        {"fewest first", {1, 1, 1}, {5, 2, 3}, 0, "bca"},
        {"for its weight", {4, 1, 1}, {4, 2, 3}, 0, "abc"},
        {"an idle one is free whatever its weight", {9, 1}, {1, 0}, 0, "ba"},
        {"equal ones: first turn", {1, 1, 1}, {2, 2, 2}, 0, "abc"},
        {"equal ones: second turn", {1, 1, 1}, {2, 2, 2}, 1, "bac"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Balance group = balance(Algorithm::LeastConnections, c.weights);
            CHECK(letters(order(group, c.ticket, c.in_flight)) == c.order);
        }
    }
}

TEST_CASE("balance: shares are exact over two loops that draw at the same time", "[routing]") {
    struct Case {
        const char* name;
        Algorithm algorithm;
        std::vector<std::uint32_t> weights;
        Counts shares;  // of 70,000
    };
    const Case cases[] = {
        {"round robin", Algorithm::RoundRobin, {1, 1, 1, 1}, {17'500, 17'500, 17'500, 17'500}},
        {"smooth weighted", Algorithm::WeightedRoundRobin, {5, 1, 1}, {50'000, 10'000, 10'000}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Balance group = balance(c.algorithm, c.weights);
            Tickets tickets;
            std::vector<Counts> by_loop(2, Counts(c.weights.size(), 0));
            {
                std::vector<std::jthread> loops;
                for (Counts& counts : by_loop) {
                    loops.emplace_back([&group, &tickets, &counts] {
                        std::vector<PlatformIndex> out(group.members().size());
                        for (int i = 0; i < 35'000; ++i) {
                            group.order(tickets.take("pool"), {}, out);
                            ++counts[out.front()];
                        }
                    });
                }
            }
            Counts shares;
            for (std::size_t i = 0; i < c.weights.size(); ++i)
                shares.push_back(by_loop[0][i] + by_loop[1][i]);
            CHECK(shares == c.shares);
            CHECK(tickets.peek("pool") == 70'000);
        }
    }
}

// Four standard deviations: the seed is fixed, so that it either holds or never does.
TEST_CASE("balance: random shares are within what chance allows", "[routing]") {
    struct Case {
        const char* name;
        Algorithm algorithm;
        std::vector<std::uint32_t> weights;
        std::vector<double> shares;
    };
    const Case cases[] = {
        {"random", Algorithm::Random, {9, 1, 1}, {1.0 / 3, 1.0 / 3, 1.0 / 3}},
        {"weighted random", Algorithm::WeightedRandom, {5, 3, 2}, {0.5, 0.3, 0.2}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            constexpr int kCalls = 100'000;
            const Balance group = balance(c.algorithm, c.weights);
            CHECK(group.is_random());
            Random random(42);
            Counts counts(c.weights.size(), 0);
            Counts seconds(c.weights.size(), 0);  // behind the first member
            for (int i = 0; i < kCalls; ++i) {
                const auto all = order(group, random.next());
                ++counts[all[0]];
                if (all[0] == 0) ++seconds[all[1]];
            }
            for (std::size_t i = 0; i < counts.size(); ++i) {
                const double mean = kCalls * c.shares[i];
                const double deviation = std::sqrt(mean * (1 - c.shares[i]));
                CHECK(std::abs(static_cast<double>(counts[i]) - mean) < 4 * deviation);
            }
            const double behind = static_cast<double>(counts[0]);
            const double share = c.shares[1] / (c.shares[1] + c.shares[2]);
            CHECK(std::abs(static_cast<double>(seconds[1]) - behind * share) <
                  4 * std::sqrt(behind * share * (1 - share)));
        }
    }
}

TEST_CASE("balance: weights whose cycle would be endless are refused", "[routing]") {
    const auto made = Balance::make(
        {.name = "pool", .algorithm = Algorithm::WeightedRoundRobin, .at = {"gateway.toml", 7, 1}},
        {{0, 99'999}, {1, 2}}, 0);
    REQUIRE_FALSE(made.has_value());
    CHECK(render_line(made.error()) ==
          "gateway.toml:7: the weights of group \"pool\" add up to more than 100000: weights are "
          "relative: smaller ones say the same");
}

TEST_CASE("tickets: each group has its own, and looking draws none", "[routing]") {
    Tickets tickets;
    CHECK(tickets.peek("a") == 0);
    CHECK(tickets.take("a") == 0);
    CHECK(tickets.take("a") == 1);
    CHECK(tickets.peek("a") == 2);
    CHECK(tickets.peek("a") == 2);
    CHECK(tickets.take("b") == 0);
}

TEST_CASE("health: a call is under way until its end, wherever it moves", "[routing]") {
    Health health;
    CHECK(health.in_flight("a") == 0);
    {
        InFlight first(health.at("a"));
        InFlight second(health.at("a"));
        CHECK(health.in_flight("a") == 2);
        second = InFlight(health.at("b"));
        CHECK(health.in_flight("a") == 1);
        CHECK(health.in_flight("b") == 1);
        InFlight moved(std::move(first));
        CHECK(health.in_flight("a") == 1);
        moved.end();
        CHECK(health.in_flight("a") == 0);
    }
    CHECK(health.in_flight("b") == 0);
}

TEST_CASE("balance: sticky subjects keep their member, by the members' weights", "[routing]") {
    const auto pool = [](std::vector<Member> members) {
        const auto made =
            Balance::make({.name = "pool", .sticky = Sticky::User}, std::move(members), 0);
        REQUIRE(made.has_value());
        return *made;
    };
    const Member a{0, 1, hash_of("a")};
    const Member b{1, 1, hash_of("b")};
    const Member c{2, 2, hash_of("c")};
    const Balance all = pool({a, b, c});
    const Balance without_b = pool({c, a});  // and in another order
    constexpr int kSubjects = 40'000;
    Counts counts(3, 0);
    Counts moved(3, 0);
    for (int i = 0; i < kSubjects; ++i) {
        const std::string subject = "user-" + std::to_string(i);
        std::vector<PlatformIndex> before(3);
        std::vector<PlatformIndex> after(2);
        all.order_for(subject, before);
        without_b.order_for(subject, after);
        ++counts[before[0]];
        if (before[0] == 1) {
            ++moved[after[0]];
            REQUIRE(after[0] == before[1]);
        } else {
            REQUIRE(after[0] == before[0]);
        }
    }
    const double shares[] = {0.25, 0.25, 0.5};
    for (std::size_t i = 0; i < 3; ++i) {
        const double mean = kSubjects * shares[i];
        CHECK(std::abs(static_cast<double>(counts[i]) - mean) <
              4 * std::sqrt(mean * (1 - shares[i])));
    }
    // Those of the member that left go to the others by their weights: one third and two thirds.
    const double mean = static_cast<double>(counts[1]) / 3;
    CHECK(std::abs(static_cast<double>(moved[0]) - mean) < 4 * std::sqrt(mean * 2 / 3));
}
