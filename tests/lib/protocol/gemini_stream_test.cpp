#include "protocol/gemini_stream.h"

#include <catch2/catch.hpp>

#include "protocol/anthropic_reply.h"
#include "protocol/gemini_answer.h"
#include "protocol/gemini_reply.h"
#include "protocol/openai_reply.h"
#include "protocol/reply_assembler.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "g", .created = 1700000000, .fallback_id = "01f", .wants_usage = true};
}

// A response with these parts and these further members of its candidate.
std::string response(const std::string& parts, const std::string& more = "",
                     const std::string& beside = "") {
    return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + R"(]},"index":0)" +
           (more.empty() ? "" : "," + more) + "}]" + (beside.empty() ? "" : "," + beside) +
           R"(,"modelVersion":"gemini-x","responseId":"r1"})";
}
std::string event(const std::string& json) {
    return "data: " + json + "\r\n\r\n";
}
std::string piece(const std::string& parts) {
    return event(response(parts));
}
std::string last(const std::string& parts, const std::string& reason = "STOP") {
    return event(response(
        parts, R"("finishReason":")" + reason + "\"",
        R"("usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11})"));
}
std::string text(const std::string& words) {
    return R"({"text":)" + Json(words).dump() + "}";
}
std::string thought(const std::string& words) {
    return R"({"text":)" + Json(words).dump() + R"(,"thought":true})";
}

// What each caller's library puts together, however the bytes come; the grammar is kept.
Json assembled(Wire to, const std::string& upstream) {
    const Assembled got = assemble_in_every_split(Wire::Gemini, to, upstream, plan_of_caller());
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return Json::parse(got.message.dump());
}
Json message_of(const std::string& upstream) {
    return assembled(Wire::OpenAi, upstream)["choices"][0]["message"];
}
Json blocks_of(const std::string& upstream) {
    return assembled(Wire::Anthropic, upstream)["content"];
}
std::string reason_of(const std::string& upstream) {
    return assembled(Wire::OpenAi, upstream)["choices"][0]["finish_reason"];
}

Result<ChatReply> whole(const std::string& body) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    return read_gemini_reply(*root);
}

Result<ChatReply> streamed(const std::string& upstream) {
    const auto parser = make_parser(Wire::Gemini);
    ReplyAssembler assembler;
    parser->feed(upstream, assembler);
    parser->finish(assembler);
    return std::move(assembler).reply();
}

const std::string kCall =
    R"({"functionCall":{"id":"fc_1","name":"f","args":{"a": 1.0, "b":9007199254740993}},"thoughtSignature":"c2ln"})";
const std::string kSecondCall = R"({"functionCall":{"name":"g"}})";

}  // namespace

TEST_CASE("gemini streams: texts are pieces of one text", "[protocol][gemini]") {
    const std::string upstream =
        piece(text("A ")) + piece(text("")) + piece(text("p\"é🙂ar")) + last(text("."));
    CHECK(message_of(upstream)["content"] == "A p\"é🙂ar.");
    CHECK(blocks_of(upstream) == Json::parse(R"([{"type":"text","text":"A p\"é🙂ar."}])"));
    CHECK(reason_of(upstream) == "stop");
    const Json answer = assembled(Wire::OpenAi, upstream);
    CHECK(answer["id"] == "r1");
    CHECK(answer["model"] == "g");
    CHECK(answer["usage"]["prompt_tokens"] == 9);
    CHECK(answer["usage"]["completion_tokens"] == 2);
}

TEST_CASE("gemini streams: thoughts and their signatures", "[protocol][gemini]") {
    struct Case {
        const char* name;
        std::string upstream;
        const char* blocks;  // as Anthropic's callers get them
        const char* message;
    };
    const Case cases[] = {
        {"thoughts alone are shown", piece(thought("a")) + piece(thought("b")) + last(text("c")),
         R"([{"type":"thinking","thinking":"ab","signature":""},{"type":"text","text":"c"}])",
         R"({"content":"c","reasoning_content":"ab"})"},
        {"a text's signature stands behind it",
         piece(text("c")) + last(R"({"text":"","thoughtSignature":"c2ln"})"),
         R"([{"type":"text","text":"c"},{"type":"thinking","thinking":"","signature":"gemini:c2ln"}])",
         R"({"content":"c","thinking_blocks":[{"type":"thinking","thinking":"","signature":"gemini:c2ln"}]})"},
        {"not at the thoughts before it",
         piece(thought("a")) + last(R"({"text":"c","thoughtSignature":"c2ln"})"),
         R"([{"type":"thinking","thinking":"a","signature":""},{"type":"text","text":"c"},{"type":"thinking","thinking":"","signature":"gemini:c2ln"}])",
         R"({"content":"c","reasoning_content":"a","thinking_blocks":[{"type":"thinking","thinking":"a","signature":""},{"type":"thinking","thinking":"","signature":"gemini:c2ln"}]})"},
        {"a call's stands at the thoughts before it", piece(thought("a")) + last(kCall),
         R"([{"type":"thinking","thinking":"a","signature":"gemini:c2ln"},{"type":"tool_use","id":"fc_1","name":"f","input":{"a":1.0,"b":9007199254740993}}])",
         R"({"content":null,"reasoning_content":"a","thinking_blocks":[{"type":"thinking","thinking":"a","signature":"gemini:c2ln"}]})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(blocks_of(c.upstream) == Json::parse(c.blocks));
            Json message = message_of(c.upstream);
            for (const char* member : {"role", "refusal", "tool_calls"}) message.erase(member);
            const Json want = Json::parse(c.message);
            if (want["content"].is_null() && message["content"] == "") message["content"] = nullptr;
            CHECK(message == want);
        }
    }
}

TEST_CASE("gemini streams: calls come whole", "[protocol][gemini]") {
    const std::string upstream = piece(text("x")) + piece(kCall + "," + kSecondCall) + last(kCall);
    const Json calls = message_of(upstream)["tool_calls"];
    REQUIRE(calls.size() == 3);
    CHECK(calls[0]["id"] == "fc_1");
    CHECK(calls[0]["function"]["arguments"] == R"({"a":1.0,"b":9007199254740993})");
    CHECK(calls[0]["extra_content"]["google"]["thought_signature"] == "c2ln");
    CHECK(calls[1]["id"].get<std::string>().starts_with("toolu_"));
    CHECK(calls[1]["function"]["name"] == "g");
    CHECK(calls[1]["function"]["arguments"] == "{}");
    CHECK_FALSE(calls[1].contains("extra_content"));
    CHECK(reason_of(upstream) == "tool_calls");
    CHECK(assembled(Wire::Anthropic, upstream)["stop_reason"] == "tool_use");
}

TEST_CASE("gemini streams: why an answer stops", "[protocol][gemini]") {
    struct Case {
        const char* reason;
        const char* openai;
        const char* anthropic;
    };
    const Case cases[] = {
        {"STOP", "stop", "end_turn"},
        {"MAX_TOKENS", "length", "max_tokens"},
        {"SAFETY", "content_filter", "refusal"},
        {"RECITATION", "content_filter", "refusal"},
        {"BLOCKLIST", "content_filter", "refusal"},
        {"PROHIBITED_CONTENT", "content_filter", "refusal"},
        {"SPII", "content_filter", "refusal"},
        {"IMAGE_SAFETY", "content_filter", "refusal"},
        {"LANGUAGE", "stop", "end_turn"},
        {"OTHER", "stop", "end_turn"},
        {"MALFORMED_FUNCTION_CALL", "stop", "end_turn"},  // behind a text
        {"NOBODY_KNOWS", "stop", "end_turn"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.reason) {
            const std::string upstream = piece(text("x")) + last("", c.reason);
            CHECK(reason_of(upstream) == c.openai);
            CHECK(assembled(Wire::Anthropic, upstream)["stop_reason"] == c.anthropic);
        }
    }
    CHECK(message_of(last(text("x"), "SAFETY"))["refusal"] == "The answer was stopped (SAFETY).");
    CHECK(message_of(event(response(
              text("x"), R"("finishReason":"SPII","finishMessage":"No.")")))["refusal"] == "No.");
}

TEST_CASE("gemini streams: a blocked prompt is an answer", "[protocol][gemini]") {
    const std::string blocked =
        R"({"promptFeedback":{"blockReason":"SAFETY"},"responseId":"r1","usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}})";
    const Json answer = assembled(Wire::OpenAi, event(blocked));
    CHECK(answer["choices"][0]["finish_reason"] == "content_filter");
    CHECK(answer["choices"][0]["message"]["refusal"] == "The prompt was blocked (SAFETY).");
    CHECK(answer["usage"]["prompt_tokens"] == 9);
    const Json message = assembled(Wire::Anthropic, event(blocked));
    CHECK(message["stop_reason"] == "refusal");
    CHECK(message["content"].empty());
    const auto reply = whole(blocked);
    REQUIRE(reply);
    CHECK(*reply == *streamed(event(blocked)));
}

TEST_CASE("gemini streams: the end of the connection ends the answer", "[protocol][gemini]") {
    const auto failed = [](const std::string& upstream) {
        const Assembled got =
            assemble_in_every_split(Wire::Gemini, Wire::OpenAi, upstream, plan_of_caller());
        CHECK(got.problem == "");
        CHECK(got.is_failed);
        CHECK_FALSE(got.is_ended);
        return Json::parse(got.error.dump());
    };
    SECTION("without its last blank line") {
        std::string upstream = piece(text("x")) + last(text("y"));
        upstream.resize(upstream.size() - 4);
        CHECK(message_of(upstream)["content"] == "xy");
    }
    SECTION("a later event is part of it") {
        CHECK(message_of(last(text("x")) + piece(text("y")))["content"] == "xy");
    }
    SECTION("without a reason it was cut") {
        CHECK(failed(piece(text("x")))["code"] == "upstream_stream_truncated");
        CHECK(failed("")["code"] == "upstream_stream_truncated");
    }
    SECTION("an error in the middle") {
        const Json error =
            failed(piece(text("x")) +
                   event(R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})") +
                   last(text("y")));
        CHECK(error["message"] == "busy");
        CHECK(error["code"] == "overloaded");
    }
    SECTION("one about the key is the gateway's own affair") {
        const Json error = failed(event(
            R"({"error":{"code":400,"message":"API key not valid: AIza1","status":"INVALID_ARGUMENT"}})"));
        CHECK(error["message"] == "the upstream refused the gateway's credentials");
    }
    SECTION("nothing but a call that is no good") {
        const std::string upstream = event(
            R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}],"responseId":"r1"})");
        const Json error = failed(upstream);
        CHECK(error["message"] ==
              "the model gave no answer but a tool call that is no good (MALFORMED_FUNCTION_CALL)");
        const std::string nothing = event(
            R"({"candidates":[{"content":{}}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}})");
        CHECK(failed(nothing + upstream)["message"] == error["message"]);
        CHECK(streamed(upstream).error() ==
              whole(R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]})").error());
    }
}

TEST_CASE("gemini streams: an upstream that fails behind the end takes nothing away",
          "[protocol][gemini]") {
    const Error reset{ErrorCode::UpstreamInvalid, "connection reset"};
    for (const bool is_whole : {false, true}) {
        const auto parser = make_parser(Wire::Gemini);
        ReplyAssembler assembler;
        parser->feed(is_whole ? last(text("x")) : piece(text("x")), assembler);
        CHECK_FALSE(parser->is_over());
        parser->interrupt(reset, assembler);
        CHECK(parser->is_over());
        const auto reply = std::move(assembler).reply();
        REQUIRE(reply.has_value() == is_whole);
        if (!is_whole) CHECK(reply.error() == reset);
    }
}

TEST_CASE("gemini streams: nothing is said before there is something to say",
          "[protocol][gemini]") {
    const auto parser = make_parser(Wire::Gemini);
    const AnswerPlan plan = plan_of_caller();
    const auto writer = make_writer(Wire::Anthropic, plan);
    parser->feed(
        event(
            R"({"candidates":[{"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"responseId":"r1"})"),
        *writer);
    CHECK(writer->take_output().empty());
    parser->feed(event(R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}]})"), *writer);
    const std::string out = writer->take_output();
    CHECK(out.find(R"("id":"msg_r1")") != std::string::npos);
    CHECK(out.find(R"("usage":{"input_tokens":9,)") != std::string::npos);
}

TEST_CASE("gemini: a whole answer is what its stream is put together to", "[protocol][gemini]") {
    const std::string grounding =
        R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{}}],)"
        R"("groundingSupports":[{"segment":{"startIndex":5,"endIndex":9},"groundingChunkIndices":[0,1,2,-1]},{"segment":{},"groundingChunkIndices":"0"}]})";
    const std::string parts =
        thought("a") + "," + text("Zoë ") + "," + text("won") + "," + kCall + "," + kSecondCall +
        R"(,{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"inlineData":{},"thought":true},7)";
    const std::string stop = R"("finishReason":"STOP",)" + grounding;
    const auto reply = whole(response(parts, stop));
    REQUIRE(reply);
    const auto pieces =
        streamed(piece(thought("a")) + piece(text("Zoë ")) + piece(text("won")) +
                 piece(kCall + "," + kSecondCall) +
                 event(response(R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})", stop)));
    REQUIRE(pieces);
    CHECK(*reply == *pieces);
    REQUIRE(reply->annotations.size() == 1);
    CHECK(
        reply->annotations[0] ==
        R"({"type":"url_citation","url_citation":{"start_index":4,"end_index":7,"url":"https://a","title":"A"}})");
    REQUIRE(reply->parts.size() == 6);
    const auto* picture = reply->parts[5].as<VendorPart>();
    REQUIRE(picture != nullptr);
    CHECK(picture->type == "inlineData");
    CHECK(picture->json == R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})");
}

TEST_CASE("gemini: an answer without a candidate is none", "[protocol][gemini]") {
    for (const char* body :
         {"{}", R"({"candidates":[]})", R"({"usageMetadata":{"totalTokenCount":1}})"}) {
        const auto reply = whole(body);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().code == ErrorCode::UpstreamInvalid);
        CHECK(reply.error().message == "the upstream's answer has no candidate in it");
    }
    const auto second = whole(
        R"({"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]}},{"content":{"parts":[{"text":"a"}]}}]})");
    REQUIRE(second);
    CHECK(second->parts == std::vector{text_part("a")});
}

TEST_CASE("gemini: usage in disjoint parts", "[protocol][gemini]") {
    struct Case {
        const char* name;
        const char* said;
        std::optional<Usage> usage;
    };
    const Case cases[] = {
        {"nothing", "{}", std::nullopt},
        {"no numbers", R"({"promptTokenCount":"9","totalTokenCount":-1})", std::nullopt},
        {"all there is",
         R"({"promptTokenCount":270,"cachedContentTokenCount":200,"candidatesTokenCount":4,"thoughtsTokenCount":31,"toolUsePromptTokenCount":20,"totalTokenCount":325})",
         Usage{.input_tokens = 90,
               .cached_input_tokens = 200,
               .output_tokens = 4,
               .reasoning_tokens = 31}},
        {"the first event's", R"({"promptTokenCount":270,"totalTokenCount":270})",
         Usage{.input_tokens = 270}},
        {"more cached than there is", R"({"promptTokenCount":5,"cachedContentTokenCount":9})",
         Usage{.cached_input_tokens = 5}},
        {"what only the total has",
         R"({"promptTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":10})",
         Usage{.input_tokens = 5, .output_tokens = 3, .reasoning_tokens = 2}},
        {"a total that is too small",
         R"({"promptTokenCount":5,"candidatesTokenCount":4,"totalTokenCount":1})",
         Usage{.input_tokens = 5, .output_tokens = 4}},
        {"numbers that no answer has",
         R"({"promptTokenCount":9223372036854775807,"candidatesTokenCount":1})",
         Usage{.output_tokens = 1}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            JsonTree tree;
            const auto root = tree.parse(c.said);
            REQUIRE(root);
            CHECK(read_gemini_usage(*root) == c.usage);
        }
    }
}

TEST_CASE("gemini streams: the numbers that came last count", "[protocol][gemini]") {
    const auto with_usage = [](const std::string& usage, const std::string& more = "") {
        return event(response(text("x"), more, "\"usageMetadata\":" + usage));
    };
    const auto reply = streamed(
        with_usage(R"({"promptTokenCount":9,"totalTokenCount":9})") +
        with_usage(R"({"promptTokenCount":9,"candidatesTokenCount":3,"totalTokenCount":12})") +
        with_usage(R"({"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":14})",
                   R"("finishReason":"STOP")"));
    REQUIRE(reply);
    CHECK(reply->usage == Usage{.input_tokens = 9, .output_tokens = 5});
}
