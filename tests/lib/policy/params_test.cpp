#include "policy/params.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

namespace aigw::policy {
namespace {

std::string edited(std::string_view body, const ParamOptions& options) {
    ParamEditor editor(body);
    editor.apply(options, "test");
    const auto edits = editor.edits();
    return protocol::splice(body, edits);
}

}  // namespace

TEST_CASE("params: what changes is spliced, and every other byte stays", "[policy][params]") {
    struct Case {
        const char* name;
        const char* body;
        ParamOptions options;
        const char* want;
    };
    const Case cases[] = {
        {"nothing to do", R"({ "a" : 1 })", {.drop = {"b"}}, R"({ "a" : 1 })"},
        {"rename", R"({ "a" : 1, "m":2})", {.rename = {{"m", "n"}}}, R"({ "a" : 1, "n":2})"},
        {"rename to what is there drops it",
         R"({"a":1,"b":2})",
         {.rename = {{"a", "b"}}},
         R"({"b":2})"},
        {"default where absent", R"({"a":1})", {.defaults = {{"t", "0.7"}}}, R"({"a":1,"t":0.7})"},
        {"default where given", R"({"t":1})", {.defaults = {{"t", "0.7"}}}, R"({"t":1})"},
        {"default of an empty object", "{ }", {.defaults = {{"t", "1"}}}, R"({"t":1 })"},
        {"clamp down", R"({"m":9000})", {.clamp = {{"m", {}, 256}}}, R"({"m":256})"},
        {"clamp up", R"({"m":-1.5})", {.clamp = {{"m", 0, 1}}}, R"({"m":0})"},
        {"within", R"({"m":0.5})", {.clamp = {{"m", 0, 1}}}, R"({"m":0.5})"},
        {"no number", R"({"m":"9000"})", {.clamp = {{"m", {}, 1}}}, R"({"m":"9000"})"},
        {"drop the first", R"({"a":1, "b":2})", {.drop = {"a"}}, R"({"b":2})"},
        {"drop the last", R"({"a":1, "b":2 })", {.drop = {"b"}}, R"({"a":1 })"},
        {"drop between", R"({"a":1, "b":2, "c":3})", {.drop = {"b"}}, R"({"a":1, "c":3})"},
        {"drop two in a row",
         R"({"a":1,"b":{"x":[1,2]},"c":3,"d":4})",
         {.drop = {"b", "c"}},
         R"({"a":1,"d":4})"},
        {"drop the last two", R"({"a":1,"b":2,"c":3})", {.drop = {"c", "b"}}, R"({"a":1})"},
        {"drop all", R"({"a":1,"b":2})", {.drop = {"a", "b"}}, "{}"},
        {"drop all and set",
         R"({"a":1})",
         {.drop = {"a"}, .set = {{"z", R"("x")"}}},
         R"({"z":"x"})"},
        {"set anew", R"({"a":1})", {.set = {{"b", "[1]"}}}, R"({"a":1,"b":[1]})"},
        {"set over", R"({"a":1, "b":{}})", {.set = {{"a", "true"}}}, R"({"a":true, "b":{}})"},
        {"renamed, then clamped",
         R"({"max_completion_tokens":9000})",
         {.rename = {{"max_completion_tokens", "max_tokens"}}, .clamp = {{"max_tokens", {}, 256}}},
         R"({"max_tokens":256})"},
        {"a default may be clamped",
         R"({"a":1})",
         {.defaults = {{"m", "9"}}, .clamp = {{"m", {}, 5}}},
         R"({"a":1,"m":5})"},
        {"what was added may be dropped",
         R"({"a":1})",
         {.defaults = {{"m", "9"}}, .drop = {"m"}},
         R"({"a":1})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(edited(c.body, c.options) == c.want);
        }
    }
}

TEST_CASE("params: each change is said with what was before and after", "[policy][params]") {
    ParamEditor editor(R"({"max_completion_tokens":9000,"logit_bias":{"1":2},"temperature":2})");
    editor.apply({.rename = {{"max_completion_tokens", "max_tokens"}},
                  .defaults = {{"top_p", "0.9"}},
                  .clamp = {{"max_tokens", {}, 4096}},
                  .drop = {"logit_bias"},
                  .set = {{"temperature", "0"}}},
                 "platform a");
    const std::vector<ParamChange> want = {
        {"max_tokens", ParamAction::Rename, R"("max_completion_tokens")", R"("max_tokens")",
         "platform a"},
        {"top_p", ParamAction::Default, "", "0.9", "platform a"},
        {"max_tokens", ParamAction::Clamp, "9000", "4096", "platform a"},
        {"logit_bias", ParamAction::Drop, R"({"1":2})", "", "platform a"},
        {"temperature", ParamAction::Set, "2", "0", "platform a"},
    };
    CHECK(editor.take_changes() == want);
}

TEST_CASE("params: how long an answer may be is lowered where it is said", "[policy][params]") {
    struct Case {
        const char* body;
        const char* want;
    };
    const Case cases[] = {
        {R"({"max_tokens":9000})", R"({"max_tokens":100})"},
        {R"({"max_tokens":50})", R"({"max_tokens":50})"},
        {R"({"max_completion_tokens":101})", R"({"max_completion_tokens":100})"},
        {R"({"max_tokens":null})", R"({"max_tokens":100})"},
        {R"({"x":1})", R"({"x":1,"max_tokens":100})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.body) {
            ParamEditor editor(c.body);
            editor.limit_output(100, "max_tokens", "policy p");
            const auto edits = editor.edits();
            CHECK(protocol::splice(c.body, edits) == c.want);
            CHECK(editor.max_output().value_or(0) <= 100);
        }
    }
}

TEST_CASE("params: whatever is done, the body is what a JSON library would have made of it",
          "[policy][params]") {
    using Json = nlohmann::ordered_json;
    std::mt19937 random(7);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f"};
    const std::vector<std::string> values = {
        "1", "-2.5", "\"x,}\\\"\"", "[1, {\"a\":2}]", "{\"k\": \"}\"}", "null", "true", "900"};
    for (int round = 0; round < 5000; ++round) {
        std::string body = "{";
        Json plain = Json::object();
        for (const std::string& name : names) {
            if (pick(2) == 0) continue;
            const std::string& value = values[static_cast<std::size_t>(pick(8))];
            body += (plain.empty() ? " " : " , ") + ("\"" + name + "\" : " + value);
            plain[name] = Json::parse(value);
        }
        body += " }";
        ParamOptions options;
        const auto name = [&] { return names[static_cast<std::size_t>(pick(6))]; };
        const auto value = [&] { return values[static_cast<std::size_t>(pick(8))]; };
        for (int i = pick(3); i > 0; --i) options.rename.emplace_back(name(), name() + "2");
        for (int i = pick(3); i > 0; --i) options.defaults.emplace_back(name(), value());
        for (int i = pick(3); i > 0; --i) options.clamp.push_back({name(), -1, 10});
        for (int i = pick(3); i > 0; --i) options.drop.push_back(name());
        for (int i = pick(3); i > 0; --i) options.set.emplace_back(name(), value());

        for (const auto& [from, to] : options.rename) {
            if (!plain.contains(from)) continue;
            if (!plain.contains(to)) plain[to] = plain[from];
            plain.erase(from);
        }
        for (const auto& [key, json] : options.defaults)
            if (!plain.contains(key)) plain[key] = Json::parse(json);
        for (const Clamp& clamp : options.clamp)
            if (plain.contains(clamp.field) && plain[clamp.field].is_number())
                plain[clamp.field] =
                    std::min(10.0, std::max(-1.0, plain[clamp.field].get<double>()));
        for (const std::string& key : options.drop) plain.erase(key);
        for (const auto& [key, json] : options.set) plain[key] = Json::parse(json);
        const std::string made = edited(body, options);
        INFO(body << " -> " << made);
        const auto parsed = nlohmann::json::parse(made, nullptr, false);
        REQUIRE_FALSE(parsed.is_discarded());
        REQUIRE(parsed == nlohmann::json(plain));
    }
}

TEST_CASE("params: fields that the gateway goes by can't be named", "[policy][params]") {
    CHECK(check_field("temperature"));
    for (const char* name : {"model", "messages", "stream", "stream_options", "", "a b", "a.b"})
        CHECK_FALSE(check_field(name));
}

}  // namespace aigw::policy
