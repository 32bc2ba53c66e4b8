#include "policy/policy.h"

#include <catch2/catch.hpp>

namespace aigw::policy {
namespace {

TimePoint at(std::string_view time) {
    return *parse_time(time);
}

Verdict judge(const Options& options, std::string_view model = "gpt-4o",
              std::string_view time = "2026-11-25T10:00:00Z") {
    const auto policy = Policy::make(options);
    REQUIRE(policy);
    const Principal principal;
    protocol::RequestFacts facts;
    facts.model = model;
    const matching::Asked asked{.request = {.path = "/v1/x"}, .principal = principal};
    return policy->judge(asked, facts, at(time));
}

Options of(Rule rule) {
    Options options{.name = "p"};
    options.rule = std::move(rule);
    return options;
}

}  // namespace

TEST_CASE("policy: models are allowed and denied by their names", "[policy]") {
    CHECK(judge(of(ModelsRule{.allow = {"gpt-*"}})) == Verdict::Allow);
    CHECK(judge(of(ModelsRule{.allow = {"qwen-*"}})) == Verdict::Reject);
    CHECK(judge(of(ModelsRule{.allow = {"gpt-*"}, .deny = {"*-4o"}})) == Verdict::Reject);
    CHECK(judge(of(ModelsRule{.deny = {"qwen-*"}})) == Verdict::Allow);
    Options monitor = of(ModelsRule{.allow = {"qwen-*"}});
    monitor.mode = limits::Mode::Monitor;
    CHECK(judge(monitor) == Verdict::WouldReject);
}

TEST_CASE("policy: content is refused for what it matches, or for what it does not", "[policy]") {
    const auto content = [](Action action, const char* path) {
        Options options = of(ContentRule{.action = action});
        options.match = {{{.source = matching::Source::Path,
                           .key = {},
                           .op = matching::Operator::Eq,
                           .values = {path}}}};
        return options;
    };
    CHECK(judge(content(Action::Deny, "/v1/x")) == Verdict::Reject);
    CHECK(judge(content(Action::Deny, "/other")) == Verdict::Allow);
    CHECK(judge(content(Action::Allow, "/v1/x")) == Verdict::Allow);
    CHECK(judge(content(Action::Allow, "/other")) == Verdict::Reject);
}

TEST_CASE("policy: hours are those of the place that the offset says", "[policy][time]") {
    struct Case {
        const char* name;
        TimeRule rule;
        const char* time;
        bool want;
    };
    constexpr auto kHour = 60;
    const TimeRule office{.days = 0b0011111, .spans = {{9 * kHour, 18 * kHour}}};
    TimeRule shanghai = office;
    shanghai.offset = std::chrono::hours(8);
    const TimeRule night{.days = 0b0000001, .spans = {{22 * kHour, 6 * kHour}}};
    TimeRule west = office;
    west.offset = std::chrono::hours(-8);
    const Case cases[] = {
        {"a Wednesday's morning", office, "2026-11-25T09:00:00Z", true},
        {"the end is outside", office, "2026-11-25T18:00:00Z", false},
        {"just before it", office, "2026-11-25T17:59:59.999Z", true},
        {"a Saturday", office, "2026-11-28T10:00:00Z", false},
        {"nine in Shanghai is one in UTC", shanghai, "2026-11-25T01:00:00Z", true},
        {"Friday evening in UTC is Saturday there", shanghai, "2026-11-27T17:00:00Z", false},
        {"Monday there begins on Sunday", shanghai, "2026-11-30T01:30:00Z", true},
        {"west of Greenwich", west, "2026-11-25T17:00:00Z", true},
        {"west of Greenwich, too early", west, "2026-11-25T16:59:00Z", false},
        {"Monday's night", night, "2026-11-23T23:00:00Z", true},
        {"goes on behind midnight", night, "2026-11-24T05:59:00Z", true},
        {"and ends", night, "2026-11-24T06:00:00Z", false},
        {"Tuesday's night is another", night, "2026-11-24T23:00:00Z", false},
        {"Monday before dawn is Sunday's", night, "2026-11-23T05:00:00Z", false},
        {"a whole day", {.days = 0b0000100}, "2026-11-25T23:59:59Z", true},
        {"before the epoch", {.days = 0b0000100}, "1969-12-31T12:00:00Z", true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(holds(c.rule, at(c.time)) == c.want);
        }
    }
}

TEST_CASE("policy: it applies to its models, to its kind of answer, and where its conditions hold",
          "[policy]") {
    const Principal principal;
    const matching::Asked asked{.request = {.path = "/v1/x"}, .principal = principal};
    protocol::RequestFacts facts;
    facts.model = "gpt-4o";
    const auto applies = [&](Options options) {
        return Policy::make(std::move(options))->applies_to(asked, facts);
    };
    Options options = of(RequestTokensRule{.max_output = 5});
    CHECK(applies(options));
    options.models = {"qwen-*"};
    CHECK_FALSE(applies(options));
    options.models = {"qwen-*", "gpt-*"};
    CHECK(applies(options));
    options.match = {{{.source = matching::Source::Path,
                       .key = {},
                       .op = matching::Operator::Eq,
                       .values = {"/v2/x"}}}};
    CHECK_FALSE(applies(options));
    options.match.clear();
    options.rule = RequestTokensRule{.max_output = 5, .answers = Answers::Streamed};
    CHECK_FALSE(applies(options));
    facts.stream = true;
    CHECK(applies(options));
    options.is_enabled = false;
    CHECK_FALSE(applies(options));
}

TEST_CASE("policy: what limits a namespace is limits by namespace, with its name", "[policy]") {
    Options options{.name = "vip:rate"};
    options.rule.emplace<0>(RatesRule{.rates = {.rpm = 600, .qps = 50}});
    const auto policy = Policy::make(options);
    REQUIRE(policy);
    REQUIRE(policy->limits.size() == 2);
    for (const limits::Limit& limit : policy->limits) {
        CHECK(limit.name == "vip:rate");
        CHECK(limit.by == limits::Subject::Namespace);
    }
    CHECK(policy->type() == Type::Rate);
}

}  // namespace aigw::policy
