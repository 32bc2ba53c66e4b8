#include "routing/router.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::routing;

namespace {

using Names = std::vector<std::string>;

PlatformOptions platform(std::string name, int priority = 0, Names models = {}) {
    PlatformOptions options{.name = std::move(name), .priority = priority};
    std::uint32_t line = 50;
    for (std::string& model : models) {
        options.models.push_back({.name = std::move(model), .at = {"gateway.toml", line++, 1}});
    }
    return options;
}

TargetOptions to_platform(std::string name) {
    return {TargetKind::Platform, std::move(name)};
}
TargetOptions to_group(std::string name) {
    return {TargetKind::Group, std::move(name)};
}

RuleOptions rule(std::string model, std::vector<TargetOptions> to, int priority = 0) {
    return {.model = std::move(model),
            .to = std::move(to),
            .priority = priority,
            .at = {"gateway.toml", 41, 1}};
}

GroupOptions group(std::string name, Names models, Names members) {
    GroupOptions options{
        .name = std::move(name), .models = std::move(models), .at = {"gateway.toml", 90, 1}};
    for (std::string& member : members) options.members.push_back({std::move(member)});
    return options;
}

Options three_platforms() {
    Options options;
    options.platforms = {platform("a"), platform("b"), platform("c")};
    return options;
}

using Patterns = std::vector<std::string_view>;

Router make_router(const Options& options, const std::vector<Patterns>& name_patterns = {}) {
    const std::vector<NamePatterns> spans(name_patterns.begin(), name_patterns.end());
    auto router = Router::make(options, spans);
    REQUIRE(router.has_value());
    return *router;
}

// "prefix gpt-*: a c", or "none".
std::string describe(const Options& options, const std::optional<Match>& match) {
    if (!match) return "none";
    std::string text(name_of(match->route->kind));
    if (!match->route->pattern.empty()) text += " " + match->route->pattern;
    text += ":";
    for (const PlatformIndex i : match->platforms) text += " " + options.platforms[i].name;
    return text;
}

}  // namespace

TEST_CASE("routing: what is switched off keeps its place in rules and is offered by nothing else",
          "[routing]") {
    Options options = three_platforms();
    options.platforms[0].is_enabled = false;
    options.platforms[0].is_default = true;
    options.platforms[0].models = {{.name = "o1"}, {.name = "only-here"}};
    options.platforms[1].models = {{.name = "o1"}};
    options.rules = {rule("gpt-4o", {to_platform("a"), to_platform("b")})};
    const Router router = make_router(options, {{"claude*"}, {"claude*"}});
    CHECK(describe(options, router.find("gpt-4o")) == "exact gpt-4o: a b");
    CHECK(describe(options, router.find("o1")) == "auto_listed o1: b");
    CHECK(describe(options, router.find("claude-x")) == "auto_detected claude*: b");
    CHECK(describe(options, router.find("only-here")) == "none");
    CHECK(std::ranges::find(router.models(), "only-here") == router.models().end());
}

TEST_CASE("routing: each kind of route gives way to the kind before it", "[routing]") {
    // One table of ways that all take "gpt-4o"; each case leaves out the ones before it.
    Options options;
    options.platforms = {platform("a"),      platform("b"),        platform("c"),
                         platform("listed"), platform("detected"), platform("last")};
    options.platforms[3].models.push_back({.name = "gpt-4o"});
    options.platforms[5].is_default = true;
    const std::vector<Patterns> patterns = {{}, {}, {}, {}, {"gpt*"}};
    const RuleOptions exact = rule("gpt-4o", {to_platform("a")}, -5);
    const RuleOptions prefix = rule("gpt-*", {to_platform("b")}, 9);
    const RuleOptions glob = rule("*4o", {to_platform("c")}, 3);
    const RuleOptions any = rule("", {to_platform("c")}, 100);
    const GroupOptions pool = group("pool", {"gpt-4*"}, {"b", "c"});

    struct Case {
        const char* name;
        std::vector<RuleOptions> rules;
        std::vector<GroupOptions> groups;
        bool auto_route;
        const char* model;
        const char* want;
    };
    const Case cases[] = {
        {"exact first", {any, glob, prefix, exact}, {pool}, true, "gpt-4o", "exact gpt-4o: a"},
        {"then groups", {any, glob, prefix}, {pool}, true, "gpt-4o", "group gpt-4*: b c"},
        {"then prefixes", {any, glob, prefix}, {}, true, "gpt-4o", "prefix gpt-*: b"},
        {"then globs", {any, glob}, {}, true, "gpt-4o", "glob *4o: c"},
        {"then rules without a model", {any}, {}, true, "gpt-4o", "any: c"},
        {"then who lists it", {}, {}, true, "gpt-4o", "auto_listed gpt-4o: listed"},
        {"then whose name pattern fits", {}, {}, true, "gpt-5", "auto_detected gpt*: detected"},
        {"then the default", {}, {}, true, "qwen-max", "default: last"},
        {"auto_route off", {}, {}, false, "gpt-4o", "default: last"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            options.rules = c.rules;
            options.groups = c.groups;
            options.auto_route = c.auto_route;
            const Router router = make_router(options, patterns);
            CHECK(describe(options, router.find(c.model)) == c.want);
        }
    }
}

TEST_CASE("routing: a model that nothing takes has no match", "[routing]") {
    Options options = three_platforms();
    options.rules = {rule("gpt-4o", {to_platform("a")})};
    CHECK(describe(options, make_router(options).find("claude-3")) == "none");
    CHECK(describe(options, Router().find("claude-3")) == "none");
}

TEST_CASE("routing: among rules without a model, priority and then file order choose",
          "[routing]") {
    Options options = three_platforms();
    options.rules = {rule("", {to_platform("a")}), rule("", {to_platform("b")}, 2),
                     rule("", {to_platform("c")}, 2)};
    CHECK(describe(options, make_router(options).find("x")) == "any: b");
}

TEST_CASE("routing: targets keep their order, groups unfold and repeats are dropped", "[routing]") {
    Options options = three_platforms();
    options.groups = {group("pool", {}, {"b", "a", "b"})};
    options.rules = {rule("m", {to_group("pool"), to_platform("c"), to_platform("a")})};
    options.rules[0].upstream_model = "m-2025";
    const Router router = make_router(options);
    const auto match = router.find("m");
    CHECK(describe(options, match) == "exact m: b a c");
    CHECK(match->route->to == "group:pool, c, a");
    CHECK(match->route->upstream_model == "m-2025");
    CHECK(match->route->index == 0U);
    CHECK(match->route->at.text() == "gateway.toml:41");
}

TEST_CASE("routing: auto_route and default order platforms by priority, then the file",
          "[routing]") {
    Options options;
    options.platforms = {platform("low", -1, {"m"}), platform("first", 0, {"m"}),
                         platform("second", 0, {"m"}), platform("high", 7, {"m"})};
    for (PlatformOptions& each : options.platforms) each.is_default = true;
    const std::vector<Patterns> patterns(4, Patterns{"gpt*", "gpt-4*"});
    const Router router = make_router(options, patterns);
    CHECK(describe(options, router.find("m")) == "auto_listed m: high first second low");
    CHECK(describe(options, router.find("gpt-4o")) ==
          "auto_detected gpt-4*: high first second low");
    CHECK(describe(options, router.find("gpt-3")) == "auto_detected gpt*: high first second low");
    CHECK(describe(options, router.find("x")) == "default: high first second low");
    CHECK(router.find("x")->route->to == "high, first, second, low");
    CHECK(router.find("m")->route->at.text() == "gateway.toml:50");
}

TEST_CASE("routing: patterns of several providers may fit the same name", "[routing]") {
    Options options = three_platforms();
    options.platforms[2].priority = 1;
    const std::vector<Patterns> patterns = {{"o1*", "o3*"}, {"claude*"}, {"o*-mini"}};
    const Router router = make_router(options, patterns);
    CHECK(describe(options, router.find("o1-mini")) == "auto_detected o*-mini: c a");
    CHECK(describe(options, router.find("o3")) == "auto_detected o3*: a");
    CHECK(describe(options, router.find("CLAUDE-3")) == "auto_detected claude*: b");
}

TEST_CASE("routing: a hundred platforms may stand behind one route", "[routing]") {
    Options options;
    for (int i = 0; i < 100; ++i) {
        options.platforms.push_back(platform("p" + std::to_string(i), 0, {"m"}));
    }
    const Router router = make_router(options);
    const auto match = router.find("m");
    REQUIRE(match->platforms.size() == 100);
    CHECK(match->platforms[0] == 0);
    CHECK(match->platforms[99] == 99);
}

TEST_CASE("routing: the models that can be listed are those named in full", "[routing]") {
    Options options = three_platforms();
    options.platforms[0].models = {{.name = "qwen-max"}, {.name = "gpt-4o"}};
    options.rules = {rule("gpt-4o", {to_platform("a")}), rule("gpt-*", {to_platform("a")}),
                     rule("", {to_platform("a")})};
    options.groups = {group("pool", {"o1", "o1-*"}, {"b"})};
    const Router router = make_router(options);
    CHECK(Names(router.models().begin(), router.models().end()) ==
          Names{"gpt-4o", "o1", "qwen-max"});
}

TEST_CASE("routing: of rules for one model the one with more conditions goes first",
          "[routing][conditions]") {
    using matching::Operator;
    using matching::Source;
    Options options;
    for (const char* name : {"plain", "vip", "gold", "urgent"})
        options.platforms.push_back({.name = name});
    const auto header = [](std::string name, std::string value) {
        return matching::ConditionOptions{.source = Source::Header,
                                          .key = std::move(name),
                                          .op = Operator::Eq,
                                          .values = {std::move(value)}};
    };
    const auto to = [](std::string name) {
        return std::vector<TargetOptions>{{TargetKind::Platform, std::move(name)}};
    };
    const auto rules_for = [&](std::string model) {
        return std::vector<RuleOptions>{
            {.model = model, .to = to("plain")},
            {.model = model, .conditions = {header("X", "vip")}, .to = to("vip")},
            {.model = model,
             .conditions = {header("X", "vip"), header("Y", "gold")},
             .to = to("gold")},
            {.model = model, .conditions = {header("Z", "1")}, .to = to("urgent"), .priority = 1}};
    };
    for (const char* model : {"gpt-4o", "gpt-*", "*-4o", ""}) {
        DYNAMIC_SECTION("rules for \"" << model << "\"") {
            options.rules = rules_for(model);
            const auto router = Router::make(options, {});
            REQUIRE(router);
            using Headers = std::vector<std::pair<std::string, std::string>>;
            const auto first = [&](const Headers& headers) {
                const matching::FieldList fields(headers);
                const Principal principal;
                const auto match = router->find(
                    "gpt-4o", {.request = {.fields = &fields}, .principal = principal});
                REQUIRE(match);
                return options.platforms[match->platforms[0]].name;
            };
            CHECK(first({}) == "plain");
            CHECK(first({{"X", "vip"}}) == "vip");
            CHECK(first({{"X", "vip"}, {"Y", "gold"}}) == "gold");
            CHECK(first({{"Y", "gold"}}) == "plain");
            CHECK(first({{"X", "vip"}, {"Y", "gold"}, {"Z", "1"}}) == "urgent");
        }
    }
}

TEST_CASE("routing: a location takes a path, exact before longer before shorter",
          "[routing][locations]") {
    Options options;
    for (const char* name : {"exact", "prefix", "glob", "regex", "rule"})
        options.platforms.push_back({.name = name});
    const auto to = [](std::string name) {
        return std::vector<TargetOptions>{{TargetKind::Platform, std::move(name)}};
    };
    options.rules = {{.model = "m", .to = to("rule")}};
    options.locations = {
        {.path = "/api/", .to = to("prefix")},
        {.path = "/api/*/chat", .to = to("glob")},
        {.path = "^/apps/[0-9]+$", .is_regex = true, .to = to("regex"), .priority = 2},
        {.path = "/api/x/chat", .to = to("exact"), .rewrite = {"/api/*", "/v1/*"}}};
    const auto router = Router::make(options, {});
    REQUIRE(router);
    const auto first = [&](std::string_view path) {
        const Principal principal;
        const auto match = router->find("m", {.request = {.path = path}, .principal = principal});
        REQUIRE(match);
        return options.platforms[match->platforms[0]].name;
    };
    CHECK(first("/api/x/chat") == "exact");
    CHECK(first("/api/y/chat") == "glob");
    CHECK(first("/api/y") == "prefix");
    CHECK(first("/apps/12") == "regex");
    CHECK(first("/apps/x") == "rule");
    CHECK(router->find_location("/api") == nullptr);
    const Route* exact = router->find_location("/api/x/chat");
    REQUIRE(exact != nullptr);
    CHECK(exact->rewritten("/api/x/chat") == "/v1/x/chat");
    CHECK(exact->rewritten("/other") == "/other");
}

TEST_CASE("routing: a name that is not defined is told with its place", "[routing]") {
    struct Case {
        const char* name;
        std::vector<RuleOptions> rules;
        std::vector<GroupOptions> groups;
        const char* want;
    };
    const Case cases[] = {
        {"a rule to an unknown platform",
         {rule("m", {to_platform("qwen-mian")})},
         {},
         R"(gateway.toml:41: unknown platform "qwen-mian": did you mean "qwen-main"?)"},
        {"a rule to an unknown group",
         {rule("m", {to_group("zzz")})},
         {},
         R"(gateway.toml:41: unknown group "zzz": define it as [groups.zzz], or name another)"},
        {"a group of an unknown platform",
         {},
         {group("pool", {}, {"openai"})},
         R"(gateway.toml:90: unknown platform "openai": define it as [platforms.openai], or name another)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Options options;
            options.platforms = {platform("qwen-main")};
            options.rules = c.rules;
            options.groups = c.groups;
            const auto router = Router::make(options, {});
            REQUIRE(!router.has_value());
            CHECK(router.error().code == ErrorCode::Config);
            CHECK(render_line(router.error()) == c.want);
        }
    }
}
