#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "protocol/request_facts.h"
#include "tests/lib/tokens/agreement.h"
#include "tokens/prompt.h"
#include "tokens/prompt_count.h"

using namespace aigw;
using namespace aigw::tokens;
using nlohmann::json;

namespace {

json random_message(std::mt19937& random) {
    constexpr const char* kRoles[] = {"user", "assistant", "system", "developer"};
    constexpr const char* kTexts[] = {
        "hi",  "", "Hello there.\n", "你好，世界", "def f(x):\n  return x", "\"quoted\" \\ text",
        "😀😀"};
    return {{"role", kRoles[random() % 4]}, {"content", kTexts[random() % 7]}};
}

}  // namespace

TEST_CASE("tokens: a chat of texts alone counts as the whole request does", "[prompts]") {
    std::mt19937 random(11);
    const ModelCounters counters;
    for (const char* model :
         {"gpt-4o", "gpt-4", "gpt-5", "claude-sonnet-4-5", "claude-opus-4-7", "gemini-2.5-pro",
          "deepseek-v3", "doubao-seed-1-6", "minimax-m2", "who-knows", "qwen3-8b"}) {
        const ModelCounter model_counter = counters.find(model);
        Counter counter(built_vocabulary(model_counter.encoding));
        for (int round = 0; round < 60; ++round) {
            json body{{"model", model}, {"temperature", 0.5}, {"messages", json::array()}};
            const std::size_t messages = random() % 5 + 1;
            for (std::size_t i = 0; i < messages; ++i)
                body["messages"].push_back(random_message(random));
            const std::string text = body.dump();
            INFO(text);
            const protocol::OwnedPaddedBody padded(text);
            protocol::FactsReader reader;
            REQUIRE(reader.read(Operation::Chat, padded.body()));
            REQUIRE(reader.plain_turns().size() == messages);
            const auto plain = count_plain(reader.plain_turns(), model_counter, counter);
            REQUIRE(plain.has_value() == (model_counter.family != Family::ChatMl));
            if (!plain) continue;
            const auto prompt = read_prompt(text, Protocol::OpenAi, Operation::Chat);
            REQUIRE(prompt);
            CHECK(*plain == count_prompt(*prompt, model_counter, counter));
        }
    }
}

TEST_CASE("tokens: a chat is plain as long as nothing stands beside its texts", "[prompts]") {
    const std::string plain = R"({"role":"user","content":"a"})";
    struct Case {
        const char* name;
        std::string messages;
        std::string more;
        std::size_t turns;
    };
    const Case cases[] = {
        {"texts", plain + "," + plain, "", 2},
        {"a name", plain + R"(,{"role":"user","content":"a","name":"n"})", "", 0},
        {"parts", plain + R"(,{"role":"user","content":[{"type":"text","text":"a"}]})", "", 0},
        {"a call", R"({"role":"assistant","content":"","tool_calls":[]},)" + plain, "", 0},
        {"a call without text", R"({"role":"assistant","tool_calls":[]},)" + plain, "", 0},
        {"a result", R"({"role":"tool","content":"a","tool_call_id":"x"})", "", 0},
        {"no text", R"({"role":"assistant","content":null})", "", 0},
        {"tools", plain, R"(,"tools":[{"type":"function","function":{"name":"f"}}])", 0},
        {"functions", plain, R"(,"functions":[{"name":"f"}])", 0},
        {"a format", plain, R"(,"response_format":{"type":"json_object"})", 0},
        {"thinking", plain, R"(,"enable_thinking":false)", 0},
        {"no tools", plain, R"(,"tools":null)", 1},
        {"numbers", plain, R"(,"temperature":1,"max_tokens":5)", 1},
    };
    protocol::FactsReader reader;
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const protocol::OwnedPaddedBody body(R"({"model":"m","messages":[)" + c.messages + "]" +
                                                 c.more + "}");
            REQUIRE(reader.read(Operation::Chat, body.body()));
            CHECK(reader.plain_turns().size() == c.turns);
        }
    }
    SECTION("other protocols and operations have none") {
        const protocol::OwnedPaddedBody chat(R"({"model":"m","max_tokens":5,"messages":[)" + plain +
                                             "]}");
        REQUIRE(reader.read(Operation::Chat, chat.body()));
        CHECK(reader.plain_turns().size() == 1);
        REQUIRE(reader.read(Operation::Chat, chat.body(), "", Protocol::Anthropic));
        CHECK(reader.plain_turns().empty());
    }
}
