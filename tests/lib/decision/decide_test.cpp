#include <catch2/catch.hpp>

#include "decision/decision.h"
#include "decision/render.h"
#include "tests/lib/decision/scenario.h"

using namespace aigw;
using namespace aigw::decision;
using namespace aigw::decision::testing;
using std::chrono::milliseconds;

namespace {

// "a=InOrder b=CircuitOpen"
std::string describe(const Decision& decision) {
    std::string text;
    for (const Candidate& candidate : decision.candidates) {
        const std::string platform = decision.platform_of(candidate).name;
        const char* reason = "";
        switch (candidate.reason) {
            case Reason::InOrder:
                reason = "in";
                break;
            case Reason::SwitchedOff:
                reason = "off";
                break;
            case Reason::Draining:
                reason = "draining";
                break;
            case Reason::NotServed:
                reason = "not served";
                break;
            case Reason::LacksNeed:
                reason = "lacks";
                break;
            case Reason::CircuitOpen:
                reason = "open";
                break;
            case Reason::LimitReached:
                reason = "limit";
                break;
            case Reason::PriceMissing:
                reason = "price";
                break;
        }
        text += (text.empty() ? "" : ", ") + platform + " " + reason;
    }
    return text;
}

Scenario find_scenario(std::string_view name) {
    for (NamedScenario& each : scenarios()) {
        if (each.name == name) return std::move(each.scenario);
    }
    FAIL("no scenario " << name);
    return {};
}

}  // namespace

TEST_CASE("decision: every refusal has its status, its words and its candidates", "[decision]") {
    struct Case {
        const char* scenario;
        const char* candidates;
        Refusal refusal;
        int status;
        const char* error;
    };
    const Case cases[] = {
        {"allowed", "a in, b in", Refusal::None, 200, ""},
        {"fallback_has_room", "a limit, b in", Refusal::None, 200, ""},
        {"key_at_its_limit", "a in, b open", Refusal::CallerLimit, 429,
         "key \"ci\" is at its limit of 60 requests per minute: try again in 2.4s"},
        {"platforms_at_their_limits", "a limit, b limit", Refusal::PlatformLimit, 429,
         "every platform for model \"gpt-4o\" is at its limit: try again in 4.2s"},
        {"platforms_have_failed", "a open, b open", Refusal::AllOpen, 503,
         "no platform for model \"gpt-4o\" can be called, all have failed lately: try again in "
         "12s"},
        {"first_is_switched_off", "a off, b in", Refusal::None, 200, ""},
        {"all_are_switched_off", "a off, b off", Refusal::AllSwitchedOff, 503,
         "every platform for model \"gpt-4o\" is switched off: ask for another model"},
        {"first_is_draining", "a draining, b in", Refusal::None, 200, ""},
        {"one_is_off_and_one_draining", "a draining, b off", Refusal::AllSwitchedOff, 503,
         "every platform for model \"gpt-4o\" is switched off or being drained: ask for another "
         "model"},
        {"model_not_found", "", Refusal::ModelNotFound, 404,
         "model \"llama-4\" does not exist here: GET /v1/models lists the models, and `aigw "
         "route-test -m MODEL` shows how one is routed"},
        {"model_of_another_key", "a in, b in", Refusal::Forbidden, 403, nullptr},
        {"operation_of_another_key", "a in, b in", Refusal::Forbidden, 403, nullptr},
        {"embeddings", "b in", Refusal::None, 200, ""},
        {"embeddings_are_not_served", "b not served", Refusal::NotServed, 400,
         "no platform for model \"qwen-embed\" serves embeddings: ask for another model, or route "
         "this one to a platform that does"},
        {"fallback_sees", "a lacks, b in", Refusal::None, 200, ""},
        {"nobody_sees", "a lacks, b lacks", Refusal::LacksNeed, 400,
         "model \"gpt-4o\" does not serve vision, which the request needs: ask for a model that "
         "does, or leave it out of the request"},
        {"price_unknown_and_let_through", "b in", Refusal::None, 200, ""},
        {"price_unknown_and_refused", "b price", Refusal::PriceMissing, 403,
         "model \"claude-next\" has no price, and this gateway refuses what it cannot price: ask "
         "for another model, or set `pricing.missing` to \"unpriced\" or \"worst-case\""},
        {"price_unknown_and_taken_as_the_dearest", "b in", Refusal::None, 200, ""},
        {"limits_that_only_monitor", "a limit, b in", Refusal::None, 200, ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.scenario) {
            const Scenario scenario = find_scenario(c.scenario);
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            CHECK(describe(decision) == c.candidates);
            CHECK(decision.refusal == c.refusal);
            CHECK(decision.status() == c.status);
            CHECK((decision.verdict() == Verdict::Allow) == (c.status == 200));
            if (decision.verdict() == Verdict::Allow) continue;
            const Error refused = error(decision);
            CHECK(refused.http_status() == c.status);
            if (c.error != nullptr) CHECK(render_line(refused) == c.error);
        }
    }
}

TEST_CASE("decision: what a program needs of a refusal is in its error", "[decision]") {
    struct Case {
        const char* scenario;
        ErrorCode code;
        const char* wire_code;
        const char* param;
        const char* limit;
        std::optional<milliseconds> retry_after;
    };
    const Case cases[] = {
        {"key_at_its_limit", ErrorCode::RateLimited, "", "", "key:rpm", milliseconds(2'400)},
        {"platforms_at_their_limits", ErrorCode::RateLimited, "", "", "platform:b:rpm",
         milliseconds(4'200)},
        {"platforms_have_failed", ErrorCode::NoPlatform, "", "", "", milliseconds(12'000)},
        {"model_not_found", ErrorCode::NotFound, "model_not_found", "model", "", std::nullopt},
        {"embeddings_are_not_served", ErrorCode::InvalidRequest, "", "model", "", std::nullopt},
        {"nobody_sees", ErrorCode::InvalidRequest, "unsupported_value", "model", "", std::nullopt},
        {"price_unknown_and_refused", ErrorCode::Forbidden, "model_not_priced", "model", "",
         std::nullopt},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.scenario) {
            const Scenario scenario = find_scenario(c.scenario);
            const Snapshot snapshot = scenario.snapshot();
            const Error refused = error(scenario.decide(snapshot));
            CHECK(refused.code == c.code);
            CHECK(refused.wire_code == c.wire_code);
            CHECK(refused.param == c.param);
            CHECK(refused.limit == c.limit);
            CHECK(refused.retry_after == c.retry_after);
        }
    }
}

TEST_CASE("decision: a caller's odd name for a model is escaped and cut in errors", "[decision]") {
    struct Case {
        const char* name;
        std::string model;
        std::string want;
    };
    const Case cases[] = {
        {"control characters", "x\x1b[2J\n", R"(model "x\u001b[2J\n" does not exist here)"},
        {"no UTF-8", "x\xff", "model \"x\xEF\xBF\xBD\" does not exist here"},
        {"a very long one", std::string(5'000, 'x'),
         "model \"" + std::string(80, 'x') + "\" does not exist here"},
        {"none at all", "", R"(model "" does not exist here)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.facts.model = c.model;
            const Snapshot snapshot = scenario.snapshot();
            CHECK(error(scenario.decide(snapshot)).message == c.want);
        }
    }
}

TEST_CASE("decide: the only platform is asked although it has failed lately", "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.routing.rules = {{.model = "text-*", .to = {to_platform("b")}}};
    scenario.facts = {.operation = Operation::Embeddings, .model = "text-embedding-3-small"};
    scenario.observed.open("b", at("2026-11-20T10:00:12Z"));
    const Snapshot snapshot = scenario.snapshot();
    CHECK(describe(scenario.decide(snapshot)) == "b in");
}

TEST_CASE("decision: what may pass by waiting is said before what never will", "[decision]") {
    // Three platforms that are out for three reasons; each case mends the one before.
    Scenario scenario = free_sample();
    scenario.add_platform("c", "simulated", simulated());
    scenario.config.routing.rules = {
        {.model = "text-*", .to = {to_platform("a"), to_platform("b"), to_platform("c")}}};
    scenario.config.pricing.missing = pricing::Missing::Reject;
    scenario.facts = {.operation = Operation::Embeddings, .model = "text-embedding-3-small"};
    scenario.observed.set_used(limits::platform_limits("a", {.rpm = 600}).front(), "a", 600,
                               milliseconds(100));
    scenario.observed.open("b", at("2026-11-20T10:00:12Z"));
    {
        const Snapshot snapshot = scenario.snapshot();
        const Decision decision = scenario.decide(snapshot);
        CHECK(describe(decision) == "a limit, b open, c not served");
        CHECK(decision.refusal == Refusal::PlatformLimit);
    }
    scenario.config.routing.platforms[0].rpm = 0;
    scenario.observed.open("a", at("2026-11-20T10:00:05Z"));
    {
        const Snapshot snapshot = scenario.snapshot();
        const Decision decision = scenario.decide(snapshot);
        CHECK(describe(decision) == "a open, b open, c not served");
        CHECK(decision.refusal == Refusal::AllOpen);
        CHECK(error(decision).retry_after == milliseconds(5'000));
    }
    scenario.observed = {};
    scenario.facts.model = "text-unheard-of";
    {
        const Snapshot snapshot = scenario.snapshot();
        const Decision decision = scenario.decide(snapshot);
        CHECK(describe(decision) == "a price, b price, c not served");
        CHECK(decision.refusal == Refusal::PriceMissing);
    }
}

TEST_CASE("decision: the longest wait of a candidate counts, and of candidates the shortest",
          "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.routing.platforms[0].models[0].rpm = 10;
    scenario.config.routing.platforms[1].rpm = 30;
    const auto model = limits::model_limits("a", "gpt-4o", {.rpm = 10}).front();
    scenario.observed.set_used(limits::platform_limits("a", {.rpm = 600}).front(), "a", 600,
                               milliseconds(1'000));
    scenario.observed.set_used(model, limits::model_subject("a", "gpt-4o"), 10,
                               milliseconds(9'000));
    scenario.observed.set_used(limits::platform_limits("b", {.rpm = 30}).front(), "b", 30,
                               milliseconds(20'000));
    const Snapshot snapshot = scenario.snapshot();
    const Error refused = error(scenario.decide(snapshot));
    CHECK(refused.retry_after == milliseconds(9'000));
    CHECK(refused.limit == model.name);
}

TEST_CASE("decision: limits count for the models they match and the callers they name",
          "[decision]") {
    using limits::Subject;
    const auto both = [](Subject first, Subject second) {
        limits::Subjects by = first;
        by.add(second);
        return by;
    };
    struct Case {
        const char* name;
        limits::Options limit;
        PrincipalKind kind;
        const char* model;
        std::size_t of_key;
        std::size_t of_a;
    };
    const Case cases[] = {
        {"by key", {.by = Subject::Key}, PrincipalKind::StaticKey, "gpt-4o", 1, 1},
        {"by key of another model",
         {.by = Subject::Key, .model = "o1*"},
         PrincipalKind::StaticKey,
         "gpt-4o",
         0,
         1},
        {"by key of a local caller", {.by = Subject::Key}, PrincipalKind::Local, "gpt-4o", 0, 1},
        {"by address", {.by = Subject::Ip}, PrincipalKind::StaticKey, "gpt-4o", 1, 1},
        {"by address of a local caller", {.by = Subject::Ip}, PrincipalKind::Local, "gpt-4o", 1, 1},
        {"by address, of another model",
         {.by = Subject::Ip, .model = "o1*"},
         PrincipalKind::StaticKey,
         "gpt-4o",
         0,
         1},
        {"by platform", {.by = Subject::Platform}, PrincipalKind::StaticKey, "gpt-4o", 0, 2},
        {"by platform of another model",
         {.by = Subject::Platform, .model = "o1*"},
         PrincipalKind::StaticKey,
         "gpt-4o",
         0,
         1},
        {"of all callers", {.by = Subject::Global}, PrincipalKind::StaticKey, "gpt-4o", 1, 1},
        {"by user", {.by = Subject::User}, PrincipalKind::StaticKey, "gpt-4o", 1, 1},
        {"by tenant", {.by = Subject::Tenant}, PrincipalKind::StaticKey, "gpt-4o", 1, 1},
        {"by tenant of a local caller",
         {.by = Subject::Tenant},
         PrincipalKind::Local,
         "gpt-4o",
         0,
         1},
        {"by user and model",
         {.by = both(Subject::User, Subject::Model)},
         PrincipalKind::StaticKey,
         "gpt-4o",
         1,
         1},
        {"by key and address",
         {.by = both(Subject::Key, Subject::Ip)},
         PrincipalKind::StaticKey,
         "gpt-4o",
         1,
         1},
        {"by key and platform",
         {.by = both(Subject::Key, Subject::Platform)},
         PrincipalKind::StaticKey,
         "gpt-4o",
         0,
         2},
        {"by model, listed", {.by = Subject::Model}, PrincipalKind::StaticKey, "gpt-4o", 0, 2},
        {"by model, not listed", {.by = Subject::Model}, PrincipalKind::StaticKey, "gpt-5", 0, 2},
        {"by model, not listed, not matched",
         {.by = Subject::Model, .model = "gpt-4*"},
         PrincipalKind::StaticKey,
         "gpt-5",
         0,
         1},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.config.limits = {c.limit};
            scenario.config.limits[0].rates.rpm = 7;
            scenario.principal.kind = c.kind;
            scenario.principal.user = "u-42";
            scenario.principal.tenant = "acme";
            scenario.facts.model = c.model;
            scenario.facts.client_ip = "192.0.2.7";
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            CHECK(decision.caller_limits().size() == c.of_key);
            CHECK(decision.limits_of(decision.candidates[0]).size() == c.of_a);
        }
    }
}

TEST_CASE("decision: a caller at a limit for all models is refused before its call is known",
          "[decision]") {
    using limits::Subject;
    struct Case {
        const char* name;
        limits::Options limit;
        PrincipalKind kind;
        std::uint64_t used;
        const char* error;  // "" when there is none
    };
    const char* of_key = "key \"ci\" is at its limit of 7 requests per minute: try again in 3s";
    const char* of_ip =
        "ip \"192.0.2.7\" is at its limit of 7 requests per minute: try again in 3s";
    const Case cases[] = {
        {"by key", {.by = Subject::Key}, PrincipalKind::StaticKey, 7, of_key},
        {"by key, with room", {.by = Subject::Key}, PrincipalKind::StaticKey, 6, ""},
        {"by key of a local caller", {.by = Subject::Key}, PrincipalKind::Local, 7, ""},
        {"by key, for some models",
         {.by = Subject::Key, .model = "gpt*"},
         PrincipalKind::StaticKey,
         7,
         ""},
        {"by key, only watched",
         {.by = Subject::Key, .mode = limits::Mode::Monitor},
         PrincipalKind::StaticKey,
         7,
         ""},
        {"by address", {.by = Subject::Ip}, PrincipalKind::StaticKey, 7, of_ip},
        {"by address of a local caller", {.by = Subject::Ip}, PrincipalKind::Local, 7, of_ip},
        {"by platform", {.by = Subject::Platform}, PrincipalKind::StaticKey, 7, ""},
        {"of all callers",
         {.by = Subject::Global},
         PrincipalKind::StaticKey,
         7,
         "the gateway is at its limit of 7 requests per minute: try again in 3s"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.config.limits = {c.limit};
            scenario.config.limits[0].rates.rpm = 7;
            scenario.principal.kind = c.kind;
            const auto limit = limits::compile(scenario.config.limits)->front();
            for (const char* subject : {"ci", "192.0.2.7", "a", ""})
                scenario.observed.set_used(limit, subject, c.used, milliseconds(3'000));
            const Snapshot snapshot = scenario.snapshot();
            const auto refusal = find_early_refusal(snapshot, scenario.principal, "192.0.2.7",
                                                    scenario.observed, scenario.now);
            CHECK((refusal ? render_line(*refusal) : "") == c.error);
        }
    }
}

TEST_CASE("decision: the name sent upstream is the rule's, then the platform's own", "[decision]") {
    struct Case {
        const char* name;
        const char* rule_model;
        const char* asked;
        const char* upstream_a;
        const char* upstream_b;
    };
    const Case cases[] = {
        {"nobody renames", "", "gpt-5", "gpt-5", "gpt-5"},
        {"the platform's table renames", "", "gpt-4o", "gpt-4o-2024-11-20", "gpt-4o"},
        {"the rule renames", "gpt-6", "gpt-4o", "gpt-6", "gpt-6"},
        {"the rule's name is looked up in the table", "gpt-4o", "gpt-5", "gpt-4o-2024-11-20",
         "gpt-4o"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.config.routing.rules[3].upstream_model = c.rule_model;
            scenario.facts.model = c.asked;
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            REQUIRE(decision.candidates.size() == 2);
            CHECK(decision.candidates[0].upstream_model == c.upstream_a);
            CHECK(decision.candidates[1].upstream_model == c.upstream_b);
        }
    }
}

TEST_CASE("decision: an estimate prices the input and the bound of the answer", "[decision]") {
    struct Case {
        const char* name;
        std::optional<std::int64_t> max_output;
        std::int64_t answers;
        std::int64_t want_output;
    };
    const Case cases[] = {
        {"a bound of the request's own", 256, 1, 256},
        {"no bound", std::nullopt, 1, kAssumedMaxOutput},
        {"several answers", 100, 3, 300},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.facts.max_output = c.max_output;
            scenario.facts.answers = c.answers;
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            const auto price = estimate(decision, decision.candidates[0]);
            REQUIRE(price.has_value());
            REQUIRE(price->lines().size() == 2);
            CHECK(price->lines()[0].quantity == 812);
            CHECK(price->lines()[1].quantity == c.want_output);
        }
    }
}

TEST_CASE("decision: an estimate of absurd sizes is refused, not wrapped", "[decision]") {
    Scenario scenario = free_sample();
    scenario.facts.max_output = std::numeric_limits<std::int64_t>::max();
    scenario.facts.answers = std::numeric_limits<std::int64_t>::max();
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    CHECK(decision.verdict() == Verdict::Allow);
    const auto price = estimate(decision, decision.candidates[0]);
    if (price) CHECK(price->lines()[1].quantity == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("decision: what is reserved is what was read", "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.limits.push_back({.by = limits::Subject::Model, .rates = {.rpm = 5}});
    scenario.facts.model = "gpt-5";
    const Snapshot snapshot = scenario.snapshot();
    Decision first = scenario.decide(snapshot);
    const Decision decision = std::move(first);  // the subjects it made move with it

    const Candidate* a = decision.find_candidate(1);
    REQUIRE(a != nullptr);
    std::string subjects;
    for (const limits::Claim& claim : claims(decision, *a)) {
        subjects += std::string(claim.key.subject) + "<=" + std::to_string(claim.max) + " ";
    }
    CHECK(subjects == "ci<=60 a<=600 a/gpt-5<=5 ");
    CHECK(caller_claims(decision).size() == 1);
    CHECK(candidate_claims(decision, *a).size() == 2);
    CHECK(decision.find_candidate(2)->platform == 1);
    CHECK(decision.find_candidate(3) == nullptr);

    limits::Cells cells;
    const auto taken = claims(decision, *a);
    const auto grant = cells.reserve({taken.begin(), taken.size()}, scenario.now);
    REQUIRE(grant.has_value());
    const Decision next =
        decide(snapshot, scenario.facts, scenario.principal,
               ObservedLive(cells, routing::Health(), routing::Tickets()), scenario.now);
    for (const LimitReading& reading : next.caller_limits()) CHECK(reading.reading.used == 1);
    for (const LimitReading& reading : next.limits_of(next.candidates[0])) {
        CHECK(reading.reading.used == 1);
    }
}

TEST_CASE("decision: the same question has the same answer, byte for byte", "[decision]") {
    Scenario scenario = sample();
    const Snapshot snapshot = scenario.snapshot();
    limits::Cells cells;
    {
        const Decision decision = scenario.decide(snapshot);
        const auto taken = claims(decision, decision.candidates[0]);
        REQUIRE(cells.reserve({taken.begin(), taken.size()}, scenario.now).has_value());
    }
    const std::size_t cells_before = cells.size();
    const routing::Health health;
    const routing::Tickets tickets;
    const ObservedLive observed(cells, health, tickets);
    const auto answer = [&] {
        const Decision decision =
            decide(snapshot, scenario.facts, scenario.principal, observed, scenario.now);
        return render_json(decision, scenario.path) + render_text(decision);
    };
    const std::string first = answer();
    bool all_equal = true;
    for (int i = 0; i < 1'000; ++i) all_equal = all_equal && answer() == first;
    CHECK(all_equal);
    CHECK(cells.size() == cells_before);
    CHECK(first.find("\"used\":1,") != std::string::npos);
}

TEST_CASE("decision: a snapshot of the same configuration gives the same answer", "[decision]") {
    for (const NamedScenario& each : scenarios()) {
        DYNAMIC_SECTION(each.name) {
            const Snapshot one = each.scenario.snapshot();
            Snapshot made = each.scenario.snapshot();
            const Snapshot other = std::move(made);
            CHECK(render_json(each.scenario.decide(one)) ==
                  render_json(each.scenario.decide(other)));
        }
    }
}

TEST_CASE("decision: each observed value is read once", "[decision]") {
    const Scenario scenario = sample();
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    CHECK(scenario.observed.reads().size() == 2);
    for (const auto& [cell, count] : scenario.observed.reads()) CHECK(count == 1);
    CHECK(decision.readings.size() == 2);
}

TEST_CASE("decision: match and rank together are decide", "[decision]") {
    for (const NamedScenario& each : scenarios()) {
        DYNAMIC_SECTION(each.name) {
            const Scenario& s = each.scenario;
            const Snapshot snapshot = s.snapshot();
            const Selection selection = match(snapshot, s.facts, s.principal, s.now);
            CHECK(render_json(rank(selection, s.observed)) == render_json(s.decide(snapshot)));
        }
    }
}

TEST_CASE("decision: a hundred platforms are ranked as a few are", "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.routing.rules = {{.model = "gpt-4o"}};
    for (int i = 0; i < 100; ++i) {
        const std::string name = "p" + std::to_string(i);
        scenario.add_platform(name, "openai", openai()).rpm = 10;
        scenario.config.routing.rules[0].to.push_back(to_platform(name));
    }
    scenario.observed.set_used(limits::platform_limits("p0", {.rpm = 10}).front(), "p0", 10,
                               milliseconds(10));
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    REQUIRE(decision.candidates.size() == 100);
    CHECK(decision.candidates[0].reason == Reason::LimitReached);
    CHECK(decision.find_candidate(99)->platform == 101);
    CHECK(decision.limits_of(decision.candidates[99])[0].claim.key.subject == "p99");
}

TEST_CASE("decision: a limit of tokens counts what a call may use at most", "[decision]") {
    struct Case {
        const char* name;
        std::int64_t input;
        std::int64_t margin_percent;
        std::optional<std::int64_t> max_output;
        std::uint64_t max;
        std::uint32_t want;
        int status;
    };
    const Case cases[] = {
        {"input and answer", 812, 0, 256, 9000, 1068, 200},
        {"an estimate with its margin", 800, 10, 256, 9000, 1136, 200},
        {"no bound: the one that is assumed", 812, 0, std::nullopt, 9000, 4908, 200},
        {"an assumption alone is not over a limit", 812, 0, std::nullopt, 2000, 2000, 200},
        {"a bound is", 812, 0, 2000, 2000, 2812, 429},
        {"so is the input", 2100, 0, std::nullopt, 2000, 2100, 429},
        {"an empty prompt", 0, 0, 1, 9000, 2, 200},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            scenario.config.limits = {{.name = "tokens", .rates = {.tpm = c.max}, .at = line(70)}};
            scenario.facts.input_tokens = c.input;
            scenario.facts.input_margin_percent = c.margin_percent;
            scenario.facts.max_output = c.max_output;
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            REQUIRE(decision.caller_limits().size() == 1);
            CHECK(decision.caller_limits()[0].claim.cost == c.want);
            CHECK(decision.status() == c.status);
        }
    }
}

TEST_CASE("decision: no platform takes a call that alone is over its limit of tokens",
          "[decision]") {
    Scenario scenario = free_sample();
    scenario.config.routing.platforms[0].tpm = 500;
    scenario.config.routing.platforms[1].tpm = 800;
    const Snapshot snapshot = scenario.snapshot();
    const Error refused = error(scenario.decide(snapshot));
    CHECK(render_line(refused) ==
          "the call may use 1068 tokens, more than any platform for model \"gpt-4o\" may be asked "
          "for: send less, or ask for a shorter answer");
    CHECK_FALSE(refused.retry_after);
}

TEST_CASE("decision: subjects of several parts are put together once", "[decision]") {
    using limits::Subject;
    Scenario scenario = free_sample();
    limits::Subjects by = Subject::Tenant;
    by.add(Subject::Model);
    scenario.config.limits = {{.by = by, .rates = {.rpm = 9, .concurrency = 2}},
                              {.by = Subject::Key, .rates = {.rpm = 60}},
                              {.by = Subject::Global, .rates = {.qps = 50}}};
    scenario.principal.tenant = "acme";
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    std::string seen;
    for (const LimitReading& reading : decision.caller_limits())
        seen += limits::label(*reading.limit, reading.claim.key.subject) + " ";
    CHECK(seen ==
          "key:ci:rpm global:qps tenant,model:acme,gpt-4o:rpm "
          "tenant,model:acme,gpt-4o:concurrency ");
    CHECK(std::distance(decision.made_subjects.begin(), decision.made_subjects.end()) == 1);
}

TEST_CASE("decision: a limit of money holds what the dearest candidate may cost", "[decision]") {
    struct Case {
        const char* name;
        std::optional<std::int64_t> max_output;
        const char* currency;
        std::uint64_t max;
        std::uint64_t cost;
        int status;
    };
    // 812 tokens in and 256 out: 2.50 and 10.00 USD per million at a, times 0.9; as listed at b.
    const Case cases[] = {
        {"with room", 256, "USD", 100'000'000, 459'000, 200},
        {"exactly enough", 256, "USD", 459'000, 459'000, 200},
        {"not quite", 256, "USD", 458'999, 459'000, 429},
        {"in another currency", 256, "CNY", 1, 0, 200},
        {"no bound: the answer's length is assumed", std::nullopt, "USD", 100'000'000, 4'299'000,
         200},
        {"the assumption alone is not over a limit", std::nullopt, "USD", 300'000, 300'000, 200},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scenario scenario = free_sample();
            limits::Options budget{.name = "budget"};
            budget.rates.money = {
                {limits::Period::day(), c.max, *Currency::parse(std::string_view(c.currency))}};
            scenario.config.limits = {budget};
            scenario.facts.max_output = c.max_output;
            const Snapshot snapshot = scenario.snapshot();
            const Decision decision = scenario.decide(snapshot);
            REQUIRE(decision.caller_limits().size() == 1);
            CHECK(decision.caller_limits()[0].claim.cost == c.cost);
            CHECK(decision.status() == c.status);
            for (const auto& [cell, count] : scenario.observed.reads()) CHECK(count == 1);
        }
    }
}

TEST_CASE("decision: limits of every kind say what they count", "[decision]") {
    Scenario scenario = free_sample();
    limits::Options all;
    all.rates = {.qps = 5,
                 .concurrency = 2,
                 .tokens = {{limits::Period::sliding(std::chrono::hours(1)), 50'000, {}}},
                 .money = {{limits::Period::month(), 50'000'000'000, Currency::literal("USD")}}};
    scenario.config.limits = {all};
    const auto compiled = *limits::compile(scenario.config.limits);
    scenario.observed.set_used(compiled[1], "ci", 2, milliseconds(1000));
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    const std::string json = render_json(decision);
    for (
        const char* part :
        {R"({"name":"key:ci:qps","kind":"qps","window":"1s","limit":5,"used":0,"cost":1,"verdict":"allow"})",
         R"({"name":"key:ci:concurrency","kind":"concurrency","limit":2,"used":2,"cost":1,"verdict":"reject","retry_after":"1s"})",
         R"({"name":"key:ci:tokens:1h","kind":"tokens","window":"1h","limit":50000,"used":0,"cost":1068,"verdict":"allow"})",
         R"({"name":"key:ci:money:month:USD","kind":"money","window":"month","currency":"USD","limit":"500.00000000","used":"0.00000000","cost":"0.00459000","verdict":"allow"})"}) {
        INFO(part);
        CHECK(json.find(part) != std::string::npos);
    }
    const std::string text = render_text(decision);
    for (const char* part :
         {"0 used + 1 of 5 in 1s  allow", "2 used + 1 of 2 at a time  reject, free in 1s",
          "0 used + 1068 of 50000 tokens in 1h  allow",
          "0.00000000 used + 0.00459000 of 500.00 USD a month  allow"}) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    }
}
