#include "identity/namespaces.h"

#include <catch2/catch.hpp>

namespace aigw::identity {
namespace {

using matching::ConditionOptions;
using matching::Operator;
using matching::Source;

ConditionOptions header(std::string name, std::string value, Operator op = Operator::Eq) {
    return {
        .source = Source::Header, .key = std::move(name), .op = op, .values = {std::move(value)}};
}

NamespaceOptions space(std::string name, matching::ConditionLists match, int priority = 0) {
    return {.name = std::move(name), .priority = priority, .match = std::move(match)};
}

std::string name_in(const Namespaces& all,
                    const std::vector<std::pair<std::string, std::string>>& fields,
                    std::string_view path = "/v1/chat/completions") {
    const matching::FieldList list(fields);
    const Principal principal;
    const auto found =
        all.find({.request = {.path = path, .fields = &list}, .principal = principal});
    return found ? all.all()[found->index].name : "none";
}

}  // namespace

TEST_CASE("namespaces: the one of higher priority is chosen, then the first in the file",
          "[identity][namespaces]") {
    const std::vector<NamespaceOptions> options = {
        space("low", {{header("X-Channel-Code", "vip")}}),
        space("twin", {{header("x-channel-code", "vip")}}),
        space("high", {{header("X-Level", "3")}, {header("X-Team", "core")}}, 5),
        space("pattern", {{header("X-Channel-Code", "^v", Operator::Regex)}}, 1),
        space("path",
              {{{.source = Source::Path, .key = {}, .op = Operator::Prefix, .values = {"/api/"}}}},
              -1),
    };
    const auto all = Namespaces::make(options);
    REQUIRE(all);
    CHECK(name_in(*all, {}) == "none");
    CHECK(name_in(*all, {{"X-Channel-Code", "vip"}}) == "pattern");
    CHECK(name_in(*all, {{"X-Channel-Code", "gold"}}) == "none");
    CHECK(name_in(*all, {{"X-Channel-Code", "vip"}, {"X-Level", "3"}}) == "high");
    CHECK(name_in(*all, {{"X-Team", "core"}}) == "high");
    CHECK(name_in(*all, {}, "/api/chat") == "path");
    CHECK_FALSE(all->has_anonymous());
}

TEST_CASE("namespaces: of two that a value would choose the earlier one is",
          "[identity][namespaces]") {
    const std::vector<NamespaceOptions> options = {space("a", {{header("X", "1")}}),
                                                   space("b", {{header("x", "1")}})};
    CHECK(name_in(*Namespaces::make(options), {{"X", "1"}}) == "a");
}

TEST_CASE("namespaces: where none is chosen the default is", "[identity][namespaces]") {
    std::vector<NamespaceOptions> options = {space("vip", {{header("X", "1")}}),
                                             space("default", {})};
    options[1].is_anonymous = true;
    const auto all = Namespaces::make(options);
    REQUIRE(all);
    CHECK(name_in(*all, {{"X", "2"}}) == "default");
    CHECK(name_in(*all, {{"X", "1"}}) == "vip");
    CHECK(all->has_anonymous());
}

TEST_CASE("namespaces: a thousand that differ by a value are found by it",
          "[identity][namespaces]") {
    std::vector<NamespaceOptions> options;
    for (int i = 0; i < 1000; ++i)
        options.push_back(space("n" + std::to_string(i), {{header("X-C", std::to_string(i))}}));
    const auto all = Namespaces::make(options);
    REQUIRE(all);
    CHECK(name_in(*all, {{"x-c", "0"}}) == "n0");
    CHECK(name_in(*all, {{"X-C", "999"}}) == "n999");
    CHECK(name_in(*all, {{"X-C", "1000"}}) == "none");
}

TEST_CASE("namespaces: a condition that can't be compiled names its place",
          "[identity][namespaces]") {
    std::vector<NamespaceOptions> options = {space("a", {{header("X", "(", Operator::Regex)}})};
    options[0].at = {"gateway.toml", 7, 1};
    const auto all = Namespaces::make(options);
    REQUIRE_FALSE(all);
    CHECK(all.error().message == "gateway.toml:7: \"(\" is no regular expression: missing ): (");
}

}  // namespace aigw::identity
