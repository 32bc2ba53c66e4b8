#include "policy/capped_reply.h"

#include <catch2/catch.hpp>

#include "tests/lib/policy/measured.h"

using namespace aigw;
using namespace aigw::policy;
using namespace aigw::protocol;

namespace {

Part thinking(std::string text, std::string signature = "sig") {
    return {.value = ThinkingPart{.text = std::move(text), .signature = std::move(signature)}};
}
Part call(std::string arguments) {
    return {.value = CallPart{.id = "c", .name = "get", .arguments = std::move(arguments)}};
}

ChatReply answer(std::vector<Part> parts) {
    return {.id = "x",
            .model = "m",
            .parts = std::move(parts),
            .stop = {.reason = StopReason::EndTurn},
            .usage = Usage{.input_tokens = 21, .output_tokens = 90}};
}

}  // namespace

TEST_CASE("capped reply: texts, thoughts and arguments are cut in their order", "[policy]") {
    struct Case {
        const char* name;
        std::vector<Part> parts;
        std::int64_t most;
        std::vector<Part> want;
        std::int64_t output;
        std::int64_t reasoning;
    };
    const std::string arguments = R"({"city":"Paris and Rome"})";
    const std::string kept = R"({"city":"Paris and)";
    const auto of_kept = static_cast<std::int64_t>(tokens_in(kept));
    const Case cases[] = {
        {"a text", {text_part("one two three")}, 2, {text_part("one two")}, 2, 0},
        {"thoughts, which lose their signature",
         {thinking("I think so"), text_part("yes")},
         2,
         {thinking("I think", "")},
         0,
         2},
        {"the text behind thoughts",
         {thinking("I think so"), text_part("one two three")},
         4,
         {thinking("I think so"), text_part("one")},
         1,
         3},
        {"a text of which nothing is left",
         {thinking("I think so"), text_part("one two")},
         3,
         {thinking("I think so")},
         0,
         3},
        {"arguments",
         {text_part("one"), call(arguments)},
         2 + of_kept,
         {text_part("one"), call(kept)},
         2 + of_kept,
         0},
        {"a call whose name alone fits",
         {text_part("one"), call(arguments)},
         2,
         {text_part("one")},
         1,
         0},
        {"what comes behind",
         {text_part("one two"), call("{}"), text_part("three")},
         1,
         {text_part("one")},
         1,
         0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            ChatReply reply = answer(c.parts);
            CHECK(cut(reply, {.max_tokens = c.most}, measure_of("gpt-4o"), 7));
            CHECK(reply.parts == c.want);
            CHECK(reply.stop == Stop{.reason = StopReason::MaxTokens});
            CHECK(reply.usage == Usage{.input_tokens = 21,
                                       .output_tokens = c.output,
                                       .reasoning_tokens = c.reasoning,
                                       .is_estimated = true});
        }
    }
}

TEST_CASE("capped reply: an answer that fits is left alone", "[policy]") {
    const ChatReply whole =
        answer({thinking("I think so"), text_part("one two three"), call(R"({"a":1})")});
    const auto all = static_cast<std::int64_t>(3 + 3 + 1 + tokens_in(R"({"a":1})"));
    ChatReply reply = whole;
    CHECK(!cut(reply, {.max_tokens = all, .notice = "!"}, measure_of("gpt-4o"), 7));
    CHECK(reply == whole);
    CHECK(cut(reply, {.max_tokens = all - 1}, measure_of("gpt-4o"), 7));
}

TEST_CASE("capped reply: the notice is text behind what is left", "[policy]") {
    ChatReply text = answer({text_part("one two three")});
    cut(text, {.max_tokens = 2, .notice = " [cut]"}, measure_of("gpt-4o"), 7);
    CHECK(text.parts == std::vector{text_part("one two [cut]")});
    CHECK(text.usage->output_tokens == 2);
    ChatReply thoughts = answer({thinking("I think so")});
    thoughts.usage.reset();
    cut(thoughts, {.max_tokens = 2, .notice = "[cut]"}, measure_of("gpt-4o"), 7);
    CHECK(thoughts.parts == std::vector{thinking("I think", ""), text_part("[cut]")});
    CHECK(thoughts.usage == Usage{.input_tokens = 7, .reasoning_tokens = 2, .is_estimated = true});
}

TEST_CASE("capped reply: what is said of text that is gone goes with it", "[policy]") {
    const auto cites = [](int begin, int end) {
        return R"({"type":"url_citation","url_citation":{"start_index":)" + std::to_string(begin) +
               R"(,"end_index":)" + std::to_string(end) + R"(,"url":"u","title":"t"}})";
    };
    ChatReply reply = answer({text_part("one two three four")});
    reply.annotations = {cites(0, 3), cites(4, 13), R"({"type":"other"})"};
    reply.logprobs = R"({"token":"one"})";
    reply.refusal = "no";
    CHECK(cut(reply, {.max_tokens = 2}, measure_of("gpt-4o"), 7));
    CHECK(reply.annotations == std::vector{cites(0, 3)});
    CHECK(reply.logprobs.empty());
    CHECK(reply.refusal.empty());
    ChatReply refused = answer({});
    refused.refusal = "I will not do that";
    CHECK(cut(refused, {.max_tokens = 3}, measure_of("gpt-4o"), 7));
    CHECK(refused.refusal == "I will not");
}

TEST_CASE("capped reply: what is left has the tokens that its usage says", "[policy]") {
    for (const char* model : {"gpt-4o", "qwen3-8b", "claude-sonnet-4-5", "deepseek-v3"}) {
        const Measure measure = measure_of(model);
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            const std::string text = whole_text(seed);
            ChatReply reply = answer({text_part(text)});
            const auto most = static_cast<std::int64_t>(1 + seed % 23);
            INFO(model << ", seed " << seed);
            const auto counted = [&](const std::string& of) {
                return tokens::count_answer(answer({text_part(of)}), measure.model,
                                            *measure.counter)
                    .output;
            };
            const bool is_cut = cut(reply, {.max_tokens = most}, measure, 7);
            REQUIRE(is_cut == (counted(text) > most));
            if (!is_cut) continue;
            const std::string left = reply.parts.empty() ? "" : reply.parts[0].as<TextPart>()->text;
            REQUIRE(text.starts_with(left));
            REQUIRE(reply.usage->output_tokens == counted(left));
            REQUIRE(reply.usage->output_tokens <= most);
        }
    }
}
