#include "policy/output_gauge.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/lib/policy/measured.h"

using namespace aigw;
using namespace aigw::policy;
using tokens::Counter;
using tokens::ModelCounters;
using Kind = TextPlace::Kind;

namespace {

// What goes out of a text that comes in pieces of so many characters; the gauge is closed behind
// it.
std::string sent_of(OutputGauge& gauge, std::string_view text, std::size_t characters) {
    std::size_t sent = 0;
    for (const std::string& piece : in_pieces(text, characters)) {
        gauge.add({}, piece);
        // What has gone out stays.
        REQUIRE(gauge.certain() >= sent);
        REQUIRE(gauge.certain() <= gauge.taken());
        sent = gauge.certain();
        if (gauge.cut()) break;
    }
    gauge.close();
    return std::string(text.substr(0, gauge.cut().value_or(text.size())));
}

// As whoever has the whole text would cut it: the first tokens, up to a whole character.
std::string first_tokens(Counter& counter, std::string_view text, std::size_t tokens) {
    const auto all = counter.encode(text);
    if (all.size() <= tokens) return std::string(text);
    const std::size_t end = tokens == 0 ? 0 : all[tokens - 1].end;
    return std::string(text.substr(0, tokens::character_boundary(text, end)));
}

const std::string kMixed =
    "Hello there, 朋友! 今天天气很好，我们去公园吧。 It's been    a while\n\n  "
    "👩‍👩‍👧 "
    "naïve "
    "café 12345678 "
    "camelCaseWords HTTPServer größer 안녕하세요 नमस्ते { \"key\": [1, 2.5e3] }\n\tend ...";

}  // namespace

TEST_CASE("output gauge: a text is cut where its last allowed token ends, however it comes",
          "[policy]") {
    for (const char* model : {"gpt-4o", "gpt-4", "qwen3-8b"}) {
        const Measure measure = measure_of(model);
        const std::size_t all = measure.counter->count(kMixed);
        for (std::size_t cap = 0; cap <= all + 1; ++cap) {
            const std::string wanted = first_tokens(*measure.counter, kMixed, cap);
            for (const std::size_t characters : {1, 2, 3, 7, 1000}) {
                INFO(model << ", at most " << cap << ", " << characters << " characters at once");
                OutputGauge gauge(static_cast<std::int64_t>(cap), measure);
                const std::string sent = sent_of(gauge, kMixed, characters);
                const auto counted = static_cast<std::size_t>(gauge.tokens().output);
                CHECK(gauge.cut().has_value() == (all > cap));
                CHECK(counted == measure.counter->count(sent));
                CHECK(counted <= cap);
                // Where the tokens of a beginning are those of the whole, it is that beginning.
                if (measure.counter->count(wanted) == std::min(cap, all)) CHECK(sent == wanted);
            }
        }
    }
}

TEST_CASE("output gauge: a cap of exactly the text's length cuts nothing", "[policy]") {
    for (const char* model : {"gpt-4o", "qwen3-8b", "claude-sonnet-4-5"}) {
        const Measure measure = measure_of(model);
        OutputGauge whole(1'000'000, measure);
        sent_of(whole, kMixed, 1);
        const std::int64_t all = whole.tokens().output;
        for (const std::size_t characters : {1, 5, 1000}) {
            OutputGauge gauge(all, measure);
            CHECK(sent_of(gauge, kMixed, characters) == kMixed);
            CHECK(gauge.cut() == std::nullopt);
            OutputGauge less(all - 1, measure);
            CHECK(sent_of(less, kMixed, characters) != kMixed);
        }
    }
}

TEST_CASE("output gauge: what is left of odd texts has the tokens that are said", "[policy]") {
    std::mt19937_64 random(7);
    for (const char* model : {"gpt-4o", "gpt-4", "qwen3-8b", "claude-sonnet-4-5", "deepseek-v3"}) {
        const Measure measure = measure_of(model);
        for (std::uint64_t seed = 0; seed < 150; ++seed) {
            const std::string text = whole_text(seed);
            OutputGauge whole(1'000'000, measure);
            sent_of(whole, text, 3);
            const std::int64_t all = whole.tokens().output;
            const auto cap = static_cast<std::int64_t>(random() % 60);
            INFO(model << ", seed " << seed << ", at most " << cap);
            OutputGauge gauge(cap, measure);
            const std::string sent = sent_of(gauge, text, 1 + random() % 9);
            OutputGauge again(1'000'000, measure);
            sent_of(again, sent, 100'000);
            const std::int64_t counted = gauge.tokens().output;
            REQUIRE(counted == again.tokens().output);
            REQUIRE(counted <= cap);
            REQUIRE(gauge.cut().has_value() == (all > cap));
            if (all <= cap) {
                REQUIRE(sent == text);
                REQUIRE(counted == all);
            } else if (counted < cap) {
                // No end of a character gives more: the next ones are over the limit already.
                const std::size_t end = std::min(sent.size() + 12, text.size());
                for (std::size_t at = sent.size() + 1; at <= end; ++at) {
                    if (at < text.size() && tokens::continues(text[at])) continue;
                    OutputGauge longer(1'000'000, measure);
                    sent_of(longer, std::string_view(text).substr(0, at), 100'000);
                    REQUIRE(longer.tokens().output > cap);
                }
            }
        }
    }
}

TEST_CASE("output gauge: thoughts, texts and calls share the cap", "[policy]") {
    const Measure measure = measure_of("gpt-4o");
    OutputGauge gauge(9, measure);
    gauge.add({.kind = Kind::Thinking}, "one two three");
    gauge.add({.kind = Kind::Text}, "four five");
    gauge.add_name(0, "get");
    gauge.add({.kind = Kind::Arguments}, R"({"city":"Paris"})");
    REQUIRE(gauge.cut());
    CHECK(gauge.tokens() == tokens::AnswerTokens{.output = 6, .reasoning = 3});
    const std::size_t before = std::string("one two threefour fiveget").size();
    CHECK(*gauge.cut() == before + std::string(R"({"city":")").size());
}

TEST_CASE("output gauge: a call's name goes nowhere without room for its arguments", "[policy]") {
    const Measure measure = measure_of("gpt-4o");
    const std::int64_t name = static_cast<std::int64_t>(measure.counter->count("get_weather"));
    SECTION("which come") {
        OutputGauge gauge(name, measure);
        gauge.add_name(0, "get_weather");
        CHECK(gauge.certain() == 0);
        gauge.add({.kind = Kind::Arguments}, "{}");
        CHECK(gauge.cut() == 0U);
        CHECK(gauge.tokens().output == 0);
    }
    SECTION("unless none come") {
        OutputGauge gauge(name, measure);
        gauge.add_name(0, "get_weather");
        gauge.close();
        CHECK(gauge.cut() == std::nullopt);
        CHECK(gauge.tokens().output == name);
    }
    SECTION("nor where it does not fit itself") {
        OutputGauge gauge(name - 1, measure);
        gauge.add_name(0, "get_weather");
        CHECK(gauge.cut() == 0U);
    }
}

TEST_CASE("output gauge: a call that is cut nowhere leaves no name behind", "[policy]") {
    const Measure measure = measure_of("gpt-4o");
    OutputGauge gauge(6, measure);
    gauge.add({}, "one two three");
    gauge.add_call(0, "get", R"({"city":"Paris"})");
    CHECK(gauge.cut() == std::string("one two three").size());
    CHECK(gauge.tokens().output == 3);
}

TEST_CASE("output gauge: without a vocabulary four bytes are a token", "[policy]") {
    const Measure measure{.model = ModelCounters().find("gpt-4o")};
    OutputGauge gauge(3, measure);
    CHECK(sent_of(gauge, "Wie geht es größer?", 4) == "Wie geht es ");
    CHECK(gauge.tokens().output == 3);
    OutputGauge in_character(3, measure);
    CHECK(sent_of(in_character, "Wie geht esö", 5) == "Wie geht es");
    CHECK(in_character.tokens().output == 3);
    OutputGauge whole(3, measure);
    CHECK(sent_of(whole, "Wie geht es?", 5) == "Wie geht es?");
    CHECK(whole.cut() == std::nullopt);
}

TEST_CASE("output gauge: a word that never ends waits for some hundred bytes at most", "[policy]") {
    const Measure measure = measure_of("gpt-4o");
    OutputGauge gauge(200, measure);
    std::size_t most = 0;
    for (int i = 0; i < 3'000 && !gauge.cut(); ++i) {
        gauge.add({}, "abcdefghij");
        most = std::max(most, gauge.taken() - gauge.certain());
    }
    CHECK(gauge.cut());
    CHECK(most <= 1024);
    CHECK(gauge.tokens().output <= 200);
    CHECK(gauge.tokens().output >= 198);
}

TEST_CASE("output gauge: far from the cap nothing waits", "[policy]") {
    const Measure measure = measure_of("gpt-4o");
    OutputGauge gauge(1000, measure);
    for (int i = 0; i < 400; ++i) {
        gauge.add({}, i % 9 == 0 ? "\n" : " word");
        REQUIRE(gauge.certain() == gauge.taken());
    }
}
