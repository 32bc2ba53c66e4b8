// The small parts that the simulated vendors are made of.
#include <numeric>

#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/schema.h"
#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;

TEST_CASE("simulated: the tokens of a text are the text", "[simulated]") {
    const std::string_view texts[] = {"",
                                      "a",
                                      "Hello, wide world!",
                                      "internationalisation",
                                      "法国的首都 is Paris",
                                      "\xFF\xFE broken \xE6\xB3"};
    for (const std::string_view text : texts) {
        DYNAMIC_SECTION(text) {
            std::string joined;
            for (const std::string_view token : split_tokens(text)) joined += token;
            CHECK(joined == text);
            CHECK(count_tokens(text) == static_cast<std::int64_t>(split_tokens(text).size()));
        }
    }
    CHECK(count_tokens("Hello, wide world!") == 3);
    CHECK(count_tokens("法国的") == 3);
}

TEST_CASE("simulated: an opening is whole words or whole characters", "[simulated]") {
    CHECK(opening_of("  one two  ") == "one two");
    CHECK(opening_of("1 2 three four five six seven eight nine") ==
          "1 2 three four five six seven eight");
    CHECK(opening_of("一二三四五六七八九十一二三四五六七八") == "一二三四五六七八九十一二三四五六");
}

TEST_CASE("simulated: an answer is in the prompt's tongue", "[simulated]") {
    Random random(1);
    CHECK(make_answer("法国的首都在哪里？", 2, random)
              .starts_with("你问的是：“法国的首都在哪里？”。我看到 2 张图片。"));
    CHECK(make_answer("Use 汉 as a word", 1, random)
              .starts_with("You asked: \"Use 汉 as a word\". I can see 1 image."));
    CHECK(find_names("Weather in Oslo or New-York?") ==
          std::vector<std::string>{"Oslo", "New", "York"});
}

TEST_CASE("simulated: an example fits its schema", "[simulated]") {
    struct Case {
        const char* name;
        const char* schema;
        const char* example;
    };
    const Case cases[] = {
        {"const", R"({"const":5})", "5"},
        {"default", R"({"type":"string","default":"x"})", R"("x")"},
        {"one of one", R"({"enum":["only"]})", R"("only")"},
        {"nullable", R"({"type":["null","string"]})", R"("word")"},
        {"a bound", R"({"type":"integer","minimum":7,"maximum":7})", "7"},
        {"required only",
         R"({"type":"object","properties":{"a":{"const":1},"b":{"const":2}},"required":["b"]})",
         R"({"b":2})"},
        {"nothing required", R"({"type":"object","properties":{"a":{"const":1}}})", R"({"a":1})"},
        {"items", R"({"type":"array","items":{"const":1},"minItems":2})", "[1,1]"},
        {"any of", R"({"anyOf":[{"const":1},{"const":2}]})", "1"},
        {"a reference", R"({"$defs":{"n":{"const":3}},"properties":{"x":{"$ref":"#/$defs/n"}}})",
         R"({"x":3})"},
        {"a schema in itself",
         R"({"type":"object","properties":{"x":{"$ref":"#"}},"required":["x"],"maxDepth":1})",
         nullptr},
        {"a format", R"({"type":"string","format":"date"})", R"("2026-11-20")"},
        {"no type", R"({})", R"("word")"},
        {"no schema", "true", "null"},
    };
    const std::vector<std::string> words = {"word"};
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Random random(1);
            const Json example = make_example(Json::parse(c.schema), words, random);
            if (c.example != nullptr) CHECK(example == Json::parse(c.example));
        }
    }
}

TEST_CASE("simulated: like texts have like vectors", "[simulated]") {
    const auto likeness = [](std::string_view a, std::string_view b) {
        const auto x = embed(a, 256, 1);
        const auto y = embed(b, 256, 1);
        return std::inner_product(x.begin(), x.end(), y.begin(), 0.0F);
    };
    CHECK(likeness("the cat sat", "the cat sat") == Approx(1.0F));
    CHECK(likeness("the cat sat", "the cat ran") >
          likeness("the cat sat", "blue green red") + 0.3F);
    const auto longer = embed("x", 64, 1);
    const auto shorter = embed("x", 2, 1);
    CHECK(longer[0] * shorter[1] == Approx(longer[1] * shorter[0]));
}

TEST_CASE("simulated: base64 is of little-endian floats", "[simulated]") {
    CHECK(render_base64({1.0F}) == "AACAPw==");
    CHECK(render_base64({1.0F, -2.0F, 0.5F}) == "AACAPwAAAMAAAAA/");
}
