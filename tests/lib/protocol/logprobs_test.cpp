// Probabilities of tokens: vendors' words of them, whole and streamed, as OpenAI's callers get
// them.
#include <catch2/catch.hpp>

#include "protocol/gemini_reply.h"
#include "protocol/openai_reply.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "g", .created = 1700000000, .fallback_id = "01f"};
}

std::string event(const std::string& json) {
    return "data: " + json + "\n\n";
}

Json streamed(Wire from, const std::string& upstream) {
    const Assembled got = assemble_in_every_split(from, Wire::OpenAi, upstream, plan_of_caller());
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return Json::parse(got.message.dump())["choices"][0]["logprobs"];
}

Json whole(Result<ChatReply> (*read)(JsonValue), const std::string& body) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    const auto reply = read(*root);
    REQUIRE(reply);
    return Json::parse(write_openai_reply(*reply, plan_of_caller()))["choices"][0]["logprobs"];
}

// ---- Gemini
// --------------------------------------------------------------------------------------

std::string token(const std::string& text, const std::string& probability) {
    return R"({"token":")" + text + R"(","tokenId":7,"logProbability":)" + probability + "}";
}

std::string response(const std::string& text, const std::string& more) {
    return R"({"candidates":[{"content":{"role":"model","parts":[{"text":")" + text +
           R"("}]},"index":0,)" + more + R"(}],"modelVersion":"g","responseId":"r1"})";
}

const std::string kFirst = R"("logprobsResult":{"topCandidates":[{"candidates":[)" +
                           token("a", "-0.25") + "," + token("b", "-1.50") +
                           R"(]}],"chosenCandidates":[)" + token("a", "-0.25") + "]}";
const std::string kSecond = R"("logprobsResult":{"chosenCandidates":[)" + token("c", "-1e-3") +
                            R"(]},"finishReason":"STOP")";
const Json kFirstToken = Json::parse(
    R"({"token":"a","logprob":-0.25,"bytes":null,"top_logprobs":[{"token":"a","logprob":-0.25,"bytes":null},{"token":"b","logprob":-1.5,"bytes":null}]})");
const Json kSecondToken =
    Json::parse(R"({"token":"c","logprob":-0.001,"bytes":null,"top_logprobs":[]})");

}  // namespace

TEST_CASE("logprobs: Gemini's are OpenAI's, whole and streamed", "[protocol][gemini]") {
    const Json want = {{"content", {kFirstToken, kSecondToken}}, {"refusal", nullptr}};
    CHECK(streamed(Wire::Gemini, event(response("a", kFirst)) + event(response("c", kSecond))) ==
          want);
    const std::string both = R"("logprobsResult":{"topCandidates":[{"candidates":[)" +
                             token("a", "-0.25") + "," + token("b", "-1.50") +
                             R"(]}],"chosenCandidates":[)" + token("a", "-0.25") + "," +
                             token("c", "-1e-3") + R"(]},"finishReason":"STOP")";
    CHECK(whole(read_gemini_reply, response("ac", both)) == want);
    CHECK(whole(read_gemini_reply, response("a", R"("finishReason":"STOP")")).is_null());
}

TEST_CASE("logprobs: those of a server of OpenAI's protocol stay as they are",
          "[protocol][conversion]") {
    const std::string first = R"({"token":"a","logprob":-0.25,"bytes":[97],"top_logprobs":[]})";
    const std::string second =
        R"({"token":"\n","logprob":-1,"bytes":[10],"top_logprobs":[{"token":"x","logprob":-2,"bytes":null}]})";
    const auto chunk = [](const std::string& delta, const std::string& more) {
        return event(R"({"id":"c","model":"x","choices":[{"index":0,"delta":)" + delta + "," +
                     more + "}]}");
    };
    const auto logprobs = [](const std::string& tokens) {
        return R"("logprobs":{"content":[)" + tokens + R"(],"refusal":null})";
    };
    const Json want = {{"content", {Json::parse(first), Json::parse(second)}},
                       {"refusal", nullptr}};
    const std::string stop = chunk("{}", R"("finish_reason":"stop")") + event("[DONE]");
    CHECK(streamed(Wire::OpenAi, chunk(R"({"content":"a"})", logprobs(first)) +
                                     chunk(R"({"content":"\n"})", logprobs(second)) + stop) ==
          want);
    CHECK(streamed(Wire::OpenAi, chunk(R"({"content":"a"})", logprobs(first)) +
                                     chunk("{}", logprobs(second)) + stop) == want);
    CHECK(
        streamed(Wire::OpenAi, chunk(R"({"content":"a"})", R"("logprobs":null)") + stop).is_null());
    CHECK(whole(read_openai_reply,
                R"({"id":"c","model":"x","choices":[{"index":0,"message":{"content":"a\n"},)" +
                    logprobs(first + "," + second) + R"(,"finish_reason":"stop"}]})") == want);
}
