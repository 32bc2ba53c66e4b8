#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kHi = R"([{"role":"user","content":"Hi there"}])";
const char* const kTools =
    R"(,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":)"
    R"("object","properties":{"city":{"type":"string"}},"required":["city"]}}}])";

std::string chat(const std::string& model, const std::string& rest = "",
                 const std::string& messages = kHi) {
    return R"({"model":")" + model + R"(","messages":)" + messages + rest + "}";
}

Plan answer(const http::Request& request) {
    return make_dashscope({})->answer(request, kNow);
}

Plan answer_chat(const std::string& body) {
    return answer(post("/compatible-mode/v1/chat/completions", body));
}

Plan answer_embeddings(const std::string& body) {
    return answer(post("/compatible-mode/v1/embeddings", body));
}

std::string tools(const std::string& rest) {
    return kTools + rest;
}

constexpr const char* kParameter = "invalid_parameter_error";
#define ALGO "<400> InternalError.Algo.InvalidParameter: "

}  // namespace

TEST_CASE("simulated: DashScope refuses in its own words", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        int status;
        const char* code;
        const char* message;
    };
    const Case cases[] = {
        {"no model", R"({"messages":[]})", 400, "invalid_request_error",
         "you must provide a model parameter"},
        {"unknown model", chat("gpt-4o"), 404, "model_not_found",
         "The model `gpt-4o` does not exist or you do not have access to it."},
        {"embedding model", chat("text-embedding-v4"), 404, "model_not_supported",
         "Unsupported model `text-embedding-v4` for OpenAI compatibility mode."},
        {"temperature of two", chat("qwen-plus", R"(,"temperature":2)"), 400, kParameter,
         ALGO "Temperature should be in [0.0, 2.0)"},
        {"top_p of zero", chat("qwen-plus", R"(,"top_p":0)"), 400, kParameter,
         ALGO "Top_p should be in (0.0, 1.0]"},
        {"presence_penalty", chat("qwen-plus", R"(,"presence_penalty":3)"), 400, kParameter,
         ALGO "Presence_penalty should be in [-2.0, 2.0]"},
        {"max_tokens of zero", chat("qwen-plus", R"(,"max_tokens":0)"), 400, kParameter,
         ALGO "Range of max_tokens should be [1, inf)"},
        {"max_tokens beyond the model", chat("qwen-max", R"(,"max_tokens":8193)"), 400, kParameter,
         ALGO "Range of max_tokens should be [1, 8192]"},
        {"max_completion_tokens of an older model",
         chat("qwen-plus", R"(,"max_completion_tokens":5)"), 400, kParameter,
         ALGO "The model qwen-plus does not support the max_completion_tokens parameter."},
        {"negative seed", chat("qwen-plus", R"(,"seed":-1)"), 400, kParameter,
         ALGO "Range of seed should be [0, 2147483647]"},
        {"n of five", chat("qwen-plus", R"(,"n":5)"), 400, kParameter,
         ALGO "Range of n should be [1, 4]"},
        {"n of two where there is one", chat("qwen-max", R"(,"n":2)"), 400, kParameter,
         ALGO "Range of n should be [1, 1]"},
        {"n with tools", chat("qwen-plus", tools(R"(,"n":2)")), 400, kParameter,
         ALGO "Range of n should be [1, 1]"},
        {"top_logprobs", chat("qwen-plus", R"(,"top_logprobs":6)"), 400, kParameter,
         ALGO "Range of top_logprobs should be [0, 5]"},
        {"stream of a wrong type", chat("qwen-plus", R"(,"stream":"yes")"), 400, kParameter,
         ALGO "Input should be a valid boolean: parameters.stream"},
        {"stream_options without stream", chat("qwen-plus", R"(,"stream_options":{})"), 400,
         kParameter, "The 'stream_options' parameter is only allowed when 'stream' is enabled."},
        {"stop of ids and texts", chat("qwen-plus", R"(,"stop":["a",5])"), 400, kParameter,
         ALGO "Input should be a string, a list of strings or a list of token ids: "
              "parameters.stop"},
        {"no messages", R"({"model":"qwen-plus"})", 400, kParameter,
         "'messages' is a required property"},
        {"empty messages", chat("qwen-plus", "", "[]"), 400, kParameter,
         "[] is too short - 'messages'"},
        {"developer", chat("qwen-plus", "", R"([{"role":"developer","content":"x"}])"), 400,
         kParameter,
         "developer is not one of ['system', 'assistant', 'user', 'tool'] - 'messages.0.role'"},
        {"later system message",
         chat("qwen-plus", "",
              R"([{"role":"user","content":"x"},{"role":"system","content":"y"},)"
              R"({"role":"user","content":"z"}])"),
         400, kParameter, ALGO "Role system should only appear in the first message."},
        {"assistant last",
         chat("qwen-plus", "",
              R"([{"role":"user","content":"x"},{"role":"assistant","content":"y"}])"),
         400, kParameter, ALGO "The last message must be from user or tool."},
        {"parts for a text model",
         chat("qwen-plus", "", R"([{"role":"user","content":[{"type":"text","text":"x"}]}])"), 400,
         kParameter,
         ALGO "The content of a text-only model should be a string: messages.0.content"},
        {"file part",
         chat("qwen-vl-max", "", R"([{"role":"user","content":[{"type":"file","file":{}}]}])"), 400,
         kParameter, ALGO "Unexpected item type in content."},
        {"tool_choice required", chat("qwen-plus", tools(R"(,"tool_choice":"required")")), 400,
         kParameter, ALGO "tool_choice is one of the strings that should be [\"none\", \"auto\"]"},
        {"named tool while thinking",
         chat("qwen-plus", tools(R"(,"enable_thinking":true,"tool_choice":{"type":"function",)"
                                 R"("function":{"name":"get_weather"}})")),
         400, kParameter,
         ALGO "The tool_choice parameter does not support being set to required or object in "
              "thinking mode"},
        {"a tool named search",
         chat("qwen-plus", R"(,"tools":[{"type":"function","function":{"name":"search"}}])"), 400,
         kParameter, ALGO "Tool names are not allowed to be [search]"},
        {"custom tool", chat("qwen-plus", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"),
         400, kParameter, ALGO "The type of tools should be function."},
        {"thinking without a stream", chat("qwen3-32b"), 400, kParameter,
         "parameter.enable_thinking must be set to false for non-streaming calls"},
        {"thinking only, without a stream", chat("qwq-plus"), 400, kParameter,
         "parameter.enable_thinking must be set to false for non-streaming calls"},
        {"thinking only, told not to",
         chat("qwq-plus", R"(,"stream":true,"enable_thinking":false)"), 400, kParameter,
         ALGO "The value of the enable_thinking parameter is restricted to True."},
        {"thinking of a model that cannot", chat("qwen-max", R"(,"enable_thinking":true)"), 400,
         "InvalidParameter.NotSupportEnableThinking",
         "The model qwen-max does not support the enable_thinking parameter."},
        {"JSON while thinking",
         chat("qwen-plus", R"(,"enable_thinking":true,"response_format":{"type":"json_object"})",
              R"([{"role":"user","content":"json"}])"),
         400, kParameter, ALGO "Json mode response is not supported when enable_thinking is true"},
        {"JSON without the word", chat("qwen-plus", R"(,"response_format":{"type":"json_object"})"),
         400, kParameter,
         ALGO "'messages' must contain the word 'json' in some form, to use 'response_format' of "
              "type 'json_object'."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer_chat(c.body);
            CHECK(plan.status == c.status);
            const json body = body_of(plan);
            CHECK(body["error"].at("message") == c.message);
            CHECK(body["error"].at("type") == "invalid_request_error");
            CHECK(body["error"].at("param").is_null());
            CHECK(body["error"].at("code") == c.code);
            CHECK(body.at("request_id").get<std::string>().size() == 36);
            CHECK(plan.headers.find("x-request-id") == body["request_id"].get<std::string>());
            CHECK_FALSE(plan.headers.find("x-ratelimit-limit-requests"));
        }
    }
}

TEST_CASE("simulated: DashScope refuses embeddings in its own words", "[simulated]") {
    struct Case {
        const char* name;
        const char* body;
        const char* message;
    };
    const Case cases[] = {
        {"token ids", R"({"model":"text-embedding-v4","input":[1,2]})",
         ALGO "Value error, contents is neither str nor list of str.: input.contents"},
        {"eleven inputs",
         R"({"model":"text-embedding-v4","input":["1","2","3","4","5","6","7","8","9","10","11"]})",
         ALGO "Value error, batch size is invalid, it should not be larger than 10.: "
              "input.contents"},
        {"dimensions", R"({"model":"text-embedding-v2","input":"x","dimensions":1024})",
         ALGO "Value error, dimension is invalid, it should be in [1536].: parameters.dimension"},
        {"base64", R"({"model":"text-embedding-v4","input":"x","encoding_format":"base64"})",
         ALGO "encoding_format only supports float."},
        {"no input", R"({"model":"text-embedding-v4"})", "'input' is a required property"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer_embeddings(c.body);
            CHECK(plan.status == 400);
            CHECK(body_of(plan)["error"]["message"] == c.message);
        }
    }
}

TEST_CASE("simulated: DashScope guards its door", "[simulated]") {
    http::Request keyless = get("/compatible-mode/v1/models");
    keyless.headers.remove("authorization");
    CHECK(answer(keyless).status == 401);
    CHECK(body_of(answer(keyless))["error"]["code"] == "invalid_api_key");
    http::Request bad_key = get("/compatible-mode/v1/models");
    bad_key.headers.set("authorization", "Bearer sk-invalid-1");
    CHECK(answer(bad_key).status == 401);
    CHECK(answer(get("/compatible-mode/v1/nothing")).status == 404);
    CHECK(body_of(answer(get("/compatible-mode/v1/models")))["data"][0]["id"] == "qwen-turbo");
}

TEST_CASE("simulated: a DashScope stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string messages;
    };
    const char* const weather = R"([{"role":"user","content":"get_weather in Oslo"}])";
    const Case cases[] = {
        {"text", "qwen-plus", "", kHi},
        {"a dated model", "qwen-plus-2025-07-28", "", kHi},
        {"Chinese", "qwen-max", "", R"([{"role":"user","content":"法国的首都在哪里？"}])"},
        {"thinking", "qwen3-max", R"(,"enable_thinking":true)", kHi},
        {"a thinking budget", "qwen3-max", R"(,"enable_thinking":true,"thinking_budget":2)", kHi},
        {"two choices", "qwen-plus", R"(,"n":2)", kHi},
        {"a tool call", "qwen-plus", kTools, weather},
        {"a limit", "qwen-plus", R"(,"max_tokens":4)", kHi},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = answer_chat(chat(c.model, c.rest, c.messages));
            const Plan stream = answer_chat(
                chat(c.model, c.rest + R"(,"stream":true,"stream_options":{"include_usage":true})",
                     c.messages));
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            json reply = body_of(plain);
            const auto frames = frames_of(stream);
            json assembled = assemble(frames);
            for (json& choice : assembled) {
                for (json& call : choice["tool_calls"]) call.erase("type");
            }
            json expected = choices_of(reply);
            for (json& choice : expected) {
                for (json& call : choice["tool_calls"]) call.erase("type");
            }
            CHECK(assembled == expected);
            CHECK(frames.back()["usage"] == reply["usage"]);
            CHECK(reply["usage"]["total_tokens"] ==
                  reply["usage"]["prompt_tokens"].get<int>() +
                      reply["usage"]["completion_tokens"].get<int>());
        }
    }
}

TEST_CASE("simulated: DashScope thinks in reasoning_content, before it answers", "[simulated]") {
    const auto frames = frames_of(answer_chat(chat("qwen3-32b", R"(,"stream":true)")));
    bool has_content = false;
    bool has_thoughts = false;
    for (const json& frame : frames) {
        CHECK_FALSE(frame.contains("usage"));
        const json& delta = frame["choices"][0]["delta"];
        if (delta.contains("reasoning_content")) {
            CHECK_FALSE(has_content);
            has_thoughts = true;
        } else if (delta["content"] != "") {
            has_content = true;
        }
    }
    CHECK(has_thoughts);
    CHECK(has_content);
}

TEST_CASE("simulated: max_tokens of DashScope does not count thoughts", "[simulated]") {
    const json reply =
        body_of(answer_chat(chat("qwen3-max", R"(,"enable_thinking":true,"max_tokens":2)")));
    const json& usage = reply["usage"];
    const int reasoning = usage["completion_tokens_details"]["reasoning_tokens"];
    CHECK(reasoning > 2);
    CHECK(usage["completion_tokens"] == reasoning + 2);
    CHECK(reply["choices"][0]["finish_reason"] == "length");
}

TEST_CASE("simulated: DashScope ignores what it does not know", "[simulated]") {
    const Plan plan =
        answer_chat(chat("qwen-plus", R"(,"frequency_penalty":9,"x_echo":true,"brand_new":1)"));
    CHECK(plan.status == 200);
    CHECK(body_of(plan)["x_echo"] == json::parse(R"({"frequency_penalty":9,"brand_new":1})"));
}

TEST_CASE("simulated: DashScope calls one tool unless told otherwise", "[simulated]") {
    const char* const twice =
        R"([{"role":"user","content":"get_weather of Oslo and get_weather of Rome"}])";
    const auto count = [&](const char* rest) {
        const json reply = body_of(answer_chat(chat("qwen-plus", tools(rest), twice)));
        return reply["choices"][0]["message"]["tool_calls"].size();
    };
    CHECK(count("") == 1);
    CHECK(count(R"(,"parallel_tool_calls":true)") == 2);
}

TEST_CASE("simulated: DashScope embeds", "[simulated]") {
    const json reply = body_of(
        answer_embeddings(R"({"model":"text-embedding-v4","input":["a","b"],"dimensions":64})"));
    CHECK(reply["data"].size() == 2);
    CHECK(reply["data"][1]["embedding"].size() == 64);
    CHECK(reply["usage"]["total_tokens"] == 2);
    const json standard =
        body_of(answer_embeddings(R"({"model":"text-embedding-v4","input":"a"})"));
    CHECK(standard["data"][0]["embedding"].size() == 1024);
}
