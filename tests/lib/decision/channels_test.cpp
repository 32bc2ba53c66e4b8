// Namespaces, policies, parameters and conditional routes, as `decide` sees them.
#include <catch2/catch.hpp>

#include "decision/render.h"
#include "tests/lib/decision/scenario.h"

namespace aigw::decision::testing {
namespace {

using matching::ConditionOptions;
using matching::Operator;
using matching::Source;
using Headers = std::vector<std::pair<std::string, std::string>>;

ConditionOptions header(std::string name, std::string value) {
    return {.source = Source::Header,
            .key = std::move(name),
            .op = Operator::Eq,
            .values = {std::move(value)}};
}

policy::Options policy_of(std::string name, policy::Rule rule) {
    policy::Options options{.name = std::move(name), .namespaces = {"vip"}};
    options.rule = std::move(rule);
    return options;
}

template <std::size_t kType>
policy::Options rates_of(std::string name, limits::Rates rates) {
    policy::Options options{.name = std::move(name), .namespaces = {"vip"}};
    options.rule.emplace<kType>(policy::RatesRule{std::move(rates)});
    return options;
}

// One platform, and a namespace "vip" for those who send X-Channel-Code: vip.
struct Channels {
    Scenario scenario{};
    Headers headers{{"X-Channel-Code", "vip"}};
    std::string body = R"({"model":"gpt-4o","messages":[],"max_tokens":9000})";

    Channels() {
        scenario.add_platform("a", "openai", openai());
        scenario.add_platform("b", "openai", openai());
        scenario.config.routing.rules = {
            {.model = "gpt-*", .to = {to_platform("a")}, .at = line(5)}};
        scenario.config.namespaces = {
            {.name = "vip", .match = {{header("X-Channel-Code", "vip")}}, .at = line(9)}};
        scenario.principal = {.kind = PrincipalKind::StaticKey, .key = "ci"};
        scenario.facts = {
            .model = "gpt-4o", .max_output = 9000, .input_tokens = 100, .input_exact = true};
    }
    Decision decide(const Snapshot& snapshot) const {
        const matching::FieldList fields(headers);
        return aigw::decision::decide(
            snapshot, scenario.facts, scenario.principal, scenario.observed, scenario.now,
            {.method = "POST", .path = "/v1/chat/completions", .fields = &fields, .bytes = body});
    }
};

struct Said {
    int status = 0;
    std::string message{};
    std::string wire_code{};
};

Said said(const Channels& channels) {
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    if (decision.verdict() == Verdict::Allow) return {.status = decision.status()};
    const Error refused = error(decision);
    CHECK(error_row(refused.code).http == decision.status());
    return {decision.status(), refused.message, refused.wire_code};
}

}  // namespace

TEST_CASE("decide: a namespace that must be there, or is switched off, refuses",
          "[decision][namespaces]") {
    Channels channels;
    CHECK(said(channels).status == 200);
    channels.headers.clear();
    CHECK(said(channels).status == 200);
    channels.scenario.config.namespaces_required = true;
    CHECK(said(channels).status == 404);
    CHECK(said(channels).wire_code == "namespace_not_found");
    channels.headers = {{"x-channel-code", "vip"}};
    CHECK(said(channels).status == 200);
    channels.scenario.config.namespaces[0].is_enabled = false;
    CHECK(said(channels).status == 403);
    CHECK(said(channels).wire_code == "namespace_disabled");
}

TEST_CASE("decide: who has no key is served in an anonymous namespace alone",
          "[decision][namespaces]") {
    Channels channels;
    channels.scenario.principal = {};
    channels.scenario.config.namespaces.push_back(
        {.name = "open", .is_anonymous = true, .match = {{header("X-Open", "1")}}});
    CHECK(said(channels).status == 401);
    CHECK(said(channels).wire_code == "api_key_required");
    channels.headers = {{"X-Open", "1"}};
    CHECK(said(channels).status == 200);

    const Snapshot snapshot = channels.scenario.snapshot();
    const matching::FieldList fields(channels.headers);
    CHECK(may_be_anonymous(snapshot, {.fields = &fields}, ""));
    CHECK_FALSE(may_be_anonymous(snapshot, {}, ""));
}

TEST_CASE("decide: a policy refuses with the status of what it is about, or with 403 as before",
          "[decision][policies]") {
    struct Case {
        const char* name;
        policy::Options policy;
        int status;
        const char* message;
    };
    policy::Options content = policy_of("no-vip", policy::ContentRule{});
    content.match = {{header("X-Channel-Code", "vip")}};
    const std::vector<Case> cases = {
        {"content", content, 403, "policy \"no-vip\" does not allow this request"},
        {"models", policy_of("few", policy::ModelsRule{.allow = {"qwen-*"}}), 403,
         "policy \"few\" does not allow model \"gpt-4o\""},
        {"time", policy_of("night", policy::TimeRule{.spans = {{0, 60}}}), 403,
         "policy \"night\" does not allow calls at this time"},
        {"input", policy_of("short", policy::RequestTokensRule{.max_input = 99}), 413,
         "Input token limit exceeded: the request has 100 tokens, and policy \"short\" allows 99"},
        {"output",
         policy_of("brief", policy::RequestTokensRule{.max_output = 50,
                                                      .on_output = policy::OnOutput::Reject}),
         413,
         "Output token limit exceeded: the request asks for an answer of 9000 tokens, and policy "
         "\"brief\" allows 50"},
        {"rate", rates_of<0>("vip:rate", {.qps = 1}), 429,
         "QPS limit exceeded: namespace \"vip\" is at its limit of 1 request per second"},
        {"concurrency", rates_of<1>("vip:concurrency", {.concurrency = 1}), 429,
         "Concurrency limit exceeded: namespace \"vip\" is at its limit of 1 request at a time"},
        {"tokens",
         rates_of<2>("vip:tokens", {.tokens = {{.period = limits::kMinute, .max = 10'000}}}), 429,
         "Time window token limit exceeded: namespace \"vip\" is at its limit of 10000 tokens per "
         "minute"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Channels channels;
            channels.scenario.config.policies = {c.policy};
            for (const limits::Limit& limit : policy::Policy::make(c.policy)->limits)
                channels.scenario.observed.set_used(limit, "vip", limit.max);
            CHECK(said(channels).status == c.status);
            CHECK(said(channels).message == c.message);
            channels.scenario.config.refuses_as_before = true;
            CHECK(said(channels).status == 403);
            CHECK(said(channels).message == c.message);
            CHECK(said(channels).wire_code == "policy_violation");
            channels.headers.clear();  // no namespace, no policy
            CHECK(said(channels).status == 200);
            channels.headers = {{"X-Channel-Code", "vip"}};
            channels.scenario.config.policies[0].mode = limits::Mode::Monitor;
            CHECK(said(channels).status == 200);
            const Snapshot snapshot = channels.scenario.snapshot();
            const std::string json = render_json(channels.decide(snapshot));
            CHECK(*read_field(json, "policies.0.verdict") == "would_reject");
            CHECK(*read_field(json, "namespace") == "vip");
            CHECK(*read_field(json, "namespace.matched") == "header X-Channel-Code eq \"vip\"");
        }
    }
}

TEST_CASE("decide: policies of content are asked first, then those of higher priority",
          "[decision][policies]") {
    Channels channels;
    policy::Options late = policy_of("late", policy::ModelsRule{.deny = {"*"}});
    policy::Options early = policy_of("early", policy::ModelsRule{.deny = {"*"}});
    early.priority = 7;
    policy::Options content = policy_of("content", policy::ContentRule{});
    content.match = {{header("X-Channel-Code", "vip")}};
    channels.scenario.config.policies = {late, early};
    CHECK(said(channels).message == "policy \"early\" does not allow model \"gpt-4o\"");
    channels.scenario.config.policies = {late, early, content};
    CHECK(said(channels).message == "policy \"content\" does not allow this request");
}

TEST_CASE("decide: a policy's bound lowers what is asked, counted and priced",
          "[decision][policies][params]") {
    Channels channels;
    channels.scenario.config.policies = {
        policy_of("vip-output", policy::RequestTokensRule{.max_output = 256, .notice = "[cut]"})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    REQUIRE(decision.verdict() == Verdict::Allow);
    CHECK(decision.facts.max_output == 256);
    REQUIRE(decision.output_limit);
    CHECK(decision.output_limit->max_tokens == 256);
    CHECK(decision.output_limit->is_cut);
    CHECK(decision.output_limit->notice == "[cut]");
    const std::string json = render_json(decision);
    CHECK(*read_field(json, "candidates.0.params.0.action") == "clamp");
    CHECK(*read_field(json, "candidates.0.params.0.before") == "9000");
    CHECK(*read_field(json, "candidates.0.params.0.after") == "256");
    CHECK(*read_field(json, "candidates.0.params.0.reason") == "policy vip-output");
    const auto made = edits(decision, decision.candidates[0]);
    CHECK(protocol::splice(channels.body, made) ==
          R"({"model":"gpt-4o","messages":[],"max_tokens":256})");
}

TEST_CASE("decide: Responses are asked for the least that they take, and cut where they end",
          "[decision][policies]") {
    Channels channels;
    channels.scenario.facts.protocol = Protocol::Responses;
    channels.scenario.facts.max_output.reset();
    channels.body = R"({"model":"gpt-4o","input":"hi"})";
    channels.scenario.config.policies = {
        policy_of("vip-output", policy::RequestTokensRule{.max_output = 5})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    CHECK(decision.output_limit->max_tokens == 5);
    const auto made = edits(decision, decision.candidates[0]);
    CHECK(protocol::splice(channels.body, made) ==
          R"({"model":"gpt-4o","input":"hi","max_output_tokens":16})");
}

TEST_CASE("decide: the request's own bound stands where it is lower", "[decision][policies]") {
    Channels channels;
    channels.scenario.facts.max_output = 10;
    channels.body = R"({"model":"gpt-4o","messages":[],"max_tokens":10})";
    channels.scenario.config.policies = {
        policy_of("vip-output", policy::RequestTokensRule{.max_output = 256})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    CHECK(decision.output_limit->max_tokens == 10);
    CHECK(decision.changes.empty());
}

TEST_CASE("decide: a model's parameters are its platform's, and count towards its limits alone",
          "[decision][params]") {
    Channels channels;
    auto& platforms = channels.scenario.config.routing.platforms;
    platforms[0].models = {{.name = "gpt-4o", .tpm = 300}};
    channels.scenario.config.routing.rules[0].to = {to_platform("a"), to_platform("b")};
    channels.scenario.config.model_params = {
        {.platform = "a",
         .model = "gpt-4o",
         .params = {.rename = {{"max_tokens", "max_completion_tokens"}},
                    .clamp = {{"max_completion_tokens", {}, 100}}}}};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    REQUIRE(decision.candidates.size() == 2);
    CHECK(decision.candidates[0].max_output == 100);
    CHECK(decision.limits_of(decision.candidates[0])[0].claim.cost == 200);
    CHECK(decision.candidates[1].max_output == 9000);
    CHECK(decision.changes_of(decision.candidates[1]).empty());
    CHECK(edits(decision, decision.candidates[1]).empty());
    const auto made = edits(decision, decision.candidates[0]);
    CHECK(protocol::splice(channels.body, made) ==
          R"({"model":"gpt-4o","messages":[],"max_completion_tokens":100})");
}

TEST_CASE("decide: what is counted is asked with no other parameters", "[decision][params]") {
    Channels channels;
    channels.scenario.facts.operation = Operation::CountTokens;
    channels.scenario.config.providers[0].operations.add(Operation::CountTokens);
    channels.scenario.config.policies = {
        policy_of("warm", policy::ParamsRule{.params = {.set = {{"temperature", "0"}}}}),
        policy_of("vip-output", policy::RequestTokensRule{.max_output = 256})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    REQUIRE(decision.verdict() == Verdict::Allow);
    CHECK(decision.changes.empty());
    CHECK(edits(decision, decision.candidates[0]).empty());
}

TEST_CASE("decide: who loses the race for a policy's limit is refused as its policy refuses",
          "[decision][policies]") {
    Channels channels;
    channels.scenario.config.policies = {rates_of<0>("vip:rate", {.qps = 1})};
    for (const bool is_as_before : {false, true}) {
        channels.scenario.config.refuses_as_before = is_as_before;
        const Snapshot snapshot = channels.scenario.snapshot();
        const Decision decision = channels.decide(snapshot);
        REQUIRE(decision.caller_limits().size() == 1);
        const Error lost =
            limit_error(decision, decision.caller_limits()[0], std::chrono::milliseconds(500));
        CHECK(error_row(lost.code).http == (is_as_before ? 403 : 429));
        CHECK(lost.retry_after == std::chrono::milliseconds(500));
    }
}

TEST_CASE("decide: a policy's route goes before every rule", "[decision][policies][routing]") {
    Channels channels;
    channels.scenario.config.routing.locations = {{.path = "/v1/*", .to = {to_platform("a")}}};
    channels.scenario.config.policies = {policy_of(
        "to-b", policy::RoutingRule{.to = {to_platform("b")}, .upstream_model = "gpt-x"})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision decision = channels.decide(snapshot);
    REQUIRE(decision.candidates.size() == 1);
    CHECK(decision.platform_of(decision.candidates[0]).name == "b");
    CHECK(decision.candidates[0].upstream_model == "gpt-x");
    CHECK(*read_field(render_json(decision), "rule.kind") == "policy");
    channels.headers.clear();
    const Decision without = channels.decide(snapshot);
    CHECK(*read_field(render_json(without), "rule.kind") == "location");
}

TEST_CASE("decide: a limit by namespace counts each by itself", "[decision][namespaces]") {
    Channels channels;
    channels.scenario.config.limits = {{.by = limits::Subject::Namespace, .rates = {.rpm = 5}}};
    const auto limit = limits::compile(channels.scenario.config.limits)->front();
    channels.scenario.observed.set_used(limit, "vip", 5);
    CHECK(said(channels).status == 429);
    channels.headers.clear();
    CHECK(said(channels).status == 200);
}

TEST_CASE("decide: deciding again keeps what the first half has found", "[decision][policies]") {
    Channels channels;
    channels.scenario.config.policies = {
        policy_of("vip-output", policy::RequestTokensRule{.max_output = 256}),
        rates_of<0>("vip:rate", {.qps = 3})};
    const Snapshot snapshot = channels.scenario.snapshot();
    const Decision first = channels.decide(snapshot);
    const Decision second = decide_again(first, channels.scenario.observed, channels.scenario.now);
    CHECK(render_json(first) == render_json(second));
}

TEST_CASE("snapshot: a policy for a namespace that is not there is refused",
          "[decision][policies]") {
    Channels channels;
    policy::Options lost = policy_of("lost", policy::ModelsRule{});
    lost.namespaces = {"nobody"};
    lost.at = line(12);
    channels.scenario.config.policies = {lost};
    const auto made = Snapshot::make(channels.scenario.config);
    REQUIRE_FALSE(made);
    CHECK(made.error().message == "gateway.toml:12: unknown namespace \"nobody\"");
}

}  // namespace aigw::decision::testing
