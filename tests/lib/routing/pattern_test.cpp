#include "routing/pattern.h"

#include <catch2/catch.hpp>

using namespace aigw::routing;

TEST_CASE("routing: the stars of a pattern say what kind it is", "[routing]") {
    struct Case {
        const char* pattern;
        PatternKind want;
        std::size_t literals;
    };
    const Case cases[] = {
        {"gpt-4o", PatternKind::Exact, 6}, {"gpt-", PatternKind::Exact, 4},
        {"gpt-*", PatternKind::Prefix, 4}, {"*", PatternKind::Prefix, 0},
        {"*-turbo", PatternKind::Glob, 6}, {"o*-mini", PatternKind::Glob, 6},
        {"gpt-**", PatternKind::Glob, 4},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.pattern) {
            CHECK(kind_of(c.pattern) == c.want);
            CHECK(literal_length(c.pattern) == c.literals);
        }
    }
}

TEST_CASE("routing: of the patterns that fit, priority and then length choose one", "[routing]") {
    struct Case {
        const char* name;
        std::vector<PatternIndex::Entry> entries;
        const char* model;
        std::optional<std::uint32_t> want;
    };
    const std::string long_name(300, 'x');
    const Case cases[] = {
        {"nothing was given", {}, "gpt-4o", std::nullopt},
        {"nothing fits", {{"claude-*", 0, 1}, {"*-mini", 0, 2}}, "gpt-4o", std::nullopt},
        {"an exact name", {{"gpt-4o", 0, 1}}, "gpt-4o", 1},
        {"an exact name keeps its case", {{"gpt-4o", 0, 1}}, "GPT-4o", std::nullopt},
        {"a prefix ignores case", {{"GPT-*", 0, 1}}, "gpt-4o", 1},
        {"a glob ignores case", {{"*-Turbo", 0, 1}}, "QWEN-TURBO", 1},
        {"a star may stand for nothing", {{"gpt-4o*", 0, 1}}, "gpt-4o", 1},
        {"a glob's star too", {{"gpt*-4o", 0, 1}}, "gpt-4o", 1},
        {"a glob needs its tail", {{"gpt-*-mini", 0, 1}}, "gpt-4o-maxi", std::nullopt},
        {"head and tail don't overlap", {{"aba*aba", 0, 1}}, "ababa", std::nullopt},
        {"the longer prefix wins", {{"gpt-*", 0, 1}, {"gpt-4*", 0, 2}}, "gpt-4o", 2},
        {"priority wins over length", {{"gpt-*", 1, 1}, {"gpt-4*", 0, 2}}, "gpt-4o", 1},
        {"the longer glob wins over a prefix",
         {{"gpt-*", 0, 1}, {"*-4o", 0, 2}, {"g*-4o", 0, 3}},
         "gpt-4o",
         1},
        {"a glob wins over a shorter prefix", {{"gpt*", 0, 1}, {"g*-4o", 0, 2}}, "gpt-4o", 2},
        {"a prefix before a glob as long",
         {{"g*t-", 0, 1}, {"*t-4", 0, 2}, {"gpt*", 0, 3}},
         "gpt-4",
         3},
        {"an exact name before a prefix as long",
         {{"gpt-4o*", 0, 1}, {"gpt-4o", 0, 2}},
         "gpt-4o",
         2},
        {"file order settles the rest", {{"*gpt", 0, 1}, {"g*pt", 0, 2}}, "gpt", 1},
        {"of two equal names the first", {{"gpt", 0, 1}, {"gpt", 0, 2}}, "gpt", 1},
        {"of two equal names the higher priority", {{"gpt", 0, 1}, {"gpt", 5, 2}}, "gpt", 2},
        {"a negative priority comes last", {{"gpt-4*", -1, 1}, {"*", 0, 2}}, "gpt-4o", 2},
        {"a star alone fits everything", {{"*", 0, 1}}, "gpt-4o", 1},
        {"a star alone fits the empty name", {{"*", 0, 1}}, "", 1},
        {"a prefix longer than the name", {{"gpt-4o-mini*", 0, 1}}, "gpt", std::nullopt},
        {"a very long name", {{"xx*", 0, 1}}, long_name.c_str(), 1},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(PatternIndex(c.entries).find(c.model) == c.want);
        }
    }
}

TEST_CASE("routing: find_all names every pattern that fits once", "[routing]") {
    const PatternIndex index({{"gpt-4o", 0, 1},
                              {"gpt*", 0, 2},
                              {"*", 0, 3},
                              {"*-4o", 0, 4},
                              {"claude*", 0, 5},
                              {"g*-*o", 0, 6}});
    auto ids = index.find_all("gpt-4o");
    std::sort(ids.begin(), ids.end());
    CHECK(ids == aigw::InlineVector<std::uint32_t, 8>{1, 2, 3, 4, 6});
    CHECK(PatternIndex().find_all("gpt-4o").empty());
}

TEST_CASE("routing: the index answers as trying every pattern in order would", "[routing]") {
    std::vector<PatternIndex::Entry> entries;
    const char* const heads[] = {"", "g", "gp", "gpt-", "claude-", "o"};
    const char* const tails[] = {"*", "*o", "*-mini", "4*", "4*o", ""};
    std::uint32_t id = 0;
    for (const char* head : heads) {
        for (const char* tail : tails) {
            const std::string pattern = std::string(head) + tail;
            if (!pattern.empty()) entries.push_back({pattern, static_cast<int>(id % 3), id});
            ++id;
        }
    }
    const PatternIndex whole(entries);
    for (const char* model : {"gpt-4o", "gpt-4o-mini", "claude-3", "o1-mini", "g", "x", "gpo"}) {
        std::optional<PatternIndex::Entry> best;
        for (const auto& entry : entries) {
            if (!PatternIndex({entry}).find(model)) continue;
            const auto rank = [](const PatternIndex::Entry& e) {
                return std::tuple(-e.priority, -int(literal_length(e.pattern)), kind_of(e.pattern),
                                  e.id);
            };
            if (!best || rank(entry) < rank(*best)) best = entry;
        }
        CAPTURE(model);
        REQUIRE(best.has_value());
        CHECK(whole.find(model) == best->id);
    }
}
