#include "tokens/answer_count.h"

#include <catch2/catch.hpp>

#include "tests/lib/tokens/agreement.h"

using namespace aigw;
using namespace aigw::tokens;
using protocol::ChatEvent;
using protocol::ChatEventKind;

namespace {

// Feeds the text in pieces of `size` bytes, each an event of its own.
void feed(AnswerMeter& meter, ChatEvent event, std::string_view text, std::size_t size) {
    for (std::size_t at = 0; at < text.size(); at += size) {
        event.text = text.substr(at, size);
        meter.add(event);
    }
}

Usage filled(AnswerMeter& meter) {
    Usage usage{.input_tokens = 7};
    meter.fill(usage);
    return usage;
}

}  // namespace

TEST_CASE("tokens: a metered stream counts as its whole answer does", "[tokens]") {
    const std::string thoughts = "The user greets. 你好 is a greeting, too.";
    const std::string text = "Hello there, 朋友! How can I help you today?";
    const std::string arguments = R"({"city":"Köln","days":14})";
    protocol::ChatReply reply;
    reply.parts.push_back({protocol::ThinkingPart{.text = thoughts}});
    reply.parts.push_back({protocol::TextPart{.text = text}});
    reply.parts.push_back(
        {protocol::CallPart{.id = "c1", .name = "get_weather", .arguments = arguments}});
    for (const char* model : {"gpt-4o", "qwen3-8b", "claude-sonnet-4-5"}) {
        const ModelCounter model_counter = ModelCounters().find(model);
        Counter counter(built_vocabulary(model_counter.encoding));
        const AnswerTokens whole = count_answer(reply, model_counter, counter);
        CHECK(whole.output > 20);
        CHECK(whole.reasoning > 8);
        for (const std::size_t size : {1, 3, 16, 1000}) {
            INFO(model << ", pieces of " << size);
            AnswerMeter meter(model_counter, counter);
            feed(meter, {.kind = ChatEventKind::Thinking}, thoughts, size);
            feed(meter, {.kind = ChatEventKind::Text}, text, size);
            meter.add({.kind = ChatEventKind::Call, .id = "c1", .name = "get_weather", .call = 1});
            feed(meter, {.kind = ChatEventKind::Arguments, .call = 1}, arguments, size);
            const Usage usage = filled(meter);
            CHECK(usage.input_tokens == 7);
            // Factors by script are rounded once for all texts here, and for each of them there.
            const std::int64_t slack = model_counter.is_exact() ? 0 : 3;
            CHECK(std::abs(usage.output_tokens - whole.output) <= slack);
            CHECK(std::abs(usage.reasoning_tokens - whole.reasoning) <= slack);
            CHECK(filled(meter) == usage);
        }
    }
}

TEST_CASE("tokens: texts that are parts of their own are counted apart", "[tokens]") {
    const ModelCounter model = ModelCounters().find("gpt-4o");
    Counter counter(built_vocabulary(model.encoding));
    AnswerMeter meter(model, counter);
    meter.add({.kind = ChatEventKind::Text, .text = "hel"});
    meter.add({.kind = ChatEventKind::Text, .text = "lo"});
    CHECK(filled(meter).output_tokens == 1);
    AnswerMeter apart(model, counter);
    apart.add({.kind = ChatEventKind::Text, .text = "hel"});
    apart.add({.kind = ChatEventKind::PartEnd});
    apart.add({.kind = ChatEventKind::Text, .text = "lo"});
    CHECK(filled(apart).output_tokens == 2);
    AnswerMeter nothing(model, counter);
    CHECK(filled(nothing).output_tokens == 0);
}
