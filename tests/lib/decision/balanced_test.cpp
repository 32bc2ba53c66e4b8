#include <catch2/catch.hpp>
#include <thread>

#include "base/ids.h"
#include "decision/distribution.h"
#include "decision/render.h"
#include "routing/slow_start.h"
#include "tests/lib/decision/scenario.h"

using namespace aigw;
using namespace aigw::decision;
using namespace aigw::decision::testing;
using routing::Algorithm;

namespace {

// Platforms a, b and c behind "gpt-*", of the weights 3, 1 and 1.
Scenario pool(Algorithm algorithm) {
    Scenario scenario = free_sample();
    scenario.add_platform("c", "openai", openai());
    routing::GroupOptions& group = scenario.config.routing.groups[0];
    group.algorithm = algorithm;
    group.members = {{"a", 3}, {"b"}, {"c"}};
    return scenario;
}

// "b: round-robin 2/3, c: failover 2/3, a: failover 3/3"
std::string describe(const Decision& decision) {
    const std::string json = render_json(decision);
    std::string text;
    for (std::size_t i = 0; i < decision.candidates.size(); ++i) {
        const std::string at = "candidates." + std::to_string(i);
        text += (text.empty() ? "" : ", ") + *read_field(json, at + ".platform") + ": " +
                *read_field(json, at + ".reason");
    }
    return text;
}

Distribution distribution_of(const Scenario& scenario, int calls) {
    const Snapshot snapshot = scenario.snapshot();
    routing::Tickets tickets;
    Distribution distribution;
    for (int i = 0; i < calls; ++i) {
        Selection selection = match(snapshot, scenario.facts, scenario.principal, scenario.now);
        balance(selection, scenario.observed,
                [&](const routing::Balance& group) { return tickets.take(group.group()); });
        distribution.add(rank(selection, scenario.observed));
    }
    return distribution;
}

}  // namespace

TEST_CASE("decision: a balanced group's order and its reason follow the ticket", "[decision]") {
    struct Case {
        const char* name;
        Algorithm algorithm;
        std::uint64_t ticket;
        const char* candidates;
    };
    const Case cases[] = {
        {"failover", Algorithm::Failover, 1, "a: failover 1/3, b: failover 2/3, c: failover 3/3"},
        {"round robin, first", Algorithm::RoundRobin, 0,
         "a: round-robin 1/3, b: failover 2/3, c: failover 3/3"},
        {"round robin, second", Algorithm::RoundRobin, 1,
         "b: round-robin 2/3, a: failover 2/3, c: failover 3/3"},
        {"smooth weighted", Algorithm::WeightedRoundRobin, 1,
         "b: smooth weighted 3:1:1, a: failover 2/3, c: failover 3/3"},
        {"weighted random", Algorithm::WeightedRandom, 4,
         "c: weighted random 3:1:1, a: failover 2/3, b: failover 3/3"},
        {"least connections", Algorithm::LeastConnections, 0,
         "b: least connections 2 < 7/3, a: failover 2/3, c: failover 3/3"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = pool(c.algorithm);
            scenario.observed.set_ticket("openai-pool", c.ticket);
            scenario.observed.set_in_flight("a", 7);
            scenario.observed.set_in_flight("b", 2);
            scenario.observed.set_in_flight("c", 5);
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            CHECK(describe(decision) == c.candidates);
            CHECK(render_json(scenario.decide(snapshot)) == render_json(decision));
        }
    }
}

TEST_CASE("decision: a sticky group follows the caller, and draws only for those without",
          "[decision]") {
    Scenario scenario = pool(Algorithm::RoundRobin);
    scenario.config.routing.groups[0].sticky = routing::Sticky::User;
    const Snapshot snapshot = scenario.snapshot();
    const auto first_of = [&](const std::string& user, std::uint64_t ticket) {
        scenario.principal.user = user;
        scenario.observed.set_ticket("openai-pool", ticket);
        const Decision decision = scenario.decide(snapshot);
        CHECK(render_json(decide_again(decision, scenario.observed, scenario.now)) ==
              render_json(decision));
        const std::string text = describe(decision);
        return text.substr(0, text.find(','));
    };
    const std::string chosen = first_of("u-42", 0);
    CHECK(chosen.substr(1) == ": sticky by user");
    for (std::uint64_t ticket = 1; ticket < 9; ++ticket) CHECK(first_of("u-42", ticket) == chosen);
    CHECK(first_of("", 1) == "b: round-robin 2/3");
}

TEST_CASE("decision: a member that is out is passed over, with its reason", "[decision]") {
    Scenario scenario = pool(Algorithm::RoundRobin);
    scenario.observed.open("a", at("2026-11-20T10:00:30Z"));
    const Snapshot snapshot = scenario.snapshot();
    CHECK(describe(scenario.decide(snapshot)) ==
          "a: circuit open until 2026-11-20T10:00:30Z, b: failover 1/2, c: failover 2/2");
    const Distribution distribution = distribution_of(scenario, 600);
    CHECK(distribution.platforms() ==
          std::map<std::string, std::uint64_t, std::less<>>{{"a", 0}, {"b", 300}, {"c", 300}});
}

namespace {

// The pool with b back from failing ten seconds ago, a third of its slow start: 40%.
Scenario warming_pool(Algorithm algorithm) {
    Scenario scenario = pool(algorithm);
    scenario.config.routing.platforms[1].health.slow_start = std::chrono::seconds(30);
    scenario.observed.set_back("b", at("2026-11-20T09:59:50Z"));
    return scenario;
}

// The first ticket of b's turns by which a platform of that warmth takes its turn, or does not.
std::uint64_t turn_of_b(std::uint32_t warmth, bool is_taken) {
    std::uint64_t ticket = 1;
    while (routing::takes_turn(warmth, ticket) != is_taken) ticket += 3;
    return ticket;
}

void back_at_once(Scenario& scenario, const std::string& platform) {
    for (auto& options : scenario.config.routing.platforms)
        if (options.name == platform) options.health.slow_start = std::chrono::seconds(30);
    scenario.observed.set_back(platform, scenario.now);
}

}  // namespace

TEST_CASE("decision: a member that is back from failing takes a part of its turns, and says so",
          "[decision]") {
    Scenario scenario = warming_pool(Algorithm::RoundRobin);
    const std::uint64_t kept = turn_of_b(400, true);
    const std::uint64_t left = turn_of_b(400, false);
    const auto first_after_b = [](std::uint64_t ticket) { return ticket / 3 % 2 == 0 ? "a" : "c"; };
    const auto last_after_b = [](std::uint64_t ticket) { return ticket / 3 % 2 == 0 ? "c" : "a"; };
    struct Case {
        const char* name;
        std::uint64_t ticket;
        std::function<void(Scenario&)> change;
        std::string candidates;
    };
    const std::string a_then_c = std::string(first_after_b(left)) +
                                 ": failover 1/3, b: " + "round-robin 2/3, slow start 40%, " +
                                 last_after_b(left) + ": failover 3/3";
    const std::string b_first = "b: round-robin 2/3, slow start 40%, ";
    const auto others = [&](std::uint64_t ticket) {
        return std::string(first_after_b(ticket)) + ": failover 2/3, " + last_after_b(ticket) +
               ": failover 3/3";
    };
    const Case cases[] = {
        {"its turn is taken", kept, {}, b_first + others(kept)},
        {"its turn is left to the next", left, {}, a_then_c},
        {"it is not its turn", 0, {}, "a: round-robin 1/3, b: failover 2/3, c: failover 3/3"},
        {"all its share is back", left,
         [](Scenario& s) { s.observed.set_back("b", at("2026-11-20T09:59:30Z")); },
         "b: round-robin 2/3, " + others(left)},
        {"the others warm up, too", left,
         [](Scenario& s) {
             back_at_once(s, "a");
             back_at_once(s, "c");
         },
         b_first + others(left)},
        {"the next is switched off", left,
         [&](Scenario& s) {
             for (auto& platform : s.config.routing.platforms)
                 if (platform.name == first_after_b(left)) platform.is_enabled = false;
         },
         std::string(first_after_b(left)) + ": switched off, " + last_after_b(left) +
             ": failover 1/2, b: round-robin 2/3, slow start 40%"},
        {"all others have failed", left,
         [](Scenario& s) {
             s.observed.open("a", at("2026-11-20T10:00:30Z"));
             s.observed.open("c", at("2026-11-20T10:00:30Z"));
         },
         "b: round-robin 2/3, slow start 40%, " + std::string(first_after_b(left)) +
             ": circuit open until 2026-11-20T10:00:30Z, " + last_after_b(left) +
             ": circuit open until 2026-11-20T10:00:30Z"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario varied = scenario;
            if (c.change) c.change(varied);
            varied.observed.set_ticket("openai-pool", c.ticket);
            const Snapshot snapshot = varied.snapshot();
            const Decision decision = varied.decide(snapshot);
            CHECK(describe(decision) == c.candidates);
            CHECK(render_json(varied.decide(snapshot)) == render_json(decision));
            CHECK(render_json(decide_again(decision, varied.observed, varied.now)) ==
                  render_json(decision));
        }
    }
}

TEST_CASE("decision: the turns that a member leaves while it warms up are shared by the others",
          "[decision]") {
    constexpr int kCalls = 30'000;
    const auto share = [](const Distribution& distribution, const char* platform) {
        return static_cast<double>(distribution.platforms().at(platform)) / kCalls;
    };
    struct Case {
        const char* name;
        Algorithm algorithm;
        double of_a;
        double of_b;
        double of_c;
    };
    const Case cases[] = {
        {"round robin", Algorithm::RoundRobin, 1 / 3.0 + 0.1, 0.4 / 3, 1 / 3.0 + 0.1},
        // Of what b leaves a takes three parts and c one.
        {"smooth weighted", Algorithm::WeightedRoundRobin, 0.6 + 0.09, 0.08, 0.2 + 0.03},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Distribution distribution = distribution_of(warming_pool(c.algorithm), kCalls);
            CHECK(share(distribution, "a") == Approx(c.of_a).margin(0.01));
            CHECK(share(distribution, "b") == Approx(c.of_b).margin(0.01));
            CHECK(share(distribution, "c") == Approx(c.of_c).margin(0.01));
        }
    }
}

TEST_CASE("decision: sticky callers and ordered groups know no slow start", "[decision]") {
    Scenario scenario = warming_pool(Algorithm::RoundRobin);
    SECTION("sticky") {
        scenario.config.routing.groups[0].sticky = routing::Sticky::User;
        const Snapshot snapshot = scenario.snapshot();
        Scenario warm = scenario;
        warm.config.routing.platforms[1].health.slow_start = {};
        const Snapshot without = warm.snapshot();
        int at_b = 0;
        for (int user = 0; user < 100; ++user) {
            scenario.principal.user = warm.principal.user = "u-" + std::to_string(user);
            const std::string text = describe(scenario.decide(snapshot));
            CHECK(text == describe(warm.decide(without)));
            if (text.starts_with("b: sticky")) ++at_b;
        }
        CHECK(at_b > 10);  // a fifth, by the weights
    }
    SECTION("failover") {
        scenario.config.routing.groups[0].algorithm = Algorithm::Failover;
        scenario.config.routing.groups[0].members = {{"b"}, {"a"}};
        const Snapshot snapshot = scenario.snapshot();
        CHECK(describe(scenario.decide(snapshot)) == "b: failover 1/2, a: failover 2/2");
    }
    SECTION("failover that is sticky for those who have what it goes by") {
        scenario.config.routing.groups[0].algorithm = Algorithm::Failover;
        scenario.config.routing.groups[0].sticky = routing::Sticky::User;
        scenario.config.routing.groups[0].members = {{"b"}, {"a"}};
        const Snapshot snapshot = scenario.snapshot();
        CHECK(describe(scenario.decide(snapshot)).find("slow start") == std::string::npos);
    }
}

TEST_CASE("decision: a member that is drained keeps its sticky callers alone", "[decision]") {
    Scenario scenario = pool(Algorithm::RoundRobin);
    SECTION("nobody is sticky") {
        scenario.config.routing.platforms[0].is_draining = true;
        const Snapshot snapshot = scenario.snapshot();
        CHECK(describe(scenario.decide(snapshot)) ==
              "a: draining, b: failover 1/2, c: failover 2/2");
        CHECK(distribution_of(scenario, 600).platforms() ==
              std::map<std::string, std::uint64_t, std::less<>>{{"a", 0}, {"b", 300}, {"c", 300}});
    }
    SECTION("each sticky caller stays, and goes to nobody else who is drained") {
        scenario.config.routing.groups[0].sticky = routing::Sticky::User;
        const Snapshot before = scenario.snapshot();
        scenario.config.routing.platforms[0].is_draining = true;
        const Snapshot after = scenario.snapshot();
        int at_a = 0;
        for (int user = 0; user < 100; ++user) {
            scenario.principal.user = "u-" + std::to_string(user);
            const Decision first = scenario.decide(before);
            const Decision second = scenario.decide(after);
            const std::string platform = first.platform_of(*first.find_candidate(1)).name;
            CHECK(second.platform_of(*second.find_candidate(1)).name == platform);
            const bool is_out = describe(second).find("a: draining") != std::string::npos;
            CHECK(is_out == (platform != "a"));
            if (platform == "a") ++at_a;
        }
        CHECK(at_a > 20);
        scenario.principal.user = "";
        CHECK(describe(scenario.decide(after)).starts_with("a: draining"));
    }
}

TEST_CASE("decision: deciding again keeps the ticket", "[decision]") {
    Scenario scenario = pool(Algorithm::RoundRobin);
    scenario.observed.set_ticket("openai-pool", 2);
    const Snapshot snapshot = scenario.snapshot();
    const Decision first = scenario.decide(snapshot);
    scenario.observed.set_ticket("openai-pool", 0);
    CHECK(render_json(decide_again(first, scenario.observed, scenario.now)) == render_json(first));
}

TEST_CASE("decision: groups of one route are balanced each by itself", "[decision]") {
    Scenario scenario = pool(Algorithm::RoundRobin);
    scenario.add_platform("d", "openai", openai());
    scenario.add_platform("e", "openai", openai());
    scenario.config.routing.groups.push_back(
        {.name = "spare", .algorithm = Algorithm::RoundRobin, .members = {{"d"}, {"a"}, {"e"}}});
    scenario.config.routing.rules[3].to = {to_group("openai-pool"), to_group("spare")};
    scenario.observed.set_ticket("openai-pool", 1);
    scenario.observed.set_ticket("spare", 1);
    const Snapshot snapshot = scenario.snapshot();
    CHECK(describe(scenario.decide(snapshot)) ==
          "b: round-robin 2/3, a: failover 2/5, c: failover 3/5, e: round-robin 2/2, d: failover "
          "5/5");
}

TEST_CASE("decision: a distribution counts each platform and what was refused", "[decision]") {
    Scenario scenario = pool(Algorithm::WeightedRoundRobin);
    CHECK(render_text(distribution_of(scenario, 10)) ==
          "over 10 decisions\n"
          "  a               6   60.0%\n"
          "  b               2   20.0%\n"
          "  c               2   20.0%\n");
    scenario.principal.models = {"qwen-*"};
    CHECK(render_text(distribution_of(scenario, 3)) ==
          "over 3 decisions\n"
          "  a               0    0.0%\n"
          "  b               0    0.0%\n"
          "  c               0    0.0%\n"
          "  refused         3  100.0%\n");
}

TEST_CASE("decision: two loops that decide at once share a group exactly", "[decision]") {
    const Scenario scenario = pool(Algorithm::WeightedRoundRobin);
    const Snapshot snapshot = scenario.snapshot();
    routing::Tickets tickets;
    const ObservedNothing observed;
    std::vector<Distribution> by_loop(2);
    {
        std::vector<std::jthread> loops;
        for (Distribution& distribution : by_loop) {
            loops.emplace_back([&] {
                for (int i = 0; i < 1'000; ++i) {
                    Selection selection =
                        match(snapshot, scenario.facts, scenario.principal, scenario.now);
                    balance(selection, observed, [&](const routing::Balance& group) {
                        return tickets.take(group.group());
                    });
                    distribution.add(rank(selection, observed));
                }
            });
        }
    }
    const auto share = [&](const char* platform) {
        return by_loop[0].platforms().at(platform) + by_loop[1].platforms().at(platform);
    };
    CHECK(share("a") == 1'200);
    CHECK(share("b") == 400);
    CHECK(share("c") == 400);
}
