#include "decision/snapshot.h"

#include <catch2/catch.hpp>

#include "tests/lib/decision/scenario.h"

using namespace aigw;
using namespace aigw::decision;
using namespace aigw::decision::testing;

TEST_CASE("decision: a snapshot is refused with the place of what is wrong", "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.routing.rules[0].to = {to_platform("zzz")};
    const auto made = Snapshot::make(scenario.config);
    REQUIRE(!made.has_value());
    CHECK(made.error().code == ErrorCode::Config);
    CHECK(render_line(made.error()) ==
          "gateway.toml:30: unknown platform \"zzz\": define it as [platforms.zzz], or name "
          "another");
}

TEST_CASE("decision: limits that could meet on one call must fit one reservation", "[decision]") {
    struct Case {
        const char* name;
        std::vector<std::string> globs;  // repeated until there are `count` limits
        int count;
        bool fits;
    };
    const Case cases[] = {
        {"sixteen of every model", {""}, 16, true},
        {"seventeen of every model", {""}, 17, false},
        {"many that never meet", {"gpt-*", "claude-*", "qwen-*", "o1"}, 40, true},
        {"many names", {"a", "b", "c", "d", "e", "f"}, 60, true},
        {"a star between them", {"gpt-*", "claude-*", "*", "*-mini"}, 40, false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.config.limits.clear();
            for (int i = 0; i < c.count; ++i) {
                scenario.config.limits.push_back(
                    {.name = "limit-" + std::to_string(i),
                     .rates = {.rpm = 10},
                     .model = c.globs[static_cast<std::size_t>(i) % c.globs.size()]});
            }
            const auto made = Snapshot::make(scenario.config);
            CHECK(made.has_value() == c.fits);
            if (!made) {
                CHECK(render_line(made.error()) ==
                      "more than 16 [[limits]] may apply to one call: join some of them, or give "
                      "them a `match.model` so that they don't meet");
            }
        }
    }
}

TEST_CASE("decision: a snapshot knows its platforms in the order of the file", "[decision]") {
    const Scenario scenario = sample();
    const Snapshot snapshot = scenario.snapshot();
    REQUIRE(snapshot.platforms().size() == 2);
    CHECK(snapshot.platform(0).name == "a");
    CHECK(snapshot.platform(0).operations.has(Operation::Embeddings));
    CHECK(!snapshot.platform(0).operations.has(Operation::Models));
    CHECK(snapshot.platform(0).find_model("gpt-4o")->upstream == "gpt-4o-2024-11-20");
    CHECK(snapshot.platform(1).find_model("gpt-4o") == nullptr);
    CHECK(snapshot.config_digest() == "sha256:6b21");
}
