#include "protocol/anthropic_reply.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "protocol/answer_restorer.h"
#include "protocol/openai_reply.h"

using namespace aigw;
using namespace aigw::protocol;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "claude", .created = 1700000000, .fallback_id = "01fallback"};
}

// An Anthropic message as an OpenAI caller gets it.
Json converted(const std::string& body, const AnswerPlan& plan = plan_of_caller()) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    auto reply = read_anthropic_reply(*root);
    REQUIRE(reply);
    restore_answer(*reply, plan);
    return Json::parse(write_openai_reply(*reply, plan));
}

std::string message(const std::string& content,
                    const std::string& rest = R"("stop_reason":"end_turn")") {
    return R"({"id":"msg_01A","type":"message","role":"assistant","model":"claude-x","content":[)" +
           content + "]," + rest + R"(,"usage":{"input_tokens":3,"output_tokens":2}})";
}

Json choice_of(const std::string& body, const AnswerPlan& plan = plan_of_caller()) {
    return converted(body, plan)["choices"][0];
}

Json message_of(const std::string& body, const AnswerPlan& plan = plan_of_caller()) {
    return choice_of(body, plan)["message"];
}

}  // namespace

TEST_CASE("protocol: a message becomes a chat completion", "[protocol][conversion]") {
    const Json got = converted(message(R"({"type":"text","text":"Hi"})"));
    CHECK(got == Json::parse(R"({"id":"chatcmpl-msg_01A","object":"chat.completion",
        "created":1700000000,"model":"claude","choices":[{"index":0,"message":{"role":"assistant",
        "content":"Hi","refusal":null},"logprobs":null,"finish_reason":"stop"}],
        "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,
        "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}}})"));
}

TEST_CASE("protocol: a message's blocks find their places in a chat completion",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* content;
        const char* want;
    };
    const Case cases[] = {
        {"E71: all text blocks count",
         R"({"type":"text","text":"One, "},{"type":"text","text":"two"})",
         R"({"role":"assistant","content":"One, two","refusal":null})"},
        {"no block is an empty text", "", R"({"role":"assistant","content":"","refusal":null})"},
        {"a call alone leaves the content null",
         R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})",
         R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"toolu_1",
            "type":"function","function":{"name":"f","arguments":"{}"}}]})"},
        {"arguments are compact and keep digits and order",
         R"({"type":"tool_use","id":"a","name":"f","input":{"id": 9007199254740993, "b": 1, "a": 1.0}})",
         R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"a",
            "type":"function","function":{"name":"f",
            "arguments":"{\"id\":9007199254740993,\"b\":1,\"a\":1.0}"}}]})"},
        {"text beside calls stays",
         R"({"type":"text","text":"I look."},{"type":"tool_use","id":"a","name":"f","input":{"x":1}},
            {"type":"tool_use","id":"b","name":"g","input":{"y":2}})",
         R"({"role":"assistant","content":"I look.","refusal":null,"tool_calls":[
            {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
            {"id":"b","type":"function","function":{"name":"g","arguments":"{\"y\":2}"}}]})"},
        {"E72: all thinking counts, with its signatures",
         R"({"type":"thinking","thinking":"A","signature":"s1"},{"type":"text","text":"x"},
            {"type":"thinking","thinking":"B","signature":"s2"})",
         R"({"role":"assistant","content":"x","refusal":null,"reasoning_content":"AB",
            "thinking_blocks":[{"type":"thinking","thinking":"A","signature":"s1"},
            {"type":"thinking","thinking":"B","signature":"s2"}]})"},
        {"redacted thinking stands among the blocks only",
         R"({"type":"redacted_thinking","data":"xx"},{"type":"text","text":"x"})",
         R"({"role":"assistant","content":"x","refusal":null,
            "thinking_blocks":[{"type":"redacted_thinking","data":"xx"}]})"},
        {"E73: server tools are no calls of the client",
         R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"x"})",
         R"({"role":"assistant","content":"x","refusal":null,"provider_blocks":[
            {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]}]})"},
        {"citations of the web are annotations of their text, others are lost",
         R"({"type":"text","text":"Sée: "},{"type":"text","text":"here","citations":[
            {"type":"web_search_result_location","url":"https://a.b/","title":"T","cited_text":"c"},
            {"type":"char_location","document_index":0}]})",
         R"({"role":"assistant","content":"Sée: here","refusal":null,"annotations":[
            {"type":"url_citation","url_citation":{"start_index":5,"end_index":9,
            "url":"https://a.b/","title":"T"}}]})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(message_of(message(c.content)) == Json::parse(c.want));
        }
    }
}

TEST_CASE("protocol: stop reasons become finish reasons", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* stop;
        const char* want_finish;
        const char* want_extension;
    };
    const Case cases[] = {
        {"end_turn", R"("stop_reason":"end_turn")", "stop", ""},
        {"stop_sequence", R"("stop_reason":"stop_sequence","stop_sequence":"END")", "stop", "END"},
        {"E68: pause_turn", R"("stop_reason":"pause_turn")", "stop", "pause_turn"},
        {"null", R"("stop_reason":null)", "stop", ""},
        {"max_tokens", R"("stop_reason":"max_tokens")", "length", ""},
        {"E68: the context's end", R"("stop_reason":"model_context_window_exceeded")", "length",
         ""},
        {"E67: unknown", R"("stop_reason":"tired")", "stop", ""},
        {"refusal", R"("stop_reason":"refusal")", "content_filter", ""},
        {"tool_use without a call", R"("stop_reason":"tool_use")", "stop", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Json choice = choice_of(message(R"({"type":"text","text":"x"})", c.stop));
            CHECK(choice["finish_reason"] == c.want_finish);
            CHECK(choice.value("stop_reason", "") == c.want_extension);
        }
    }
    const std::string call = R"({"type":"tool_use","id":"a","name":"f","input":{}})";
    CHECK(choice_of(message(call, R"("stop_reason":"tool_use")"))["finish_reason"] == "tool_calls");
    CHECK(choice_of(message(call, R"("stop_reason":"max_tokens")"))["finish_reason"] == "length");
}

TEST_CASE("E69: a refusal of Anthropic's is said in words", "[protocol][conversion]") {
    CHECK(message_of(message("", R"("stop_reason":"refusal")")) ==
          Json::parse(
              R"({"role":"assistant","content":null,"refusal":"The model declined to answer."})"));
    CHECK(
        message_of(message(
            R"({"type":"text","text":"I"})",
            R"("stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"No."})")) ==
        Json::parse(R"({"role":"assistant","content":"I","refusal":"No."})"));
}

TEST_CASE("protocol: a caller of functions gets a function's call", "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.uses_functions = true;
    const Json choice =
        choice_of(message(R"({"type":"tool_use","id":"a","name":"f","input":{"x":1}},
                             {"type":"tool_use","id":"b","name":"g","input":{}})",
                          R"("stop_reason":"tool_use")"),
                  plan);
    CHECK(choice["finish_reason"] == "function_call");
    CHECK(choice["message"] == Json::parse(R"({"role":"assistant","content":null,"refusal":null,
                          "function_call":{"name":"f","arguments":"{\"x\":1}"}})"));
}

TEST_CASE("E62: Anthropic's cache tokens are counted once", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* usage;
        const char* want;
    };
    const Case cases[] = {
        {"all parts",
         R"({"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":30,
             "output_tokens":9,"output_tokens_details":{"thinking_tokens":4}})",
         R"({"prompt_tokens":60,"completion_tokens":9,"total_tokens":69,
             "prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":30},
             "completion_tokens_details":{"reasoning_tokens":4}})"},
        {"more thinking than output",
         R"({"input_tokens":1,"output_tokens":2,"output_tokens_details":{"thinking_tokens":5}})",
         R"({"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,
             "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},
             "completion_tokens_details":{"reasoning_tokens":2}})"},
        {"null and negative numbers are absent",
         R"({"input_tokens":7,"cache_read_input_tokens":null,"output_tokens":-1})",
         R"({"prompt_tokens":7,"completion_tokens":0,"total_tokens":7,
             "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}})"},
        {"none at all is estimated", "null",
         R"({"prompt_tokens":11,"completion_tokens":1,"total_tokens":12,
             "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            AnswerPlan plan = plan_of_caller();
            plan.input_tokens = 11;
            const std::string body = R"({"content":[{"type":"text","text":"abc"}],"usage":)" +
                                     std::string(c.usage) + "}";
            CHECK(converted(body, plan)["usage"] == Json::parse(c.want));
        }
    }
}

TEST_CASE("protocol: Anthropic's service tiers have OpenAI's names", "[protocol][conversion]") {
    const auto tier = [](const std::string& name) {
        return converted(R"({"content":[],"usage":{"input_tokens":1,"service_tier":")" + name +
                         "\"}}")
            .value("service_tier", "");
    };
    CHECK(tier("standard") == "default");
    CHECK(tier("priority") == "priority");
    CHECK(tier("batch").empty());
}

TEST_CASE("protocol: an answer's id has its protocol's form", "[protocol][conversion]") {
    const auto id = [](const std::string& upstream) {
        return converted(R"({"id":")" + upstream + R"(","content":[]})")["id"];
    };
    CHECK(id("msg_1") == "chatcmpl-msg_1");
    CHECK(id("other-1") == "other-1");
    CHECK(id("") == "chatcmpl-01fallback");
}

TEST_CASE("protocol: calls without id or name are given one, always the same",
          "[protocol][conversion]") {
    const std::string body =
        message(R"({"type":"tool_use","input":{"x":1}},{"type":"tool_use","name":"f"})");
    const Json calls = message_of(body)["tool_calls"];
    CHECK(calls[0]["function"]["name"] == "tool_0");
    CHECK(calls[1]["function"]["arguments"] == "{}");
    CHECK(calls[0]["id"].get<std::string>().size() == std::string("toolu_").size() + 24);
    CHECK(calls[0]["id"] != calls[1]["id"]);
    CHECK(message_of(body)["tool_calls"] == calls);
}

TEST_CASE("protocol: hidden thinking stays hidden", "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.hides_thinking = true;
    CHECK(message_of(message(R"({"type":"thinking","thinking":"A","signature":"s"})"), plan) ==
          Json::parse(R"({"role":"assistant","content":"","refusal":null})"));
}

TEST_CASE("protocol: what is no message of Anthropic's is an error", "[protocol][conversion]") {
    for (const char* body : {"{}", "[]", R"({"content":"x"})", R"({"choices":[]})"}) {
        DYNAMIC_SECTION(body) {
            JsonTree tree;
            const auto reply = read_anthropic_reply(*tree.parse(body));
            REQUIRE_FALSE(reply);
            CHECK(reply.error().code == ErrorCode::UpstreamInvalid);
            CHECK(reply.error().message == "the upstream's answer is no message");
        }
    }
}
