#include <catch2/catch.hpp>
#include <thread>

#include "base/ids.h"
#include "decision/distribution.h"
#include "decision/render.h"
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
