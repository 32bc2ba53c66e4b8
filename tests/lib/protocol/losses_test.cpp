#include "protocol/losses.h"

#include <catch2/catch.hpp>

#include "tests/lib/protocol/conversion.h"
#include "tests/lib/protocol/openai_dialects.h"
#include "tests/lib/protocol/request_conversion.h"

using namespace aigw::protocol;
using namespace aigw::protocol::tests;

TEST_CASE("losses: what is ignored is listed, and no loss", "[protocol][conversion]") {
    Losses losses;
    for (int i = 0; i < 20; ++i) losses.ignore("field_" + std::to_string(i % 18));
    losses.ignore("");
    CHECK(losses.ignored().size() == 18);
    CHECK(losses.ignored_list().starts_with("field_0, field_1, "));
    CHECK(losses.ignored_list().ends_with("field_15, +2"));
    CHECK(losses.empty());
    CHECK(losses.header().empty());
    CHECK(losses.find_strict() == nullptr);
}

TEST_CASE("losses: a name that is ignored is put plainly and briefly", "[protocol][conversion]") {
    Losses losses;
    losses.ignore("a b\n\xC3\xA9");
    losses.ignore(std::string(100, 'x'));
    CHECK(losses.ignored_list() == "a?b???, " + std::string(80, 'x'));
}

TEST_CASE("losses: fields that no rule knows are ignored, whoever asks whom",
          "[protocol][conversion]") {
    const std::string_view unknown = R"("hologram":1,"nothing":null)";
    const std::string chat = hello(unknown);
    const std::string responses = R"({"model":"m","input":"hi",)" + std::string(unknown) + "}";
    struct Case {
        const char* name;
        std::string ignored;
        std::string losses;
    };
    const auto of = [](const char* name, const auto& converted) {
        return Case{name, converted.ignored, converted.losses};
    };
    const Case cases[] = {
        of("Anthropic and OpenAI", anthropic_to_openai(anthropic_ask(unknown), kGpt)),
        of("OpenAI and Anthropic", openai_to_anthropic(chat)),
        of("Responses and Anthropic", responses_to_anthropic(responses)),
        of("Responses and OpenAI", responses_to_openai(responses, kGpt)),
        of("OpenAI and Responses", openai_to_responses(chat, kGpt)),
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(c.ignored == "hologram");
            CHECK(c.losses.empty());
        }
    }
    CHECK(openai_to_openai(chat, kGpt).ignored.empty());  // it goes on
    CHECK(anthropic_to_openai(anthropic_ask(R"("seed":1)"), kGpt).ignored == "seed");
    CHECK(anthropic_to_openai(anthropic_ask(R"("seed":1)"), kGpt).member("seed").empty());
}

TEST_CASE("losses: thoughts that the model can't have are ignored", "[protocol][conversion]") {
    const std::string blocks =
        R"([{"role":"user","content":"a"},{"role":"assistant","content":[)"
        R"({"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},)"
        R"({"type":"text","text":"b"}]},{"role":"user","content":"c"}])";
    CHECK(anthropic_to_openai(anthropic_body(blocks), kGpt).ignored ==
          "messages[1].content[0], messages[1].content[1]");
    CHECK(anthropic_to_openai(anthropic_body(blocks), kQwen).ignored == "messages[1].content[1]");
    const std::string unsigned_thoughts = talk(
        R"({"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"t"},{"role":"user","content":"c"})");
    CHECK(openai_to_anthropic(unsigned_thoughts).ignored == "messages[1]");
    CHECK(openai_to_anthropic(unsigned_thoughts).losses.empty());
}
