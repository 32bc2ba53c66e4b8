#include "protocol/responses_reply.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "protocol/responses_reasoning.h"

using namespace aigw;
using namespace aigw::protocol;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "m",
            .created = 1'700'000'000,
            .fallback_id = "01f",
            .input_tokens = 5,
            .echo = R"("instructions":"i","tools":[])"};
}

Part text(const char* words) {
    return {.value = TextPart{words}};
}

Json written(const ChatReply& reply, const AnswerPlan& plan = plan_of_caller()) {
    return Json::parse(write_responses_reply(reply, plan));
}

}  // namespace

TEST_CASE("protocol: a whole answer becomes a Response", "[protocol]") {
    ChatReply reply{.id = "msg_1", .model = "claude-x", .service_tier = "standard"};
    reply.parts = {
        {.value = ThinkingPart{.text = "hm", .signature = "s1"}},
        {.value = RedactedThinkingPart{"d1"}},
        text("a"),
        {.value = VendorPart{.type = "server_tool_use", .json = "{}"}},
        text("b"),
        {.value = CallPart{.id = "c1", .name = "f", .arguments = R"({"x":1.0})"}},
        {.value = CallPart{.id = "c2", .name = "c", .arguments = "free", .is_custom = true}}};
    reply.annotations = {
        R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"url":"u","title":"t"}})"};
    reply.stop = {.reason = StopReason::ToolCalls};
    reply.usage = Usage{.input_tokens = 3,
                        .cached_input_tokens = 2,
                        .cache_write_tokens = 1,
                        .output_tokens = 4,
                        .reasoning_tokens = 5};
    const Json response = written(reply);
    CHECK(response["id"] == "resp_msg_1");
    CHECK(response["object"] == "response");
    CHECK(response["created_at"] == 1'700'000'000);
    CHECK(response["status"] == "completed");
    CHECK(response["error"].is_null());
    CHECK(response["incomplete_details"].is_null());
    CHECK(response["model"] == "m");
    CHECK(response["service_tier"] == "default");
    CHECK(response["instructions"] == "i");
    CHECK(response["usage"].dump() ==
          R"({"input_tokens":6,"input_tokens_details":{"cache_write_tokens":1,"cached_tokens":2},)"
          R"("output_tokens":9,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":15})");
    const Json& output = response["output"];
    REQUIRE(output.size() == 5);
    CHECK(output[0]["type"] == "reasoning");
    CHECK(output[0]["summary"].dump() == R"([{"text":"hm","type":"summary_text"}])");
    CHECK(output[0]["encrypted_content"] == seal_signature("s1"));
    CHECK(output[1]["summary"] == Json::array());
    CHECK(output[1]["encrypted_content"] == seal_redacted("d1"));
    CHECK(output[2]["type"] == "message");
    CHECK(output[2]["status"] == "completed");
    CHECK(
        output[2]["content"].dump() ==
        R"([{"annotations":[{"end_index":1,"start_index":0,"title":"t","type":"url_citation","url":"u"}],)"
        R"("logprobs":[],"text":"ab","type":"output_text"}])");
    CHECK(output[3]["type"] == "function_call");
    CHECK(output[3]["call_id"] == "c1");
    CHECK(output[3]["arguments"] == R"({"x":1.0})");
    CHECK(output[4]["type"] == "custom_tool_call");
    CHECK(output[4]["input"] == "free");
    std::vector<std::string> ids;
    for (const Json& item : output) ids.push_back(item["id"]);
    CHECK(ids[0].starts_with("rs_"));
    CHECK(ids[2].starts_with("msg_"));
    CHECK(ids[3].starts_with("fc_"));
    CHECK(ids[4].starts_with("ctc_"));
    CHECK(ids[0] != ids[1]);
    CHECK(written(reply) == response);
}

TEST_CASE("protocol: what OpenAI has sealed comes out as it was", "[protocol]") {
    ChatReply reply{.id = "msg_1"};
    reply.parts = {{.value = ThinkingPart{.signature = "openai:rs_1:gAAAA"}}, text("a")};
    CHECK(written(reply)["output"][0]["encrypted_content"] == "gAAAA");
}

TEST_CASE("protocol: an annotation is of the text in which it begins", "[protocol]") {
    const auto annotation = [](const std::string& places) {
        return R"({"type":"url_citation","url_citation":{)" + places + R"("url":"u"}})";
    };
    ChatReply reply{.id = "msg_1"};
    reply.parts = {text("\xC3\xA9"),
                   text("b"),
                   {.value = CallPart{.id = "c1", .name = "f", .arguments = "{}"}},
                   text("cde"),
                   {.value = CallPart{.id = "c2", .name = "f", .arguments = "{}"}}};
    reply.annotations = {annotation(R"("start_index":1,"end_index":2,)"),
                         annotation(R"("start_index":2,"end_index":4,)"),
                         annotation(R"("start_index":3,"end_index":9223372036854775807,)"),
                         annotation("")};
    const Json response = written(reply);
    const auto notes = [&](std::size_t item) {
        return response["output"][item]["content"][0]["annotations"].dump();
    };
    CHECK(notes(0) == R"([{"end_index":2,"start_index":1,"type":"url_citation","url":"u"}])");
    CHECK(notes(2) ==
          R"([{"end_index":2,"start_index":0,"type":"url_citation","url":"u"},)"
          R"({"end_index":9223372036854775807,"start_index":1,"type":"url_citation","url":"u"},)"
          R"({"type":"url_citation","url":"u"}])");
}

TEST_CASE("protocol: how an answer ends is how its Response does", "[protocol]") {
    struct Row {
        const char* name;
        Stop stop;
        const char* refusal;
        const char* status;
        const char* details;
        const char* item;     // its status
        const char* content;  // its last part's type
    };
    const Row rows[] = {
        {"by itself",
         {.reason = StopReason::EndTurn},
         "",
         "completed",
         "null",
         "completed",
         "output_text"},
        {"at a stop sequence",
         {.reason = StopReason::StopSequence, .sequence = "END"},
         "",
         "completed",
         "null",
         "completed",
         "output_text"},
        {"at the limit",
         {.reason = StopReason::MaxTokens},
         "",
         "incomplete",
         R"({"reason":"max_output_tokens"})",
         "incomplete",
         "output_text"},
        {"at the end of the window",
         {.reason = StopReason::ContextWindow},
         "",
         "incomplete",
         R"({"reason":"max_output_tokens"})",
         "incomplete",
         "output_text"},
        {"in the vendor's filter",
         {.reason = StopReason::Refusal},
         "",
         "incomplete",
         R"({"reason":"content_filter"})",
         "incomplete",
         "refusal"},
        {"in the model's own refusal",
         {.reason = StopReason::Refusal, .explanation = "no"},
         "no",
         "completed",
         "null",
         "completed",
         "refusal"},
        {"with calls that are not there",
         {.reason = StopReason::ToolCalls},
         "",
         "completed",
         "null",
         "completed",
         "output_text"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            ChatReply reply{.id = "x", .stop = row.stop};
            reply.parts = {text("a")};
            reply.refusal = row.refusal;
            const Json response = written(reply);
            CHECK(response["status"] == row.status);
            CHECK(response["incomplete_details"].dump() == row.details);
            REQUIRE(response["output"].size() == 1);
            CHECK(response["output"][0]["status"] == row.item);
            CHECK(response["output"][0]["content"].back()["type"] == row.content);
        }
    }
}

TEST_CASE("protocol: a Response has what its vendor leaves out", "[protocol]") {
    ChatReply reply{.parts = {text("12345678")}};
    const Json response = written(reply);
    CHECK(response["id"] == "resp_01f");
    CHECK(response["usage"]["input_tokens"] == 5);
    CHECK(response["usage"]["output_tokens"] == 2);
    CHECK_FALSE(response.contains("service_tier"));
    CHECK(written({.stop = {.reason = StopReason::MaxTokens}})["output"] == Json::array());

    AnswerPlan hiding = plan_of_caller();
    hiding.hides_thinking = true;
    reply.parts.insert(reply.parts.begin(), Part{.value = ThinkingPart{.text = "hm"}});
    CHECK(written(reply, hiding)["output"].size() == 1);
    CHECK(written(reply)["output"].size() == 2);
}
