// Models that their vendor gives by Responses: what they are sent, and what is read of their
// answers.

#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "protocol/openai_reply.h"
#include "protocol/responses_reply.h"
#include "tests/lib/protocol/conversion.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::tests;
using aigw::protocol::testing::Assembled;
using aigw::protocol::testing::Wire;

namespace {

const ModelTraits kPro{.efforts = {Effort::Low, Effort::Medium, Effort::High},
                       .max_field = ModelTraits::MaxField::MaxCompletionTokens,
                       .reasoning_field = ModelTraits::ReasoningField::Effort,
                       .effort_with_tools = false,
                       .takes_sampling = false,
                       .strict_tools = true,
                       .file_parts = true,
                       .custom_tools = true};

AnswerPlan plan_of_caller() {
    return {.model = "m",
            .created = 1'700'000'000,
            .fallback_id = "01f",
            .wants_usage = true,
            .input_tokens = 5,
            .sha256_hex = &crypto::sha256_hex};
}

std::string event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
}

const std::string kCreated = event(
    "response.created", R"("response":{"id":"resp_1","model":"gpt-x","status":"in_progress"})");
std::string completed(const std::string& rest = R"("status":"completed")") {
    const bool is_cut = rest.find("incomplete") != std::string::npos;
    return event(
        is_cut ? "response.incomplete" : "response.completed",
        R"("response":{"id":"resp_1",)" + rest +
            R"(,"usage":{"input_tokens":21,"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1}}})");
}
std::string added(int index, const std::string& item) {
    return event("response.output_item.added",
                 "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}
std::string done(int index, const std::string& item) {
    return event("response.output_item.done",
                 "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}
std::string piece(const std::string& type, int index, const std::string& delta) {
    return event("response." + type + ".delta",
                 "\"output_index\":" + std::to_string(index) + ",\"delta\":" + Json(delta).dump());
}
const std::string kMessage = R"({"type":"message","role":"assistant","content":[]})";
const std::string kReasoning = R"({"type":"reasoning","summary":[]})";
std::string call(const std::string& arguments) {
    return R"({"type":"function_call","call_id":"c1","name":"f","arguments":)" +
           Json(arguments).dump() + "}";
}

// The message that a caller of Chat Completions puts together, in every split of the stream.
Json message_of(const std::string& upstream) {
    const Assembled got =
        assemble_in_every_split(Wire::Responses, Wire::OpenAi, upstream, plan_of_caller());
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return got.message["choices"][0];
}

}  // namespace

TEST_CASE("protocol: a chat is written as items of Responses", "[protocol]") {
    struct Row {
        const char* name;
        std::string body;
        const char* at;
        const char* want;
        const char* losses = "";
    };
    const char* const kTool =
        R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}}}},{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}])";
    const Row rows[] =
        {
            {"messages",
             talk(
                 R"({"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"user","content":"v"})"),
             "/input",
             R"([{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"user","content":"v"}])"},
            {"parts",
             talk(
                 R"({"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}]})"),
             "/input/0/content",
             R"([{"type":"input_text","text":"t"},{"type":"input_image","image_url":"https://x/y.png","detail":"low"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}])"},
            {"calls and results",
             talk(
                 R"({"role":"user","content":"u"},{"role":"assistant","content":"a","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"custom","custom":{"name":"c","input":"x"}}]},{"role":"tool","tool_call_id":"1","content":"r"},{"role":"tool","tool_call_id":"2","content":"s"})",
                 kTool),
             "/input",
             R"([{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"custom_tool_call","call_id":"2","name":"c","input":"x"},{"type":"function_call_output","call_id":"1","output":"r"},{"type":"custom_tool_call_output","call_id":"2","output":"s"}])"},
            {"tools are flat, and as strict as they were", hello(kTool), "/tools",
             R"([{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":false},{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"x"}}])"},
            {"a named choice",
             hello(std::string(kTool) +
                   R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
             "/tool_choice", R"({"type":"function","name":"f"})"},
            {"a choice in one word", hello(std::string(kTool) + R"(,"tool_choice":"required")"),
             "/tool_choice", R"("required")"},
            {"thinking beside tools", hello(std::string(kTool) + R"(,"reasoning_effort":"high")"),
             "/reasoning", R"({"effort":"high"})"},
            {"a schema",
             hello(
                 R"("verbosity":"low","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}})"),
             "/text",
             R"({"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"})"},
            {"a limit", hello(R"("max_tokens":99)"), "/max_output_tokens", "99"},
            {"the least limit", hello(R"("max_tokens":1)"), "/max_output_tokens", "16",
             "clamped:max_tokens"},
            {"nothing is to be kept", hello(""), "/store", "false"},
            {"… so that thoughts come along", hello(""), "/include",
             R"(["reasoning.encrypted_content"])"},
            {"sealed thoughts go back before what followed them",
             talk(
                 R"({"role":"user","content":"u"},{"role":"assistant","content":"a","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"openai:rs_1:gA"},{"type":"thinking","thinking":"","signature":"openai::gB"},{"type":"thinking","thinking":"c","signature":"EqQB"}],"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"})",
                 kTool),
             "/input", R"([{"role":"user","content":"u"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"gA"},{"type":"reasoning","summary":[],"encrypted_content":"gB"},{"role":"assistant","content":"a"},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"r"}])"},
            {"what this form lacks",
             hello(
                 R"("stop":["x"],"seed":1,"stream":true,"stream_options":{"include_usage":true})"),
             "/stream", "true", "dropped:stop, dropped:seed"},
        };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = openai_to_responses(row.body, kPro);
            INFO(made.body << made.error.message);
            CHECK(made.at(row.at) == row.want);
            CHECK(made.losses == row.losses);
            CHECK(made.at("/messages") == "-");
            CHECK(made.at("/stream_options") == "-");
        }
    }
}

TEST_CASE("protocol: a Response is read as an answer", "[protocol]") {
    const auto read = [](const std::string& body) {
        JsonTree tree;
        const auto root = tree.parse(body);
        REQUIRE(root);
        return read_responses_reply(*root);
    };
    const auto reply = read(
        R"({"id":"resp_1","model":"gpt-x","status":"completed","service_tier":"default","output":[)"
        R"({"type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"gAAAA"},)"
        R"({"type":"web_search_call","id":"ws"},)"
        R"({"type":"message","content":[{"type":"output_text","text":"hi","annotations":[{"type":"url_citation","start_index":0,"end_index":1,"url":"u","title":"t"}]}]},)"
        R"({"type":"function_call","call_id":"c1","name":"f","arguments":""},)"
        R"({"type":"custom_tool_call","call_id":"c2","name":"c","input":"x"}],)"
        R"("usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}})");
    REQUIRE(reply);
    CHECK(reply->id == "resp_1");
    REQUIRE(reply->parts.size() == 5);
    CHECK(*reply->parts[0].as<ThinkingPart>() ==
          ThinkingPart{.text = "a\n\nb", .signature = "openai::gAAAA"});
    CHECK(reply->parts[1].as<VendorPart>()->type == "web_search_call");
    CHECK(reply->parts[2].as<TextPart>()->text == "hi");
    CHECK(*reply->parts[3].as<CallPart>() == CallPart{.id = "c1", .name = "f", .arguments = "{}"});
    CHECK(*reply->parts[4].as<CallPart>() ==
          CallPart{.id = "c2", .name = "c", .arguments = "x", .is_custom = true});
    CHECK(
        reply->annotations ==
        std::vector<std::string>{
            R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"url":"u","title":"t"}})"});
    CHECK(reply->usage == Usage{.input_tokens = 6,
                                .cached_input_tokens = 4,
                                .output_tokens = 3,
                                .reasoning_tokens = 2});

    const auto several = read(
        R"({"output":[{"type":"message","content":[{"type":"output_text","text":"\u00e9b"},)"
        R"({"type":"output_text","text":"c","annotations":[{"type":"url_citation","start_index":0,"end_index":1,"url":"u"}]}]},)"
        R"({"type":"message","content":[{"type":"output_text","text":"d","annotations":[{"type":"container_file_citation","file_id":"f","start_index":1,"end_index":1}]}]}]})");
    REQUIRE(several);
    CHECK(several->annotations ==
          std::vector<std::string>{
              R"({"type":"url_citation","url_citation":{"start_index":2,"end_index":3,"url":"u"}})",
              R"({"type":"container_file_citation","file_id":"f","start_index":4,"end_index":4})"});

    const auto cut = read(
        R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})");
    REQUIRE(cut);
    CHECK(cut->stop.reason == StopReason::MaxTokens);
    const auto filtered = read(
        R"({"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]})");
    REQUIRE(filtered);
    CHECK(filtered->stop.reason == StopReason::Refusal);
    const auto refused = read(
        R"({"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]})");
    REQUIRE(refused);
    CHECK(refused->refusal == "no");
    CHECK(refused->stop.reason == StopReason::Refusal);
    const auto none = read(R"({"id":"x"})");
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::UpstreamInvalid);
}

TEST_CASE("protocol: a stream of Responses is read, event for event", "[protocol]") {
    struct Row {
        const char* name;
        std::string upstream;
        const char* at;
        const char* want;
    };
    const Row rows[] = {
        {"a text",
         added(0, kMessage) + piece("output_text", 0, "Hel") + piece("output_text", 0, "lo") +
             done(0, kMessage),
         "/message/content", R"("Hello")"},
        {"a text that comes whole",
         done(0, R"({"type":"message","content":[{"type":"output_text","text":"Hi"}]})"),
         "/message/content", R"("Hi")"},
        {"thoughts in paragraphs",
         added(0, kReasoning) +
             event("response.reasoning_summary_part.added", R"("output_index":0)") +
             piece("reasoning_summary_text", 0, "a") +
             event("response.reasoning_summary_part.added", R"("output_index":0)") +
             piece("reasoning_summary_text", 0, "b") + done(0, kReasoning),
         "/message/reasoning_content", R"("a\n\nb")"},
        {"thoughts that are sealed",
         added(0, kReasoning) + piece("reasoning_summary_text", 0, "a") +
             done(0, R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"})"),
         "/message/thinking_blocks",
         R"([{"type":"thinking","thinking":"a","signature":"openai:rs_1:gA"}])"},
        {"a call",
         added(0, call("")) + piece("function_call_arguments", 0, "{\"x\"") +
             piece("function_call_arguments", 0, ":1}") + done(0, call("{\"x\":1}")),
         "/message/tool_calls/0",
         R"({"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}})"},
        {"a call that comes whole", added(0, call("")) + done(0, call("{\"x\":1}")),
         "/message/tool_calls/0/function/arguments", R"("{\"x\":1}")"},
        {"a call that nobody announced", done(0, call("{}")),
         "/message/tool_calls/0/function/arguments", R"("{}")"},
        {"a call whose arguments are no object",
         added(0, call("")) + piece("function_call_arguments", 0, "1") +
             piece("function_call_arguments", 0, "2") + done(0, call("12")),
         "/message/tool_calls/0/function/arguments", R"("{\"_raw_arguments\":\"12\"}")"},
        {"a call that is never ended", added(0, call("")),
         "/message/tool_calls/0/function/arguments", R"("{}")"},
        {"free text",
         added(0, R"({"type":"custom_tool_call","call_id":"c1","name":"c","input":""})") +
             piece("custom_tool_call_input", 0, "x"),
         "/message/tool_calls/0/custom", R"({"name":"c","input":"x"})"},
        {"a refusal", added(0, kMessage) + piece("refusal", 0, "no"), "/message/refusal",
         R"("no")"},
        {"… and how it ends", added(0, kMessage) + piece("refusal", 0, "no"), "/finish_reason",
         R"("content_filter")"},
        {"an item that is told of twice",
         added(0, kMessage) + piece("output_text", 0, "a") + done(0, kMessage) +
             done(0, R"({"type":"message","content":[{"type":"output_text","text":"a"}]})"),
         "/message/content", R"("a")"},
        {"an end without its item",
         event("response.output_item.done", R"("output_index":0)") +
             done(1, R"({"type":"message","content":[{"type":"output_text","text":"Hi"}]})"),
         "/message/content", R"("Hi")"},
        {"what the vendor's tools did", done(0, R"({"type":"web_search_call","id":"ws"})"),
         "/message/provider_blocks", R"([{"type":"web_search_call","id":"ws"}])"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Json choice = message_of(kCreated + row.upstream + completed());
            INFO(choice.dump());
            const Json::json_pointer at(row.at);
            REQUIRE(choice.contains(at));
            CHECK(choice.at(at).dump() == row.want);
        }
    }
    CHECK(message_of(
              kCreated +
              completed(
                  R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"))
              ["finish_reason"] == "length");
}

TEST_CASE("protocol: a stream of Responses from upstream fails aloud", "[protocol]") {
    struct Row {
        const char* name;
        std::string upstream;
        const char* want;
    };
    const Row rows[] = {
        {"cut off", kCreated + added(0, kMessage) + piece("output_text", 0, "a"),
         R"({"message":"upstream stream ended early","type":"api_response_error","param":null,"code":"upstream_stream_truncated"})"},
        {"an error", kCreated + event("error", R"("code":"c","message":"m","param":null)"),
         R"({"message":"m","type":"api_response_error","param":null,"code":"c"})"},
        {"an error in its own object",
         kCreated + event("error", R"("error":{"type":"server_error","code":"c","message":"m"})"),
         R"({"message":"m","type":"server_error","param":null,"code":"c"})"},
        {"an answer that failed",
         kCreated + event("response.failed",
                          R"("response":{"error":{"code":"server_error","message":"m"}})"),
         R"({"message":"m","type":"api_response_error","param":null,"code":"server_error"})"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Assembled got = assemble_in_every_split(Wire::Responses, Wire::OpenAi,
                                                          row.upstream, plan_of_caller());
            CHECK(got.problem == "");
            CHECK(got.is_failed);
            CHECK(got.error.dump() == row.want);
        }
    }
}

TEST_CASE("protocol: sealed thoughts come and go through Anthropic's callers", "[protocol]") {
    const std::string sealed =
        R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"})";
    const Assembled got =
        assemble_in_every_split(Wire::Responses, Wire::Anthropic,
                                kCreated + added(0, kReasoning) + done(0, sealed) +
                                    added(1, call("")) + done(1, call("{}")) + completed(),
                                plan_of_caller());
    CHECK(got.problem == "");
    const std::string content = got.message["content"].dump();
    CHECK(
        content ==
        R"([{"type":"thinking","thinking":"","signature":"openai:rs_1:gA"},{"type":"tool_use","id":"c1","name":"f","input":{}}])");
    const std::string history =
        R"([{"role":"user","content":"u"},{"role":"assistant","content":)" + content +
        R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"r"}]}])";
    CHECK(anthropic_to_responses(history, kPro).at("/input/1") ==
          R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"})");
    CHECK(anthropic_to_responses(history, kPro).at("/input/2/type") == R"("function_call")");
    const ModelTraits dull{.max_field = ModelTraits::MaxField::MaxCompletionTokens};
    CHECK(anthropic_to_responses(history, dull).at("/include") == "-");
}

TEST_CASE("protocol: thoughts that nothing follows any more are left out", "[protocol]") {
    const std::string history =
        R"([{"role":"user","content":"u"},{"role":"assistant","content":[)"
        R"({"type":"tool_use","id":"c1","name":"f","input":{}},)"
        R"({"type":"thinking","thinking":"","signature":"openai:rs_1:gA"},)"
        R"({"type":"tool_use","id":"c2","name":"f","input":{}},)"
        R"({"type":"thinking","thinking":"","signature":"openai:rs_2:gB"}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"r"}]}])";
    const Converted made = anthropic_to_responses(history, kPro);
    CHECK(made.at("/input/1/call_id") == R"("c1")");
    CHECK(made.at("/input/2/id") == R"("rs_1")");
    CHECK(made.at("/input/3/call_id") == R"("c2")");
    CHECK(made.at("/input/4/type") == R"("function_call_output")");
}

TEST_CASE("protocol: a vendor of both forms is understood in either", "[protocol]") {
    const std::string chat =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    const std::string responses =
        kCreated + added(0, kMessage) + piece("output_text", 0, "hi") + completed();
    const AnswerPlan plan = plan_of_caller();
    for (const std::string& upstream :
         {chat, responses, ": ping\n\n" + responses, "\xEF\xBB\xBF" + responses,
          responses.substr(responses.find("data: ")), std::string("\r\n") + chat}) {
        INFO(upstream);
        const Assembled got = assemble_in_every_split(Wire::Either, Wire::OpenAi, upstream, plan);
        CHECK(got.problem == "");
        CHECK(got.message["choices"][0]["message"]["content"] == "hi");
    }
    const Assembled silent = assemble_in_every_split(Wire::Either, Wire::OpenAi, "", plan);
    CHECK(silent.is_failed);
}
