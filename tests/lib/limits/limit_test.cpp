#include "limits/limit.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::limits;
using namespace std::chrono_literals;

TEST_CASE("limits: a limit is named as given or for what it counts", "[limits]") {
    struct Case {
        const char* name;
        Limit limit;
        const char* subject;
        const char* metric;
        const char* label;
    };
    const auto compiled = [](Options options) { return compile(std::span(&options, 1))->front(); };
    const Case cases[] = {
        {"unnamed, by key", compiled({.rates = {60}}), "ci", "key:rpm", "key:ci:rpm"},
        {"unnamed, by platform", compiled({.by = Subject::Platform, .rates = {60}}), "a",
         "platform:rpm", "platform:a:rpm"},
        {"unnamed, by model", compiled({.by = Subject::Model, .rates = {60}}), "a/gpt-4o",
         "model:rpm", "model:a/gpt-4o:rpm"},
        {"unnamed, by address", compiled({.by = Subject::Ip, .rates = {60}}), "192.0.2.7", "ip:rpm",
         "ip:192.0.2.7:rpm"},
        {"named", compiled({.name = "per-key", .rates = {60}}), "ci", "per-key", "per-key"},
        {"a platform's own", platform_limits("a", {.rpm = 600}).front(), "a", "platform:a:rpm",
         "platform:a:rpm"},
        {"a model's own", model_limits("a", "qwen-max", {.rpm = 60}).front(), "a/qwen-max",
         "model:a/qwen-max:rpm", "model:a/qwen-max:rpm"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(c.limit.name == c.metric);
            CHECK(label(c.limit, c.subject) == c.label);
        }
    }
}

TEST_CASE("limits: a table becomes a limit with all it says", "[limits]") {
    const Options tables[] = {
        {.name = "slow", .rates = {60}, .model = "gpt-*", .mode = Mode::Monitor},
        {.name = "without numbers"},
        {.by = Subject::Platform, .rates = {600}},
    };
    const auto limits = compile(tables);
    REQUIRE(limits);
    REQUIRE(limits->size() == 2);
    const Limit& slow = limits->front();
    CHECK(slow.max == 60);
    CHECK(slow.mode == Mode::Monitor);
    CHECK(slow.applies_to("gpt-4o"));
    CHECK_FALSE(slow.applies_to("qwen-max"));
    CHECK(limits->back().applies_to("qwen-max"));
    CHECK(limits->back().by == Subject::Platform);
}

TEST_CASE("limits: an address counts as one customer's", "[limits]") {
    struct Case {
        const char* name;
        const char* address;
        const char* subject;
    };
    const Case cases[] = {
        {"IPv4", "192.0.2.7", "192.0.2.7"},
        {"IPv4 in IPv6", "::ffff:192.0.2.7", "192.0.2.7"},
        {"IPv6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"its neighbour", "2001:db8:1:2::1", "2001:db8:1:2::/64"},
        {"another customer", "2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"a Unix socket", "unix", "unix"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(ip_subject(c.address) == c.subject);
        }
    }
}

TEST_CASE("limits: the id of a limit depends on its name and models, not on its numbers",
          "[limits]") {
    const auto id = [](Options options) { return compile(std::span(&options, 1))->front().id; };
    const std::uint64_t reference = id({.name = "a", .rates = {60}, .model = "gpt-*"});
    CHECK(id({.name = "a", .rates = {90}, .model = "gpt-*", .mode = Mode::Monitor}) == reference);
    CHECK(id({.name = "b", .rates = {60}, .model = "gpt-*"}) != reference);
    CHECK(id({.name = "a", .rates = {60}, .model = "qwen-*"}) != reference);
    CHECK(id({.name = "agpt-*", .rates = {60}}) != reference);
}

TEST_CASE("limits: two limits that could not be told apart are refused", "[limits]") {
    struct Case {
        const char* name;
        Options first;
        Options second;
        const char* message;  // "": accepted
    };
    const FilePosition at{"gateway.toml", 12, 1};
    const Case cases[] = {
        {"the same kind, unnamed",
         {.rates = {60}},
         {.rates = {90}, .at = at},
         "gateway.toml:12: there is already a limit \"key:rpm\": give each a `name` of its own"},
        {"the same kind for the same models",
         {.rates = {60}, .model = "gpt-*"},
         {.rates = {90}, .model = "gpt-*", .at = at},
         "gateway.toml:12: there is already a limit \"key:rpm\" for models \"gpt-*\": give each a "
         "`name` of its own"},
        {"the same kind for different models",
         {.rates = {60}, .model = "gpt-*"},
         {.rates = {90}, .model = "qwen-*", .at = at},
         ""},
        {"names of their own",
         {.name = "a", .rates = {60}},
         {.name = "b", .rates = {90}, .at = at},
         ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Options tables[] = {c.first, c.second};
            const auto limits = compile(tables);
            CHECK((limits ? "" : render_line(limits.error())) == c.message);
        }
    }
}

TEST_CASE("limits: a refusal names the subject, the limit and the time to wait", "[limits]") {
    struct Case {
        const char* name;
        Limit limit;
        const char* subject;
        std::chrono::milliseconds wait;
        const char* message;
    };
    const Options by_key{.rates = {60}};
    const Case cases[] = {
        {"a key", compile(std::span(&by_key, 1))->front(), "ci", 2400ms,
         "key \"ci\" is at its limit of 60 requests per minute: try again in 2.4s"},
        {"a platform", platform_limits("a", {.rpm = 1}).front(), "a", 60s,
         "platform \"a\" is at its limit of 1 request per minute: try again in 60s"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Error error = refusal_error(c.limit, c.subject, 1, c.wait);
            CHECK(render_line(error) == c.message);
            CHECK(error.http_status() == 429);
            CHECK(error.limit == c.limit.name);
            CHECK(error.retry_after == c.wait);
        }
    }
}

TEST_CASE("limits: a table with both numbers is two limits", "[limits]") {
    const Options both[] = {{.rates = {.rpm = 60, .tpm = 9000}},
                            {.name = "mine", .rates = {.rpm = 1, .tpm = 2}}};
    const auto limits = compile(both);
    REQUIRE(limits);
    REQUIRE(limits->size() == 4);
    std::string seen;
    for (const Limit& limit : *limits) {
        seen += limit.name + " " + std::string(name_of(limit.kind)) + " " +
                std::to_string(limit.max) + "\n";
    }
    CHECK(seen == "key:rpm rpm 60\nkey:tpm tpm 9000\nmine rpm 1\nmine tpm 2\n");
    CHECK((*limits)[2].id != (*limits)[3].id);
}

TEST_CASE("limits: a call over a limit of tokens by itself is not told to come back", "[limits]") {
    const Options options{.rates = {.tpm = 1000}};
    const Limit limit = compile(std::span(&options, 1))->front();
    CHECK(render_line(refusal_error(limit, "ci", 200, 2400ms)) ==
          "key \"ci\" is at its limit of 1000 tokens per minute: try again in 2.4s");
    const Error never = refusal_error(limit, "ci", 1001, 60s);
    CHECK(render_line(never) ==
          "the call may use 1001 tokens, and key \"ci\" has a limit of 1000 tokens per minute: "
          "send less, or ask for a shorter answer");
    CHECK_FALSE(never.retry_after);
}

TEST_CASE("limits: each number of a table is a limit with a name of its own", "[limits]") {
    const Currency cny = Currency::literal("CNY");
    Options options{.by = Subject::User};
    options.by.add(Subject::Model);
    options.rates = {.rpm = 60,
                     .tpm = 9000,
                     .qps = 5,
                     .concurrency = 1,
                     .tokens = {{Period::sliding(10min), 20000, {}}, {Period::day(), 90000, {}}},
                     .money = {{Period::month(), 50'000'000'000, cny}}};
    const auto limits = compile(std::span(&options, 1));
    REQUIRE(limits);
    std::string seen;
    for (const Limit& limit : *limits) {
        seen += label(limit, "u-42,gpt-4o") + ": " +
                refusal_error(limit, "u-42,gpt-4o", 1, 3s).message + "\n";
    }
    const std::string whose = "user,model \"u-42,gpt-4o\" is at its limit of ";
    const std::string prefix = "user,model:u-42,gpt-4o:";
    std::string want;
    for (const char* line :
         {"qps: %5 requests per second", "rpm: %60 requests per minute",
          "tpm: %9000 tokens per minute", "concurrency: %1 request at a time",
          "tokens:10m: %20000 tokens within 10m", "tokens:day: %90000 tokens per day",
          "money:month:CNY: %500.00 CNY per month"}) {
        std::string text(line);
        text.replace(text.find('%'), 1, whose);
        want += prefix + text + "\n";
    }
    CHECK(seen == want);
    CHECK(limits->back().name == "user,model:money:month:CNY");
}

TEST_CASE("limits: a call that costs more than a limit of money is not told to come back",
          "[limits]") {
    const Options options{
        .by = Subject::Global,
        .rates = {.money = {{Period::day(), 12'345'000, Currency::literal("USD")}}}};
    const Limit limit = compile(std::span(&options, 1))->front();
    CHECK(render_line(refusal_error(limit, "", 12'345'001, 60s)) ==
          "the call may cost 0.12345001 USD, and the gateway has a limit of 0.12345 USD per day: "
          "send less, or ask for a shorter answer");
}

TEST_CASE("limits: several parts never make the same subject as others", "[limits]") {
    const auto subject = [](std::initializer_list<const char*> parts) {
        std::string text;
        for (const char* part : parts) append_part(text, part);
        return text;
    };
    CHECK(subject({"u-42", "gpt-4o"}) == "u-42,gpt-4o");
    CHECK(subject({"a,b", "c"}) != subject({"a", "b,c"}));
    CHECK(subject({"a\\", "b"}) != subject({"a\\,b"}));
}
