// Answers as both protocols have them, whole and in pieces, are one and the same.

#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "crypto/digest.h"
#include "protocol/anthropic_reply.h"
#include "protocol/openai_reply.h"
#include "protocol/reply_assembler.h"
#include "protocol/responses_reply.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

constexpr int kRounds = 300;

AnswerPlan plan_of_caller() {
    return {.model = "m",
            .created = 1700000000,
            .fallback_id = "01f",
            .wants_usage = true,
            .stop = {"END"},
            .input_tokens = 5,
            .sha256_hex = &crypto::sha256_hex};
}

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool is_chosen() { return below(2) == 0; }
    template <class T>
    const T& one_of(const std::vector<T>& values) {
        return values[below(values.size())];
    }

    // Visible at both ends, as models mostly write; blanks, quotes and large characters inside.
    std::string text() {
        const std::vector<std::string> words = {"a", "Hi", "\"quoted\"", "\\",     "漢字",
                                                "é", "🙂", "{}",         "data: x"};
        const std::vector<std::string> blanks = {" ", "\n", "\n\n", "\t", "\r\n"};
        std::string out = one_of(words);
        for (std::size_t left = below(6); left > 0; --left) out += one_of(blanks) + one_of(words);
        return out;
    }

    std::string object() {
        Json json = Json::object();
        const std::vector<Json> values = {1,       -2.5, "x",    "}\"{",
                                          nullptr, true, {1, 2}, {{"deep", {{"er", "é"}}}}};
        for (std::size_t left = below(4); left > 0; --left) json[text()] = one_of(values);
        return json.dump();
    }

    // `text` in pieces that do not cut characters.
    std::vector<std::string> pieces(const std::string& text) {
        std::vector<std::string> out(1);
        for (const char c : text) {
            const bool is_inside = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
            if (!is_inside && !out.back().empty() && below(3) == 0) out.emplace_back();
            out.back().push_back(c);
        }
        return out;
    }

    Usage usage() {
        return {.input_tokens = static_cast<std::int64_t>(below(100)),
                .cached_input_tokens = static_cast<std::int64_t>(below(100)),
                .cache_write_tokens = static_cast<std::int64_t>(below(100)),
                .output_tokens = static_cast<std::int64_t>(below(100)),
                .reasoning_tokens = static_cast<std::int64_t>(below(100))};
    }

private:
    std::mt19937 engine_;
};

enum class Signed : bool { No, Yes };

// What both protocols can say: thinking, a text, calls.
ChatReply random_reply(Random& random, Signed is_signed) {
    ChatReply reply{.id = "id", .model = "m", .usage = random.usage()};
    if (random.is_chosen()) {
        ThinkingPart thinking{.text = random.text()};
        if (is_signed == Signed::Yes) thinking.signature = "c2ln";
        reply.parts.push_back({.value = thinking});
    }
    if (random.is_chosen()) reply.parts.push_back({.value = TextPart{random.text()}});
    const std::size_t calls = random.below(4);
    for (std::size_t i = 0; i < calls; ++i) {
        reply.parts.push_back({.value = CallPart{.id = "call_" + std::to_string(i),
                                                 .name = random.one_of<std::string>({"f", "get_x"}),
                                                 .arguments = random.object()}});
    }
    const std::vector<Stop> stops = {{.reason = StopReason::EndTurn},
                                     {.reason = StopReason::MaxTokens},
                                     {.reason = StopReason::StopSequence, .sequence = "END"}};
    reply.stop = calls > 0 ? Stop{.reason = StopReason::ToolCalls} : random.one_of(stops);
    return reply;
}

// The answer in pieces, as a parser gives it.
void give(const ChatReply& reply, Random& random, ChatSink& sink) {
    sink.take({.kind = ChatEventKind::Start, .id = reply.id, .name = reply.model});
    std::uint32_t calls = 0;
    const auto give_pieces = [&](ChatEventKind kind, const std::string& text, std::uint32_t call) {
        for (const std::string& piece : random.pieces(text))
            sink.take({.kind = kind, .text = piece, .call = call});
    };
    for (const Part& part : reply.parts) {
        if (const auto* text = part.as<TextPart>()) give_pieces(ChatEventKind::Text, text->text, 0);
        if (const auto* thinking = part.as<ThinkingPart>()) {
            give_pieces(ChatEventKind::Thinking, thinking->text, 0);
            if (!thinking->signature.empty())
                sink.take({.kind = ChatEventKind::Signature, .text = thinking->signature});
        }
        if (const auto* call = part.as<CallPart>()) {
            sink.take(
                {.kind = ChatEventKind::Call, .id = call->id, .name = call->name, .call = calls});
            give_pieces(ChatEventKind::Arguments, call->arguments, calls);
            sink.take({.kind = ChatEventKind::CallEnd, .call = calls++});
        }
        sink.take({.kind = ChatEventKind::PartEnd});
    }
    sink.take({.kind = ChatEventKind::StopSeen, .stop = &reply.stop});
    sink.take({.kind = ChatEventKind::UsageSeen, .usage = &*reply.usage});
    sink.take({.kind = ChatEventKind::End});
}

std::string write_whole(Wire wire, const ChatReply& reply, const AnswerPlan& plan) {
    if (wire == Wire::Responses) return write_responses_reply(reply, plan);
    return wire == Wire::OpenAi ? write_openai_reply(reply, plan)
                                : write_anthropic_reply(reply, plan);
}

ChatReply read_whole(Wire wire, const std::string& body) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    auto reply = wire == Wire::OpenAi      ? read_openai_reply(*root)
                 : wire == Wire::Responses ? read_responses_reply(*root)
                                           : read_anthropic_reply(*root);
    REQUIRE(reply);
    return *std::move(reply);
}

std::string write_stream(Wire wire, const ChatReply& reply, Random& random,
                         const AnswerPlan& plan) {
    const auto writer = make_writer(wire, plan);
    give(reply, random, *writer);
    return writer->take_output();
}

ChatReply read_stream(Wire wire, const std::string& stream) {
    const auto parser = make_parser(wire);
    ReplyAssembler assembler;
    parser->feed(stream, assembler);
    parser->finish(assembler);
    auto reply = std::move(assembler).reply();
    REQUIRE(reply);
    return *std::move(reply);
}

// Ids have their protocol's form; the rest is the answer.
ChatReply without_id(ChatReply reply) {
    reply.id.clear();
    return reply;
}

// A whole answer of OpenAI's as its stream's pieces add up: no text is an empty text, and each
// argument is what it says, however it is spaced.
Json comparable(Wire wire, const std::string& body) {
    Json json = Json::parse(body);
    if (wire == Wire::Anthropic) return json;
    if (wire == Wire::Responses) {
        for (Json& item : json["output"]) {
            if (item.contains("arguments"))
                item["arguments"] = Json::parse(item["arguments"].get<std::string>());
        }
        return json;
    }
    Json& message = json["choices"][0]["message"];
    if (message["content"].is_null()) message["content"] = "";
    if (message.contains("tool_calls")) {
        for (Json& call : message["tool_calls"]) {
            Json& arguments = call["function"]["arguments"];
            arguments = Json::parse(arguments.get<std::string>());
        }
    }
    return json;
}

Wire other(Wire wire) {
    return wire == Wire::OpenAi ? Wire::Anthropic : Wire::OpenAi;
}

// A stream of `from`'s as callers of `to` put it together is what they are given whole.
void check_stream_is_whole(Wire from, Wire to) {
    Random random(2);
    const AnswerPlan plan = plan_of_caller();
    for (int round = 0; round < kRounds; ++round) {
        const ChatReply reply =
            random_reply(random, from == Wire::Anthropic ? Signed::Yes : Signed::No);
        const std::string upstream = write_stream(from, reply, random, plan);
        const Assembled got = assemble(to, convert(from, to, upstream, plan), plan);
        CHECK(got.problem == "");
        const std::string whole =
            write_whole(to, read_whole(from, write_whole(from, reply, plan)), plan);
        CHECK(comparable(to, got.message.dump()) == comparable(to, whole));
    }
}

const char* name_of(Wire wire) {
    if (wire == Wire::Responses) return "Responses";
    return wire == Wire::OpenAi ? "OpenAI" : "Anthropic";
}

}  // namespace

TEST_CASE("protocol: an answer that is written and read again is the same",
          "[protocol][conversion]") {
    for (const Wire wire : {Wire::OpenAi, Wire::Anthropic}) {
        DYNAMIC_SECTION(name_of(wire)) {
            Random random(1);
            const AnswerPlan plan = plan_of_caller();
            for (int round = 0; round < kRounds; ++round) {
                const ChatReply reply = random_reply(random, Signed::Yes);
                CHECK(without_id(read_whole(wire, write_whole(wire, reply, plan))) ==
                      without_id(reply));
                // What comes in pieces has OpenAI's signatures too late.
                const ChatReply streamed =
                    random_reply(random, wire == Wire::OpenAi ? Signed::No : Signed::Yes);
                CHECK(without_id(read_stream(wire, write_stream(wire, streamed, random, plan))) ==
                      without_id(streamed));
            }
        }
    }
}

TEST_CASE("protocol: a stream put together is the whole answer", "[protocol][conversion]") {
    for (const Wire from : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
        for (const Wire to : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
            if (from == to) continue;
            DYNAMIC_SECTION("from " << name_of(from) << " to " << name_of(to)) {
                check_stream_is_whole(from, to);
            }
        }
    }
}

TEST_CASE("protocol: usage adds up in every protocol", "[protocol][conversion]") {
    Random random(3);
    const AnswerPlan plan = plan_of_caller();
    for (int round = 0; round < kRounds; ++round) {
        const ChatReply reply = random_reply(random, Signed::No);
        const Json openai = Json::parse(write_openai_reply(reply, plan))["usage"];
        const Json anthropic = Json::parse(write_anthropic_reply(reply, plan))["usage"];
        const auto count = [](const Json& usage, const char* name) {
            return usage[name].get<std::int64_t>();
        };
        CHECK(count(openai, "prompt_tokens") + count(openai, "completion_tokens") ==
              count(openai, "total_tokens"));
        CHECK(count(anthropic, "input_tokens") + count(anthropic, "cache_read_input_tokens") +
                  count(anthropic, "cache_creation_input_tokens") ==
              count(openai, "prompt_tokens"));
        CHECK(count(anthropic, "output_tokens") == count(openai, "completion_tokens"));
        const Json responses = Json::parse(write_responses_reply(reply, plan))["usage"];
        CHECK(count(responses, "input_tokens") == count(openai, "prompt_tokens"));
        CHECK(count(responses, "output_tokens") == count(openai, "completion_tokens"));
        CHECK(count(responses, "total_tokens") == count(openai, "total_tokens"));
    }
}

TEST_CASE("protocol: whatever an upstream sends, the caller's stream keeps its grammar",
          "[protocol][conversion]") {
    Random random(4);
    const std::vector<std::string> noise = {
        "data: oops\n\n",
        "\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":3}]}}]}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "data: [DONE]\n\n",
        "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":"
        "\"function_call\",\"arguments\":\"[1\"}}\n\n",
        "\xFF\xFE",
        "{",
        "\"",
        "data: "
        "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
        "\"partial_json\":\"x\"}}\n\n"};
    for (int round = 0; round < 4 * kRounds; ++round) {
        AnswerPlan plan = plan_of_caller();
        plan.wants_usage = random.is_chosen();
        plan.uses_functions = random.below(4) == 0;
        plan.hides_thinking = random.below(4) == 0;
        if (random.below(4) == 0) plan.json_tool = "f";
        if (random.below(4) == 0) plan.custom_tools = {"get_x"};
        plan.is_json_wrapped = random.is_chosen();
        const Wire written = random.one_of<Wire>({Wire::OpenAi, Wire::Anthropic, Wire::Responses});
        std::string upstream =
            write_stream(written, random_reply(random, Signed::Yes), random, plan_of_caller());
        for (std::size_t changes = random.below(6); changes > 0; --changes) {
            const std::size_t at = random.below(upstream.size());
            if (random.is_chosen()) {
                upstream.insert(at, random.one_of(noise));
            } else {
                upstream.erase(at, random.below(40));
            }
            if (upstream.empty()) upstream = "x";
        }
        const Wire from = random.below(8) == 0 ? other(written) : written;
        const std::size_t cut = random.below(upstream.size());
        for (const Wire to : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
            const std::string got = convert(from, to, upstream, plan);
            const std::string problem = assemble(to, got, plan).problem;
            INFO(upstream);
            CHECK(problem == "");
            ConvertedStream halves(from, to, plan);
            halves.feed(std::string_view(upstream).substr(0, cut));
            halves.feed(std::string_view(upstream).substr(cut));
            CHECK(halves.finish() == got);
        }
    }
}
