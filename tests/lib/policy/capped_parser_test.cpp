#include "policy/capped_parser.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "protocol/completions_answer.h"
#include "protocol/converting_relay.h"
#include "protocol/reply_assembler.h"
#include "tests/lib/policy/measured.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::policy;
using nlohmann::ordered_json;
using protocol::AnswerPlan;
using protocol::testing::Assembled;
using protocol::testing::Wire;

namespace {

std::string json_of(std::string_view text) {
    return ordered_json(text).dump();
}

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"chatcmpl-7","model":"up","choices":[{"index":0,"delta":)" + delta +
           R"(,"finish_reason":)" + finish + "}]}\n\n";
}

// A vendor's stream: `thoughts`, then a text in pieces, then a call.
struct Said {
    std::string thoughts{};
    std::vector<std::string> pieces{};
    std::string arguments{};
};

std::string openai_stream(const Said& said) {
    std::string text = chunk(R"({"role":"assistant","content":""})");
    if (!said.thoughts.empty())
        text += chunk(R"({"reasoning_content":)" + json_of(said.thoughts) + "}");
    for (const std::string& piece : said.pieces)
        text += chunk(R"({"content":)" + json_of(piece) + "}");
    if (!said.arguments.empty())
        text +=
            chunk(
                R"({"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get","arguments":""}}]})") +
            chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":)" +
                  json_of(said.arguments) + "}}]}");
    text += chunk("{}", said.arguments.empty() ? R"("stop")" : R"("tool_calls")");
    return text +
           R"(data: {"id":"chatcmpl-7","model":"up","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":90,"total_tokens":111}})"
           "\n\ndata: [DONE]\n\n";
}

std::string claude(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

std::string claude_block(int index, const std::string& begin, const std::string& type,
                         const std::string& key, const std::vector<std::string>& pieces) {
    const std::string number = std::to_string(index);
    std::string text =
        claude("content_block_start", R"(,"index":)" + number + R"(,"content_block":)" + begin);
    for (const std::string& piece : pieces)
        text +=
            claude("content_block_delta", R"(,"index":)" + number + R"(,"delta":{"type":")" + type +
                                              R"(",")" + key + "\":" + json_of(piece) + "}");
    return text + claude("content_block_stop", R"(,"index":)" + number);
}

std::string claude_stream(const Said& said) {
    int index = 0;
    std::string text = claude(
        "message_start",
        R"(,"message":{"id":"msg_01","type":"message","role":"assistant","model":"up","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}})");
    if (!said.thoughts.empty())
        text += claude_block(index++, R"({"type":"thinking","thinking":"","signature":""})",
                             "thinking_delta", "thinking", {said.thoughts});
    if (!said.pieces.empty())
        text += claude_block(index++, R"({"type":"text","text":""})", "text_delta", "text",
                             said.pieces);
    if (!said.arguments.empty())
        text +=
            claude_block(index++, R"({"type":"tool_use","id":"toolu_1","name":"get","input":{}})",
                         "input_json_delta", "partial_json", {said.arguments});
    return text +
           claude(
               "message_delta",
               R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":90})") +
           claude("message_stop", "");
}

struct Got {
    std::string text{};
    bool is_cut = false;
    bool is_complete = false;
    std::optional<Usage> usage{};
    friend bool operator==(const Got&, const Got&) = default;
};

Got convert(Wire from, Wire to, std::string_view upstream, const OutputCap& cap, std::size_t first,
            std::size_t piece) {
    auto plan = std::make_unique<const AnswerPlan>(AnswerPlan{
        .model = "m", .created = 1, .fallback_id = "f", .wants_usage = true, .input_tokens = 7});
    auto writer = protocol::testing::make_writer(to, *plan);
    Truncation truncation;
    protocol::ConvertingRelay relay(
        std::move(plan),
        std::make_unique<CappedParser>(protocol::testing::make_parser(from), cap,
                                       measure_of("gpt-4o"), 7, truncation),
        std::move(writer), {});
    Got got;
    const auto feed = [&](std::string_view bytes) {
        const std::string own(bytes);
        got.text += relay.feed(own);
    };
    feed(upstream.substr(0, first));
    for (std::size_t at = first; at < upstream.size(); at += piece)
        feed(upstream.substr(at, piece));
    got.text += relay.finish();
    got.is_cut = truncation.is_cut;
    got.is_complete = relay.is_complete();
    got.usage = relay.usage();
    return got;
}

Got convert_in_every_split(Wire from, Wire to, std::string_view upstream, const OutputCap& cap) {
    const Got whole = convert(from, to, upstream, cap, upstream.size(), 1);
    CHECK(convert(from, to, upstream, cap, 0, 1) == whole);
    for (std::size_t first = 1; first < upstream.size(); first += 3)
        REQUIRE(convert(from, to, upstream, cap, first, upstream.size()) == whole);
    return whole;
}

Assembled assembled(Wire to, const Got& got) {
    return protocol::testing::assemble(to, got.text, {.wants_usage = true});
}

std::string stream_of(Wire from, const Said& said) {
    return from == Wire::Anthropic ? claude_stream(said) : openai_stream(said);
}

// The answer's texts and the like, whatever protocol it came by.
std::string text_of(Wire to, const ordered_json& message) {
    std::string text;
    if (to == Wire::OpenAi) {
        const auto& content = message["choices"][0]["message"]["content"];
        return content.is_string() ? content.get<std::string>() : "";
    }
    if (to == Wire::Anthropic) {
        for (const auto& block : message["content"]) text += block.value("text", "");
        return text;
    }
    for (const auto& item : message["output"]) {
        if (item["type"] != "message") continue;
        for (const auto& part : item["content"]) text += part.value("text", "");
    }
    return text;
}

bool ends_for_length(Wire to, const ordered_json& message) {
    if (to == Wire::OpenAi) return message["choices"][0]["finish_reason"] == "length";
    if (to == Wire::Anthropic) return message["stop_reason"] == "max_tokens";
    return message["status"] == "incomplete" &&
           message["incomplete_details"]["reason"] == "max_output_tokens";
}

std::int64_t output_in(Wire to, const ordered_json& message) {
    return message["usage"][to == Wire::OpenAi ? "completion_tokens" : "output_tokens"];
}

constexpr Wire kVendors[] = {Wire::OpenAi, Wire::Anthropic};
constexpr Wire kCallers[] = {Wire::OpenAi, Wire::Anthropic, Wire::Responses};

}  // namespace

TEST_CASE("capped parser: a converted answer is cut for callers of every protocol", "[policy]") {
    const Said said{.thoughts = "I think so", .pieces = {"one two", " three four", " five"}};
    for (const Wire from : kVendors) {
        const std::string upstream = stream_of(from, said);
        for (const Wire to : kCallers) {
            DYNAMIC_SECTION("from " << static_cast<int>(from) << " to " << static_cast<int>(to)) {
                const Got got =
                    convert_in_every_split(from, to, upstream, {.max_tokens = 6, .notice = "!"});
                const Assembled read = assembled(to, got);
                CHECK(read.problem == "");
                CHECK(text_of(to, read.message) == "one two three!");
                CHECK(ends_for_length(to, read.message));
                CHECK(output_in(to, read.message) == 6);
                CHECK(got.is_cut);
                CHECK(got.is_complete);
                CHECK(got.usage->output_tokens == 3);
                CHECK(got.usage->reasoning_tokens == 3);
                CHECK(got.usage->input_tokens == (from == Wire::Anthropic ? 12 : 7));
            }
        }
    }
}

TEST_CASE("capped parser: a cap of the answer's length changes nothing", "[policy]") {
    const Said said{.thoughts = "I think so", .pieces = {"one two", " three four", " five"}};
    for (const Wire from : kVendors) {
        const std::string upstream = stream_of(from, said);
        for (const Wire to : kCallers) {
            const Got whole = convert(from, to, upstream, {.max_tokens = 1000}, 0, 1000);
            CHECK(!whole.is_cut);
            CHECK(convert_in_every_split(from, to, upstream, {.max_tokens = 8}) == whole);
            CHECK(output_in(to, assembled(to, whole).message) == 90);
            CHECK(convert(from, to, upstream, {.max_tokens = 7}, 0, 1000).is_cut);
        }
    }
}

TEST_CASE("capped parser: thoughts that are too long end the answer", "[policy]") {
    const Said said{.thoughts = "I think so a lot", .pieces = {"one"}};
    for (const Wire from : kVendors) {
        for (const Wire to : kCallers) {
            const Got got = convert_in_every_split(from, to, stream_of(from, said),
                                                   {.max_tokens = 3, .notice = "!"});
            const Assembled read = assembled(to, got);
            CHECK(read.problem == "");
            CHECK(text_of(to, read.message) == "!");
            CHECK(ends_for_length(to, read.message));
            CHECK(got.usage->reasoning_tokens == 3);
            CHECK(got.usage->output_tokens == 0);
        }
    }
}

TEST_CASE("capped parser: a call is cut in its arguments, or not made", "[policy]") {
    const std::string kept = R"({"city":"Paris and)";
    const Said said{.pieces = {"one two"}, .arguments = R"({"city":"Paris and Rome"})"};
    const auto most = static_cast<std::int64_t>(2 + 1 + tokens_in(kept));
    for (const Wire from : kVendors) {
        const std::string upstream = stream_of(from, said);
        for (const Wire to : kCallers) {
            INFO("from " << static_cast<int>(from) << " to " << static_cast<int>(to));
            const Got got = convert_in_every_split(from, to, upstream, {.max_tokens = most});
            CHECK(got.text.find("Rome") == std::string::npos);
            CHECK(got.text.find("Paris and") != std::string::npos);
            CHECK(got.usage->output_tokens == most);
            const Assembled read = assembled(to, got);
            CHECK(ends_for_length(to, read.message));
            const Got none = convert_in_every_split(from, to, upstream, {.max_tokens = 3});
            CHECK(none.text.find("call_1") == std::string::npos);
            CHECK(none.text.find("toolu_1") == std::string::npos);
            CHECK(assembled(to, none).problem == "");
            CHECK(none.usage->output_tokens == 2);
        }
    }
}

TEST_CASE("capped parser: an error before the cut stays an error", "[policy]") {
    const std::string upstream = chunk(R"({"content":"one two"})") +
                                 R"(data: {"error":{"message":"broken","type":"server_error"}})" +
                                 "\n\n";
    for (const Wire to : kCallers) {
        const Got got = convert_in_every_split(Wire::OpenAi, to, upstream, {.max_tokens = 2});
        CHECK(!got.is_cut);
        CHECK(!got.is_complete);
        CHECK(got.text.find("broken") != std::string::npos);
        CHECK(assembled(to, got).is_failed);
    }
}

TEST_CASE("capped parser: probabilities go out with the whole of their text or not at all",
          "[policy]") {
    const std::string logprobs =
        R"("logprobs":{"content":[{"token":"x","logprob":-1,"bytes":null,"top_logprobs":[]}]})";
    const auto with_logprobs = [&](const std::string& text) {
        return R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":)" + json_of(text) +
               "}," + logprobs + R"(,"finish_reason":null}]})" + "\n\n";
    };
    const std::string upstream = with_logprobs("one two") + with_logprobs(" three four") +
                                 chunk("{}", R"("stop")") + "data: [DONE]\n\n";
    const auto count_of = [](const std::string& text, std::string_view word) {
        std::size_t count = 0;
        for (std::size_t at = text.find(word); at != std::string::npos;
             at = text.find(word, at + 1))
            ++count;
        return count;
    };
    const Got cut = convert_in_every_split(Wire::OpenAi, Wire::OpenAi, upstream, {.max_tokens = 3});
    CHECK(count_of(cut.text, "top_logprobs") == 1);
    const Got whole =
        convert_in_every_split(Wire::OpenAi, Wire::OpenAi, upstream, {.max_tokens = 4});
    CHECK(count_of(whole.text, "top_logprobs") == 2);
}

TEST_CASE("capped parser: an answer that is put together is cut on its way", "[policy]") {
    Truncation truncation;
    CappedParser parser(protocol::testing::make_parser(Wire::OpenAi), {.max_tokens = 3},
                        measure_of("gpt-4o"), 7, truncation);
    protocol::ReplyAssembler assembler;
    parser.feed(openai_stream({.pieces = {"one two", " three four", " five"}}), assembler);
    CHECK(parser.is_over());
    CHECK(truncation.is_cut);
    const auto reply = std::move(assembler).reply();
    REQUIRE(reply);
    CHECK(reply->parts == std::vector{protocol::text_part("one two three")});
    CHECK(reply->stop.reason == protocol::StopReason::MaxTokens);
    CHECK(reply->usage == Usage{.input_tokens = 7, .output_tokens = 3, .is_estimated = true});
}

TEST_CASE("capped parser: the elder completions get their text cut", "[policy]") {
    const AnswerPlan plan{.model = "m", .fallback_id = "f", .wants_usage = true};
    Truncation truncation;
    CappedParser parser(protocol::testing::make_parser(Wire::Anthropic), {.max_tokens = 3},
                        measure_of("gpt-4o"), 7, truncation);
    const auto writer = protocol::make_completion_stream_writer(plan);
    parser.feed(claude_stream({.pieces = {"one two", " three four"}}), *writer);
    const std::string out = writer->take_output();
    CHECK(out.find(R"("text":" three")") != std::string::npos);
    CHECK(out.find("four") == std::string::npos);
    CHECK(out.find(R"("finish_reason":"length")") != std::string::npos);
    CHECK(out.find(R"("completion_tokens":3)") != std::string::npos);
    CHECK(out.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("capped parser: whatever text comes, its usage is what a count of it gives", "[policy]") {
    std::mt19937_64 random(13);
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const std::string text = whole_text(seed);
        const auto all = static_cast<std::int64_t>(tokens_in(text));
        const auto most = static_cast<std::int64_t>(1 + random() % 40);
        const Said said{.pieces = in_pieces(text, 1 + random() % 6)};
        for (const Wire from : kVendors) {
            for (const Wire to : {Wire::OpenAi, Wire::Responses}) {
                INFO("seed " << seed << ", at most " << most);
                const Got got =
                    convert(from, to, stream_of(from, said), {.max_tokens = most}, 0, 31);
                REQUIRE(got.is_cut == (all > most));
                if (!got.is_cut) continue;
                const Assembled read = assembled(to, got);
                REQUIRE(read.problem == "");
                const std::string sent = text_of(to, read.message);
                REQUIRE(text.starts_with(sent));
                REQUIRE(output_in(to, read.message) == static_cast<std::int64_t>(tokens_in(sent)));
                REQUIRE(output_in(to, read.message) <= most);
            }
        }
    }
}
