// A configuration, a call and what is observed, as values that a test can vary one at a time.
#pragma once

#include <array>
#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decision/decision.h"
#include "tests/fakes/observed.h"

namespace aigw::decision::testing {

inline TimePoint at(std::string_view time) {
    return *parse_time(time);
}

inline constexpr std::array<std::string_view, 1> kOpenAiCatalogs = {"openai"};
inline constexpr std::array<std::string_view, 2> kOpenAiPatterns = {"gpt*", "o1*"};

inline ProviderFacts openai() {
    return {.catalogs = kOpenAiCatalogs,
            .name_patterns = kOpenAiPatterns,
            .operations = {Operation::Chat, Operation::Embeddings}};
}
// Every model but the one sees.
inline MissingNeeds blind(std::string_view model) {
    return [model](std::string_view asked) {
        protocol::Needs missing;
        if (asked == model) missing.add(protocol::Need::Vision);
        return missing;
    };
}
// Chats, and has no price list.
inline ProviderFacts simulated() {
    return {.operations = {Operation::Chat}};
}

inline routing::TargetOptions to_platform(std::string name) {
    return {routing::TargetKind::Platform, std::move(name)};
}
inline routing::TargetOptions to_group(std::string name) {
    return {routing::TargetKind::Group, std::move(name)};
}
inline FilePosition line(std::uint32_t number) {
    return {"gateway.toml", number, 1};
}

struct Scenario {
    SnapshotInput config{};
    Principal principal{};
    protocol::RequestFacts facts{};
    TimePoint now = at("2026-11-20T10:00:00Z");
    fakes::Observed observed{};
    std::string path = "/v1/chat/completions";

    Snapshot snapshot() const {
        auto made = Snapshot::make(config);
        assert(made.has_value());
        return std::move(made).take();
    }
    Decision decide(const Snapshot& from) const {
        return aigw::decision::decide(from, facts, principal, observed, now);
    }

    routing::PlatformOptions& add_platform(std::string name, std::string provider,
                                           ProviderFacts facts_of_provider) {
        config.providers.push_back(facts_of_provider);
        return config.routing.platforms.emplace_back(routing::PlatformOptions{
            .name = std::move(name), .provider = std::move(provider), .at = line(10)});
    }
};

// The sample of the project's description of a Decision: two platforms behind a pool, one of them
// broken, and a key at its limit.
inline Scenario sample() {
    Scenario scenario;
    scenario.config.config_digest = "sha256:6b21";
    auto& a = scenario.add_platform("a", "openai", openai());
    a.rpm = 600;
    a.discount = Decimal::literal("0.9");
    a.models = {{.name = "gpt-4o", .upstream = "gpt-4o-2024-11-20", .at = line(20)}};
    scenario.add_platform("b", "openai", openai());
    scenario.config.routing.groups = {
        {.name = "openai-pool", .members = {{"a"}, {"b"}}, .at = line(60)}};
    for (const char* model : {"o1", "claude-*", "qwen-*"}) {
        scenario.config.routing.rules.push_back(
            {.model = model, .to = {to_platform("b")}, .at = line(30)});
    }
    scenario.config.routing.rules.push_back(
        {.model = "gpt-*", .to = {to_group("openai-pool")}, .at = line(41)});
    scenario.config.limits = {{.rates = {.rpm = 60}, .at = line(70)}};

    scenario.principal = {
        .kind = PrincipalKind::StaticKey, .key = "ci", .tenant = "acme", .role = Role::User};
    scenario.facts = {.model = "gpt-4o",
                      .stream = true,
                      .max_output = 256,
                      .input_tokens = 812,
                      .input_exact = true};
    scenario.facts.needs.add(protocol::Need::Tools);
    scenario.facts.needs.add(protocol::Need::Vision);

    const auto key_limit = limits::compile(scenario.config.limits);
    scenario.observed.set_used(key_limit->front(), "ci", 60, std::chrono::milliseconds(2400));
    scenario.observed.set_used(limits::platform_limits("a", {.rpm = 600}).front(), "a", 12);
    scenario.observed.open("b", at("2026-11-20T10:00:12Z"));
    return scenario;
}

// The sample with everything free and nothing broken.
inline Scenario free_sample() {
    Scenario scenario = sample();
    scenario.observed = {};
    return scenario;
}

// Every call of a table of scenarios has a name.
struct NamedScenario {
    std::string name;
    Scenario scenario;
};

inline std::vector<NamedScenario> scenarios() {
    using std::chrono::milliseconds;
    std::vector<NamedScenario> all;
    const auto add = [&](std::string name, Scenario scenario) -> Scenario& {
        return all.emplace_back(NamedScenario{std::move(name), std::move(scenario)}).scenario;
    };
    add("key_at_its_limit", sample());
    add("allowed", free_sample());
    {
        Scenario& s = add("fallback_has_room", free_sample());
        s.observed.set_used(limits::platform_limits("a", {.rpm = 600}).front(), "a", 600,
                            milliseconds(950));
    }
    {
        Scenario& s = add("platforms_at_their_limits", free_sample());
        s.config.routing.platforms[1].rpm = 30;
        s.observed.set_used(limits::platform_limits("a", {.rpm = 600}).front(), "a", 600,
                            milliseconds(30'000));
        s.observed.set_used(limits::platform_limits("b", {.rpm = 30}).front(), "b", 30,
                            milliseconds(4'200));
    }
    {
        Scenario& s = add("platforms_have_failed", free_sample());
        s.observed.open("a", at("2026-11-20T10:00:30Z"));
        s.observed.open("b", at("2026-11-20T10:00:12Z"));
    }
    {
        Scenario& s = add("first_is_switched_off", free_sample());
        s.config.routing.platforms[0].is_enabled = false;
    }
    {
        Scenario& s = add("all_are_switched_off", free_sample());
        s.config.routing.platforms[0].is_enabled = false;
        s.config.routing.platforms[1].is_enabled = false;
    }
    {
        Scenario& s = add("first_is_draining", free_sample());
        s.config.routing.platforms[0].is_draining = true;
    }
    {
        Scenario& s = add("one_is_off_and_one_draining", free_sample());
        s.config.routing.platforms[0].is_draining = true;
        s.config.routing.platforms[1].is_enabled = false;
    }
    {
        Scenario& s = add("model_not_found", free_sample());
        s.facts.model = "llama-4";
    }
    {
        Scenario& s = add("model_of_another_key", free_sample());
        s.principal.models = {"qwen-*"};
    }
    {
        Scenario& s = add("operation_of_another_key", free_sample());
        s.principal.scopes = {"embeddings"};
    }
    {
        Scenario& s = add("embeddings", free_sample());
        s.facts = {.operation = Operation::Embeddings,
                   .model = "text-embedding-3-small",
                   .input_tokens = 100'000};
        s.path = "/v1/embeddings";
        s.config.routing.platforms[1].is_default = true;
    }
    {
        Scenario& s = add("embeddings_are_not_served", free_sample());
        s.facts = {.operation = Operation::Embeddings, .model = "qwen-embed", .input_tokens = 9};
        s.path = "/v1/embeddings";
        s.config.providers[1] = simulated();
    }
    {
        Scenario& s = add("fallback_sees", free_sample());
        s.config.providers[0].missing_needs = blind("gpt-4o-2024-11-20");
    }
    {
        Scenario& s = add("nobody_sees", free_sample());
        s.facts.needs.add(protocol::Need::Audio);
        s.config.providers[0].missing_needs = blind("gpt-4o-2024-11-20");
        s.config.providers[1].missing_needs = [](std::string_view) {
            protocol::Needs missing;
            missing.add(protocol::Need::Vision);
            missing.add(protocol::Need::Audio);
            return missing;
        };
    }
    {
        Scenario& s = add("price_unknown_and_let_through", free_sample());
        s.facts.model = "claude-next";
    }
    {
        Scenario& s = add("price_unknown_and_refused", free_sample());
        s.facts.model = "claude-next";
        s.config.pricing.missing = pricing::Missing::Reject;
    }
    {
        Scenario& s = add("price_unknown_and_taken_as_the_dearest", free_sample());
        s.facts.model = "claude-next";
        s.facts.max_output.reset();
        s.config.pricing.missing = pricing::Missing::WorstCase;
    }
    {
        Scenario& s = add("limits_that_only_monitor", free_sample());
        s.config.limits[0].mode = limits::Mode::Monitor;
        s.config.limits.push_back(
            {.name = "per-model", .by = limits::Subject::Model, .rates = {.rpm = 5}});
        const auto limits = limits::compile(s.config.limits);
        s.observed.set_used(limits->at(0), "ci", 75, milliseconds(100));
        s.observed.set_used(limits->at(1), limits::model_subject("a", "gpt-4o"), 5,
                            milliseconds(1'000));
    }
    {
        Scenario& s = add("address_at_its_limit", free_sample());
        s.facts.client_ip = "192.0.2.7";
        s.config.limits.push_back({.by = limits::Subject::Ip, .rates = {.rpm = 5}});
        const auto limits = limits::compile(s.config.limits);
        s.observed.set_used(limits->at(1), "192.0.2.7", 5, milliseconds(1'500));
    }
    {
        Scenario& s = add("local_caller_detected_by_name", free_sample());
        s.config.routing.rules.clear();
        s.config.routing.groups.clear();
        s.config.routing.platforms[1].priority = 5;
        s.facts.model = "GPT-4o-mini";
        s.facts.max_output.reset();
        s.facts.input_exact = false;
        s.facts.answers = 2;
        s.facts.stream = false;
        s.principal = {.kind = PrincipalKind::Local, .role = Role::Admin};
        s.path = "";
    }
    {
        Scenario& s = add("rule_renames_the_model", free_sample());
        s.config.routing.rules[3].upstream_model = "gpt-4o";
        s.facts.model = "gpt-\x1b[31m\"\xff";
        s.facts.protocol = Protocol::Anthropic;
        s.path = "/v1/messages";
    }
    return all;
}

}  // namespace aigw::decision::testing
