#include "protocol/openai_reply.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "crypto/digest.h"
#include "protocol/answer_restorer.h"
#include "protocol/anthropic_reply.h"

using namespace aigw;
using namespace aigw::protocol;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "gpt",
            .fallback_id = "01fallback",
            .stop = {"END"},
            .sha256_hex = &crypto::sha256_hex};
}

// A chat completion as an Anthropic caller gets it.
Json converted(const std::string& body, const AnswerPlan& plan = plan_of_caller()) {
    JsonTree tree;
    const auto root = tree.parse(body);
    REQUIRE(root);
    auto reply = read_openai_reply(*root);
    REQUIRE(reply);
    restore_answer(*reply, plan);
    return Json::parse(write_anthropic_reply(*reply, plan));
}

std::string completion(const std::string& message,
                       const std::string& choice = R"("finish_reason":"stop")") {
    return R"({"id":"chatcmpl-1","model":"gpt-x","choices":[{"index":0,"message":)" + message +
           "," + choice +
           R"(}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";
}

Json content_of(const std::string& message) {
    return converted(completion(message))["content"];
}

}  // namespace

TEST_CASE("protocol: a chat completion becomes a message", "[protocol][conversion]") {
    CHECK(converted(completion(R"({"role":"assistant","content":"Hi"})")) ==
          Json::parse(R"({"id":"msg_chatcmpl-1","type":"message","role":"assistant","model":"gpt",
            "content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,
            "usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,
            "output_tokens":2}})"));
}

TEST_CASE("protocol: what a chat completion holds becomes blocks", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* message;
        const char* want;
    };
    const Case cases[] = {
        {"E64: null is no text", R"({"content":null})", "[]"},
        {"E64: nothing is no text", R"({"content":""})", "[]"},
        {"E64: blanks are no text", R"({"content":"\n\n "})", "[]"},
        {"a text is unchanged", R"({"content":"\n Hi \n"})",
         R"([{"type":"text","text":"\n Hi \n"}])"},
        {"content in parts",
         R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
         R"([{"type":"text","text":"ab"}])"},
        {"reasoning_content comes first, unsigned", R"({"content":"x","reasoning_content":"t"})",
         R"([{"type":"thinking","thinking":"t","signature":""},{"type":"text","text":"x"}])"},
        {"reasoning", R"({"content":"x","reasoning_content":null,"reasoning":"t"})",
         R"([{"type":"thinking","thinking":"t","signature":""},{"type":"text","text":"x"}])"},
        {"reasoning_details, beside the same under another name",
         R"({"content":"x","reasoning":"t","reasoning_details":[{"type":"reasoning.text","text":"t"}]})",
         R"([{"type":"thinking","thinking":"t","signature":""},{"type":"text","text":"x"}])"},
        {"reasoning_details alone", R"({"reasoning_details":[{"text":"a"},{"text":"b"}]})",
         R"([{"type":"thinking","thinking":"ab","signature":""}])"},
        {"thinking_blocks are verbatim",
         R"({"reasoning_content":"t","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},
             {"type":"redacted_thinking","data":"d"}]})",
         R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"}])"},
        {"a tag in the text is left alone", R"({"content":"<think>t</think>x"})",
         R"([{"type":"text","text":"<think>t</think>x"}])"},
        {"a call", R"({"content":null,"tool_calls":[{"id":"c1","type":"function",
            "function":{"name":"f","arguments":"{\"x\": 1}"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}])"},
        {"text beside a call", R"({"content":"I look.","tool_calls":[{"id":"c1",
            "function":{"name":"f","arguments":""}}]})",
         R"([{"type":"text","text":"I look."},{"type":"tool_use","id":"c1","name":"f","input":{}}])"},
        {"null arguments",
         R"({"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"null"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{}}])"},
        {"arguments as an object",
         R"({"tool_calls":[{"id":"c1","function":{"name":"f","arguments":{"x":1}}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}])"},
        {"E74: cut off arguments are an object all the same",
         R"({"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"x\":"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{"_raw_arguments":"{\"x\":"}}])"},
        {"arguments that are a list",
         R"({"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"[1]"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{"_raw_arguments":"[1]"}}])"},
        {"a call with neither name nor arguments is none",
         R"({"tool_calls":[{"id":"c1","function":{"arguments":""}}]})", "[]"},
        {"a call without name",
         R"({"tool_calls":[{"id":"c1","function":{"arguments":"{\"x\":1}"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"tool_0","input":{"x":1}}])"},
        {"an id that Anthropic refuses",
         R"({"tool_calls":[{"id":"functions.f:0","function":{"name":"f"}}]})",
         R"([{"type":"tool_use","id":"functions_f_0_d6bdd4de","name":"f","input":{}}])"},
        {"a custom tool's call",
         R"({"tool_calls":[{"id":"c1","type":"custom","custom":{"name":"f","input":"a\nb"}}]})",
         R"([{"type":"tool_use","id":"c1","name":"f","input":{"input":"a\nb"}}])"},
        {"annotations are lost", R"({"content":"x","annotations":[{"type":"url_citation"}]})",
         R"([{"type":"text","text":"x"}])"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(content_of(c.message) == Json::parse(c.want));
        }
    }
}

TEST_CASE("protocol: a function's call and calls without id have an id made for them",
          "[protocol][conversion]") {
    const char* message = R"({"function_call":{"name":"f","arguments":"{\"x\":1}"}})";
    const Json block = content_of(message)[0];
    CHECK(block["name"] == "f");
    CHECK(block["input"] == Json::parse(R"({"x":1})"));
    CHECK(block["id"].get<std::string>().starts_with("toolu_"));
    CHECK(block["id"].get<std::string>().size() == std::string("toolu_").size() + 24);
    CHECK(content_of(message)[0] == block);
    CHECK(converted(completion(message, R"("finish_reason":"function_call")"))["stop_reason"] ==
          "tool_use");
}

TEST_CASE("protocol: finish reasons become stop reasons", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* choice;
        bool has_call;
        const char* want;
        const char* want_sequence;
    };
    const Case cases[] = {
        {"stop", R"("finish_reason":"stop")", false, "end_turn", ""},
        {"E65: stop with a call", R"("finish_reason":"stop")", true, "tool_use", ""},
        {"E70: a named sequence of the caller's", R"("finish_reason":"stop","stop_reason":"END")",
         false, "stop_sequence", "END"},
        {"E70: a sequence that SGLang names", R"("finish_reason":"stop","matched_stop":"END")",
         false, "stop_sequence", "END"},
        {"E70: a sequence that nobody asked for", R"("finish_reason":"stop","stop_reason":"</s>")",
         false, "end_turn", ""},
        {"E70: a token's number", R"("finish_reason":"stop","stop_reason":128009)", false,
         "end_turn", ""},
        {"a sequence and a call", R"("finish_reason":"stop","stop_reason":"END")", true, "tool_use",
         ""},
        {"tool_calls", R"("finish_reason":"tool_calls")", true, "tool_use", ""},
        {"E66: tool_calls without a call", R"("finish_reason":"tool_calls")", false, "end_turn",
         ""},
        {"function_call without a call", R"("finish_reason":"function_call")", false, "end_turn",
         ""},
        {"length", R"("finish_reason":"length")", false, "max_tokens", ""},
        {"length with a call", R"("finish_reason":"length")", true, "max_tokens", ""},
        {"content_filter", R"("finish_reason":"content_filter")", false, "refusal", ""},
        {"E67: unknown", R"("finish_reason":"eos")", false, "end_turn", ""},
        {"unknown with a call", R"("finish_reason":"eos")", true, "tool_use", ""},
        {"null", R"("finish_reason":null)", false, "end_turn", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const char* message = c.has_call
                                      ? R"({"tool_calls":[{"id":"a","function":{"name":"f"}}]})"
                                      : R"({"content":"x"})";
            const Json got = converted(completion(message, c.choice));
            CHECK(got["stop_reason"] == c.want);
            const bool has_sequence = *c.want_sequence != '\0';
            CHECK(got["stop_sequence"] == (has_sequence ? Json(c.want_sequence) : Json()));
        }
    }
}

TEST_CASE("E69: a refusal of OpenAI's is a text and a stop reason", "[protocol][conversion]") {
    const Json want =
        Json::parse(R"({"id":"msg_chatcmpl-1","type":"message","role":"assistant","model":"gpt",
        "content":[{"type":"text","text":"No."}],"stop_reason":"refusal","stop_sequence":null,
        "stop_details":{"type":"refusal","explanation":"No."},
        "usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}})");
    CHECK(converted(completion(R"({"content":null,"refusal":"No."})")) == want);
    CHECK(converted(completion(R"({"content":[{"type":"refusal","refusal":"No."}]})")) == want);
}

TEST_CASE("E62: OpenAI's cache tokens are counted once", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* usage;
        const char* want;
    };
    const Case cases[] = {
        {"all parts",
         R"({"prompt_tokens":60,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":30},
             "completion_tokens_details":{"reasoning_tokens":4}})",
         R"({"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,"output_tokens":9,
             "output_tokens_details":{"thinking_tokens":4}})"},
        {"DeepSeek", R"({"prompt_tokens":60,"completion_tokens":9,"prompt_cache_hit_tokens":20})",
         R"({"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":20,"output_tokens":9})"},
        {"more cached than prompt",
         R"({"prompt_tokens":6,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":20}})",
         R"({"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":6,"output_tokens":9})"},
        {"E63: none at all is estimated", "null",
         R"({"input_tokens":11,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            AnswerPlan plan = plan_of_caller();
            plan.input_tokens = 11;
            const std::string body = R"({"choices":[{"message":{"content":"abcdef"}}],"usage":)" +
                                     std::string(c.usage) + "}";
            CHECK(converted(body, plan)["usage"] == Json::parse(c.want));
        }
    }
}

TEST_CASE("protocol: a message's id is safe and always there", "[protocol][conversion]") {
    const auto id = [](const std::string& upstream) {
        return converted(R"({"id":)" + upstream + R"(,"choices":[{}]})")["id"];
    };
    CHECK(id(R"("chatcmpl-1")") == "msg_chatcmpl-1");
    CHECK(id(R"("a/b:c d")") == "msg_abcd");
    CHECK(id("null") == "msg_01fallback");
    CHECK(id("7") == "msg_01fallback");
}

TEST_CASE("protocol: only the first choice is the answer", "[protocol][conversion]") {
    CHECK(converted(R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]})")
              ["content"] == Json::parse(R"([{"type":"text","text":"a"}])"));
}

TEST_CASE("protocol: thinking that the caller has switched off is left out",
          "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.hides_thinking = true;
    CHECK(converted(completion(R"({"content":"x","reasoning_content":"t"})"), plan)["content"] ==
          Json::parse(R"([{"type":"text","text":"x"}])"));
}

TEST_CASE("E75: a completion without a choice is an error", "[protocol][conversion]") {
    for (const char* body :
         {"{}", R"({"choices":[]})", R"({"choices":null})", R"({"choices":"x"})", "[]"}) {
        DYNAMIC_SECTION(body) {
            JsonTree tree;
            const auto reply = read_openai_reply(*tree.parse(body));
            REQUIRE_FALSE(reply);
            CHECK(reply.error().code == ErrorCode::UpstreamInvalid);
            CHECK(reply.error().message == "the upstream's answer has no choice in it");
        }
    }
}
