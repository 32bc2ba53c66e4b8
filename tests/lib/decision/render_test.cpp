#include "decision/render.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/lib/decision/scenario.h"

using namespace aigw;
using namespace aigw::decision;
using namespace aigw::decision::testing;

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Compares with a file under tests/golden/decision, or rewrites it when asked to.
void check_golden(const std::string& file, const std::string& text) {
    const auto path = std::filesystem::path(AIGW_SOURCE_DIR) / "tests/golden/decision" / file;
    if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }
    CHECK(text == read_file(path));
}

std::string field(std::string_view json, std::string_view path) {
    const auto value = read_field(json, path);
    return value ? *value : render_line(value.error());
}

}  // namespace

TEST_CASE("decision: the JSON of every scenario is the golden one, keys in order", "[decision]") {
    for (const NamedScenario& each : scenarios()) {
        DYNAMIC_SECTION(each.name) {
            const Snapshot snapshot = each.scenario.snapshot();
            const Decision decision = each.scenario.decide(snapshot);
            check_golden(each.name + ".json",
                         render_json(decision, each.scenario.path, JsonStyle::Indented) + "\n");
        }
    }
}

TEST_CASE("decision: the page of every scenario is the golden one", "[decision]") {
    for (const NamedScenario& each : scenarios()) {
        DYNAMIC_SECTION(each.name) {
            const Snapshot snapshot = each.scenario.snapshot();
            check_golden(each.name + ".txt", render_text(each.scenario.decide(snapshot)));
        }
    }
}

TEST_CASE("decision: colour adds colour to the page and nothing else", "[decision]") {
    for (const NamedScenario& each : scenarios()) {
        DYNAMIC_SECTION(each.name) {
            const Snapshot snapshot = each.scenario.snapshot();
            const Decision decision = each.scenario.decide(snapshot);
            std::string page = render_text(decision, Colour::Yes);
            CHECK(page.find("\x1b[") != std::string::npos);
            for (const char* code : {"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
                for (auto i = page.find(code); i != std::string::npos; i = page.find(code)) {
                    page.erase(i, std::string_view(code).size());
                }
            }
            CHECK(page == render_text(decision));
        }
    }
}

TEST_CASE("decision: JSON on one line says what indented JSON says", "[decision]") {
    const Scenario scenario = sample();
    const Snapshot snapshot = scenario.snapshot();
    const Decision decision = scenario.decide(snapshot);
    const std::string compact = render_json(decision, scenario.path);
    CHECK(compact.find('\n') == std::string::npos);
    const std::string indented = render_json(decision, scenario.path, JsonStyle::Indented);
    for (const char* path : {"request", "principal", "candidates", "limits", "error"}) {
        CHECK(field(compact, path) == field(indented, path));
    }
}

TEST_CASE("decision: the sample of the description reads as described", "[decision]") {
    const Scenario scenario = sample();
    const Snapshot snapshot = scenario.snapshot();
    const std::string json = render_json(scenario.decide(snapshot), scenario.path);
    struct Case {
        const char* path;
        const char* want;
    };
    const Case cases[] = {
        {"version", "1"},
        {"at", "2026-11-20T10:00:00Z"},
        {"request",
         R"({"operation":"chat","protocol":"openai","path":"/v1/chat/completions","model":"gpt-4o","stream":true,"tokens":{"input":812,"exact":true,"max_output":256},"needs":["tools","vision"]})"},
        {"principal", R"({"kind":"static_key","key":"ci","tenant":"acme","role":"user"})"},
        {"rule", "gpt-*"},
        {"rule.index", "3"},
        {"rule.kind", "prefix"},
        {"rule.to", "group:openai-pool"},
        {"rule.at", "gateway.toml:41"},
        {"candidates.0.platform", "a"},
        {"candidates.0.upstream_model", "gpt-4o-2024-11-20"},
        {"candidates.0.limits.0",
         R"({"name":"platform:a:rpm","kind":"rpm","window":"60s","limit":600,"used":12,"cost":1,"verdict":"allow"})"},
        {"candidates.0.price.currency", "USD"},
        {"candidates.0.price.total", "0.00413100"},
        {"candidates.0.price.items.0.base", "2.50"},
        {"candidates.0.price.items.0.discount", "0.9"},
        {"candidates.0.price.items.0.unit_price", "2.25"},
        {"candidates.0.price.items.0.amount", "0.00182700"},
        {"candidates.0.price.items.1.quantity", "256"},
        {"candidates.0.price.items.1.amount", "0.00230400"},
        {"candidates.1.reason", "circuit open until 2026-11-20T10:00:12Z"},
        {"limits.0",
         R"({"name":"key:ci:rpm","kind":"rpm","window":"60s","limit":60,"used":60,"cost":1,"verdict":"reject","retry_after":"2.4s"})"},
        {"verdict", "reject"},
        {"status", "429"},
        {"error.code", "rate_limited"},
        {"error.message", "key \"ci\" is at its limit of 60 requests per minute"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.path) {
            CHECK(field(json, c.path) == c.want);
        }
    }
}

TEST_CASE("decision: a field is found by its path or its short name", "[decision]") {
    const std::string_view json =
        R"({"verdict":"allow","status":200,"namespace":{"name":"vip"},"rule":{"kind":"any"},)"
        R"("candidates":[{"platform":"a","eligible":false},)"
        R"({"platform":"b","eligible":true,"order":1,"price":{"total":"0.00413100"}}],)"
        R"("limits":[{"name":"x","verdict":"allow"}]})";
    struct Case {
        const char* path;
        const char* want;
    };
    const Case cases[] = {
        {"verdict", "allow"},
        {"status", "200"},
        {"platform", "b"},
        {"price", "0.00413100"},
        {"namespace", "vip"},
        {"rule", "any"},
        {"limits.0.verdict", "allow"},
        {"limits.0", R"({"name":"x","verdict":"allow"})"},
        {"candidates.0.eligible", "false"},
        {"limits.1.verdict",
         R"(the decision has no field "limits.1.verdict": "limits" has 1 elements)"},
        {"limits.x", R"(the decision has no field "limits.x": "limits" has 1 elements)"},
        {"verdikt",
         R"(the decision has no field "verdikt": it has verdict, status, namespace, rule, candidates, limits)"},
        {"limits.0.verdict.x",
         R"(the decision has no field "limits.0.verdict.x": "limits.0.verdict" is a plain value)"},
        {"candidates.0.",
         R"(the decision has no field "candidates.0.": "candidates.0" has platform, eligible)"},
        {"",
         R"(the decision has no field "": it has verdict, status, namespace, rule, candidates, limits)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.path << "\"") {
            CHECK(field(json, c.path) == c.want);
        }
    }
}

TEST_CASE("decision: a field of what is no decision is an error, not a crash", "[decision]") {
    struct Case {
        const char* json;
        const char* path;
        const char* want;
    };
    const Case cases[] = {
        {"{", "verdict",
         "a decision must be a JSON object: give what `aigw route-test --json` prints"},
        {"[1]", "0", "a decision must be a JSON object: give what `aigw route-test --json` prints"},
        {"{}", "platform", R"(the decision has no field "platform": no candidate is eligible)"},
        {R"({"candidates":{"a":1}})", "platform",
         R"(the decision has no field "platform": no candidate is eligible)"},
        {R"({"candidates":[1,{"eligible":"yes"}]})", "price",
         R"(the decision has no field "price": no candidate is eligible)"},
        {R"({"candidates":[{"eligible":true,"platform":"a"}]})", "price",
         R"(the decision has no field "price": the first eligible candidate has no price)"},
        {R"({"rule":{}})", "rule", R"(the decision has no field "rule": no route took the model)"},
        {R"({})", "namespace", R"(the decision has no field "namespace": none applied)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.json << " " << c.path) {
            CHECK(field(c.json, c.path) == c.want);
        }
    }
}
