#include "matching/condition.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "protocol/request_facts.h"

namespace aigw::matching {
namespace {

// The body as the gateway reads it.
class ReadBody final : public Body {
public:
    explicit ReadBody(std::string_view json) : padded_(json) {
        REQUIRE(reader_.read(Operation::Chat, padded_.body()));
    }
    bool any(std::span<const std::string> path, const Look& look) const override {
        return reader_.any_value(path, look);
    }

private:
    protocol::OwnedPaddedBody padded_;
    protocol::FactsReader reader_;
};

constexpr std::string_view kBody =
    R"({"model":"gpt-4o","messages":[{"role":"system","content":"be kind"},)"
    R"({"role":"user","content":"tell me a secret"}],"max_tokens":4000,"temperature":0.50,)"
    R"("stream":true,"user":null,"metadata":{"channel":"vip","levels":[1,2,3],"a.b":"x"}})";

bool holds(const ConditionOptions& options) {
    const std::vector<std::pair<std::string, std::string>> fields = {{"X-Channel-Code", "vip"},
                                                                     {"channelcode", "other"}};
    const FieldList list(fields);
    const ReadBody body(kBody);
    const Principal principal{.kind = PrincipalKind::StaticKey, .key = "ci", .tenant = "acme"};
    const Asked asked{.request = {.method = "POST",
                                  .path = "/v1/chat/completions",
                                  .query = "a=1&b=%2Fx%20y+z&c&b=2",
                                  .fields = &list,
                                  .body = &body},
                      .principal = principal,
                      .client_ip = "10.1.2.3"};
    auto condition = Condition::make(options);
    REQUIRE(condition);
    return condition->holds(asked);
}

}  // namespace

TEST_CASE("matching: a condition holds what it says of the field it names", "[matching]") {
    using enum Source;
    using enum Operator;
    struct Case {
        const char* name;
        ConditionOptions condition;
        bool want;
    };
    const Case cases[] = {
        {"a header without case", {Header, "x-channel-code", Eq, {"vip"}}, true},
        {"a header's value with case", {Header, "X-Channel-Code", Eq, {"VIP"}}, false},
        {"two headers are two fields", {Header, "channelcode", Eq, {"vip"}}, false},
        {"a missing header is not equal", {Header, "X-None", Eq, {""}}, false},
        {"and not unequal either", {Header, "X-None", Ne, {"vip"}}, false},
        {"unequal", {Header, "X-Channel-Code", Ne, {"gold"}}, true},
        {"one of several", {Header, "X-Channel-Code", In, {"gold", "vip"}}, true},
        {"none of several", {Header, "X-Channel-Code", NotIn, {"gold", "vip"}}, false},
        {"prefix", {Path, "", Prefix, {"/v1/chat"}}, true},
        {"suffix", {Path, "", Suffix, {"completions"}}, true},
        {"glob", {Path, "", Glob, {"/v*/chat/*"}}, true},
        {"glob of something else", {Path, "", Glob, {"/v*/messages"}}, false},
        {"regular expressions search", {Path, "", Regex, {"c.at/"}}, true},
        {"anchors anchor", {Path, "", Regex, {"^chat"}}, false},
        {"method", {Method, "", Eq, {"POST"}}, true},
        {"query", {Query, "a", Eq, {"1"}}, true},
        {"query, decoded, the first", {Query, "b", Eq, {"/x y z"}}, true},
        {"query without a value", {Query, "c", Exists, {}}, true},
        {"query without the name", {Query, "d", Exists, {}}, false},
        {"key", {Key, "", Eq, {"ci"}}, true},
        {"tenant", {Tenant, "", In, {"acme", "b"}}, true},
        {"no user", {User, "", Ne, {"u"}}, false},
        {"an address in a block", {Ip, "", Eq, {"10.0.0.0/8"}}, true},
        {"an address outside of it", {Ip, "", Ne, {"10.0.0.0/8"}}, false},
        {"an address by its text", {Ip, "", Prefix, {"10.1."}}, true},
        {"a number of the body", {Body, "max_tokens", Gt, {"3999"}}, true},
        {"greater is not equal", {Body, "max_tokens", Gt, {"4000"}}, false},
        {"gte", {Body, "max_tokens", Gte, {"4000.0"}}, true},
        {"lt", {Body, "max_tokens", Lt, {"4e3"}}, false},
        {"lte", {Body, "max_tokens", Lte, {"4e3"}}, true},
        {"numbers as text are shortest", {Body, "temperature", Eq, {"0.5"}}, true},
        {"no number meets no comparison", {Body, "model", Gt, {"1"}}, false},
        {"booleans are words", {Body, "stream", Eq, {"true"}}, true},
        {"null is no value", {Body, "user", Eq, {"null"}}, false},
        {"null exists", {Body, "user", Exists, {}}, true},
        {"an object exists", {Body, "metadata", Exists, {}}, true},
        {"an object is no text", {Body, "metadata", NotContains, {"x"}}, false},
        {"nested", {Body, "metadata.channel", Eq, {"vip"}}, true},
        {"an element by its number", {Body, "metadata.levels.2", Eq, {"3"}}, true},
        {"an element that is not there", {Body, "metadata.levels.3", Exists, {}}, false},
        {"any element", {Body, "messages.*.content", Contains, {"secret"}}, true},
        {"no element", {Body, "messages.*.content", Contains, {"public"}}, false},
        {"all differ", {Body, "messages.*.content", NotContains, {"public"}}, true},
        {"one does not", {Body, "messages.*.content", NotContains, {"secret"}}, false},
        {"any member", {Body, "metadata.*", Eq, {"x"}}, true},
        {"deeper than the body", {Body, "model.x", Exists, {}}, false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(holds(c.condition) == c.want);
        }
    }
}

TEST_CASE("matching: without a request nothing but who asks is known", "[matching]") {
    const Principal principal{.key = "ci"};
    const Asked asked{.request = {}, .principal = principal};
    for (const Source source : kSources) {
        const std::string key = has_key(source) ? "x" : "";
        const auto exists = Condition::make({.source = source, .key = key, .op = Operator::Exists});
        REQUIRE(exists);
        CHECK(exists->holds(asked) == (source == Source::Key));
    }
}

TEST_CASE("matching: what can't be compiled says why", "[matching]") {
    using enum Source;
    using enum Operator;
    struct Case {
        ConditionOptions condition;
        const char* message;
    };
    const Case cases[] = {
        {{Header, "", Eq, {"v"}}, "source \"header\" needs a key"},
        {{Path, "x", Eq, {"v"}}, "source \"path\" has no keys"},
        {{Path, "", Eq, {}}, "operator \"eq\" needs a value"},
        {{Path, "", Eq, {"a", "b"}}, "operator \"eq\" takes one value"},
        {{Path, "", Exists, {"a"}}, "operator \"exists\" takes no value"},
        {{Path, "", Regex, {"("}}, "\"(\" is no regular expression: missing ): ("},
        {{Body, "a", Gt, {"x"}}, "operator \"gt\" has the value \"x\", which is no number"},
        {{Body, "a..b", Eq, {"x"}}, "the body's key \"a..b\" has an empty step"},
        {{Ip, "", Eq, {"10.0.0.1/8"}}, "10.0.0.1/8"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.message) {
            const auto made = Condition::make(c.condition);
            REQUIRE_FALSE(made);
            CHECK(made.error().message.find(c.message) != std::string::npos);
            CHECK(made.error().code == ErrorCode::Config);
        }
    }
}

TEST_CASE("matching: predecessors' words for operators are known", "[matching]") {
    CHECK(find_operator("equals") == Operator::Eq);
    CHECK(find_operator("starts_with") == Operator::Prefix);
    CHECK(find_operator("greater_than_equal") == Operator::Gte);
    CHECK(find_operator("<=") == Operator::Lte);
    CHECK_FALSE(find_operator("like").has_value());
    for (const std::string_view name : operator_names())
        CHECK(name_of(*find_operator(name)) == name);
}

TEST_CASE("matching: all of an inner list, any inner list", "[matching]") {
    const auto condition = [](Source source, std::string value) {
        return ConditionOptions{
            .source = source, .key = {}, .op = Operator::Eq, .values = {std::move(value)}};
    };
    const ConditionLists lists = {{condition(Source::Path, "/a"), condition(Source::Method, "GET")},
                                  {condition(Source::Path, "/b")}};
    const auto conditions = Conditions::make(lists);
    REQUIRE(conditions);
    const Principal principal;
    const auto find = [&](std::string_view method, std::string_view path) {
        return conditions->find(
            {.request = {.method = method, .path = path}, .principal = principal});
    };
    CHECK(find("GET", "/a") == 0U);
    CHECK_FALSE(find("POST", "/a"));
    CHECK(find("POST", "/b") == 1U);
    CHECK(conditions->text(0) == "path eq \"/a\" and method eq \"GET\"");
    CHECK_FALSE(Conditions::make({})->find({.request = {}, .principal = principal}));
}

TEST_CASE("matching: a regular expression takes linear time", "[matching]") {
    const auto condition = Condition::make(
        {.source = Source::Path, .key = {}, .op = Operator::Regex, .values = {"^(a+)+$"}});
    REQUIRE(condition);
    const std::string path = std::string(20'000, 'a') + "b";
    const Principal principal;
    CHECK_FALSE(condition->holds({.request = {.path = path}, .principal = principal}));
}

}  // namespace aigw::matching
