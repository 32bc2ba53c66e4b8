#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/anthropic_support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kOpenAiPath = "/minimax/v1/chat/completions";
const char* const kOwnPath = "/minimax/v1/text/chatcompletion_v2";
const char* const kAnthropicPath = "/minimax/anthropic/v1/messages";
const char* const kHi = R"([{"role":"user","content":"Hi there"}])";
const char* const kTools =
    R"(,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":)"
    R"("object","properties":{"city":{"type":"string"}},"required":["city"]}}}])";

std::string chat(const std::string& model, const std::string& rest = "",
                 const std::string& messages = kHi) {
    return R"({"model":")" + model + R"(","messages":)" + messages + rest + "}";
}

std::string user(const std::string& content) {
    return R"([{"role":"user","content":)" + content + "}]";
}

std::string tools(const std::string& rest = "") {
    return kTools + rest;
}

Plan answer(const http::Request& request) {
    return make_minimax({})->answer(request, kNow);
}

Plan answer_chat(const std::string& body, const char* path = kOpenAiPath) {
    return answer(post(path, body));
}

Plan answer_messages(const std::string& body) {
    http::Request request = post(kAnthropicPath, body);
    request.headers = {{"x-api-key", "sk-test"}, {"content-type", "application/json"}};
    return answer(request);
}

json base_resp(int code, const std::string& message) {
    return {{"base_resp", {{"status_code", code}, {"status_msg", message}}}};
}

json invalid(const std::string& problem) {
    return base_resp(2013, "invalid params, " + problem);
}

// The choices of a stream or a whole answer with the thoughts that were split off.
std::string thoughts_of(const json& message) {
    std::string thoughts;
    for (const json& detail : message.value("reasoning_details", json::array())) {
        CHECK(detail.at("type") == "reasoning.text");
        thoughts += detail.at("text").get<std::string>();
    }
    return thoughts;
}

const char* const kLoopHead =
    R"([{"role":"user","content":"get_weather in Oslo"},{"role":"assistant","content":"",)"
    R"("tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather",)"
    R"("arguments":"{}"}}]},)";

}  // namespace

TEST_CASE("simulated: MiniMax refuses under HTTP 200", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        json reply;
    };
    const std::string image =
        user(R"([{"type":"image_url","image_url":{"url":"https://a/b.png"}}])");
    const Case cases[] = {
        {"no model", R"({"messages":[]})", invalid("model is empty")},
        {"unknown model", chat("gpt-4o"), invalid("unknown model 'gpt-4o'")},
        {"a model of a code", chat("sim-code-1008"), base_resp(1008, "insufficient balance")},
        {"temperature of zero", chat("MiniMax-M2", R"(,"temperature":0)"),
         invalid("temperature must be in (0, 1], got 0")},
        {"temperature above one", chat("MiniMax-M2", R"(,"temperature":1.5)"),
         invalid("temperature must be in (0, 1], got 1.5")},
        {"top_p of zero", chat("MiniMax-M2", R"(,"top_p":0)"),
         invalid("top_p must be in (0, 1], got 0")},
        {"several answers", chat("MiniMax-M2", R"(,"n":2)"), invalid("n must be 1, got 2")},
        {"a limit of zero", chat("MiniMax-M2", R"(,"max_completion_tokens":0)"),
         invalid("max_completion_tokens must be at least 1, got 0")},
        {"stream of a wrong type", chat("MiniMax-M2", R"(,"stream":"yes")"),
         invalid("stream has the wrong type: \"yes\"")},
        {"functions", chat("MiniMax-M2", R"(,"functions":[])"),
         invalid("functions is not supported, use tools")},
        {"function_call", chat("MiniMax-M2", R"(,"function_call":"auto")"),
         invalid("function_call is not supported, use tools")},
        {"no messages", R"({"model":"MiniMax-M2"})", invalid("messages is empty")},
        {"developer", chat("MiniMax-M2", "", R"([{"role":"developer","content":"x"}])"),
         invalid("messages[0].role is unknown: developer")},
        {"no content", chat("MiniMax-M2", "", R"([{"role":"user"}])"),
         invalid("messages[0].content is empty")},
        {"an image for a text model", chat("MiniMax-M2.5", "", image),
         invalid("model MiniMax-M2.5 does not take image_url")},
        {"an unknown part", chat("MiniMax-M3", "", user(R"([{"type":"file","file":{}}])")),
         invalid("messages[0].content has a part of an unknown type: file")},
        {"an image without a URL",
         chat("MiniMax-M3", "", user(R"([{"type":"image_url","image_url":{}}])")),
         invalid("messages[0].content has a part without a url")},
        {"a result of no call", chat("MiniMax-M2", "", R"([{"role":"tool","content":"x"}])"),
         invalid("tool result does not follow a tool call")},
        {"a result of another call",
         chat("MiniMax-M2", "",
              std::string(kLoopHead) + R"({"role":"tool","tool_call_id":"x","content":"4"}])"),
         invalid("tool result's tool id(x) not found")},
        {"a forced call", chat("MiniMax-M2", tools(R"(,"tool_choice":"required")")),
         invalid("tool_choice must be none or auto")},
        {"a custom tool",
         chat("MiniMax-M2", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"),
         invalid("tools takes only the type function")},
        {"a tool without a name",
         chat("MiniMax-M2", R"(,"tools":[{"type":"function","function":{}}])"),
         invalid("function name is empty or not of letters, digits, _ and -")},
        {"a schema where there is none",
         chat("MiniMax-M2", R"(,"response_format":{"type":"json_object"})"),
         invalid("model MiniMax-M2 does not take response_format")},
        {"a schema without a name",
         chat("MiniMax-Text-01", R"(,"response_format":{"type":"json_schema","json_schema":{}})"),
         invalid("response_format.json_schema has no name")},
        {"who cannot but think", chat("MiniMax-M2", R"(,"thinking":{"type":"disabled"})"),
         invalid("model MiniMax-M2 does not take thinking.type disabled")},
        {"who cannot think", chat("MiniMax-Text-01", R"(,"thinking":{"type":"adaptive"})"),
         invalid("model MiniMax-Text-01 does not take thinking.type adaptive")},
        {"a budget of thoughts", chat("MiniMax-M3", R"(,"thinking":{"type":"enabled"})"),
         invalid("thinking.type must be disabled or adaptive")},
        {"a sensitive prompt", chat("MiniMax-M3", "", user(R"("SIM_BLOCK_SAFETY")")),
         base_resp(1026, "input new_sensitive")},
        {"a sensitive answer", chat("MiniMax-M3", "", user(R"("SIM_FINISH_SAFETY")")),
         base_resp(1027, "output new_sensitive")},
        {"a long prompt", chat("MiniMax-M2", "", user("\"" + std::string(8 * 204'800, 'x') + "\"")),
         invalid("context window exceeds limit")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            for (const char* path : {kOpenAiPath, kOwnPath}) {
                const Plan plan = answer_chat(c.body, path);
                CHECK(plan.status == 200);
                CHECK(plan.headers.find("content-type") == "application/json");
                CHECK(plan.headers.find("trace-id")->size() == 32);
                CHECK(body_of(plan) == c.reply);
            }
        }
    }
}

TEST_CASE("simulated: MiniMax guards its door", "[simulated]") {
    http::Request keyless = post(kOpenAiPath, chat("sim-x"));
    keyless.headers.remove("authorization");
    CHECK(answer(keyless).status == 200);
    CHECK(body_of(answer(keyless)) ==
          base_resp(1004,
                    "login fail: Please carry the API secret key in the 'Authorization' field of "
                    "the request header"));
    http::Request bad_key = get("/minimax/v1/models");
    bad_key.headers.set("authorization", "Bearer sk-invalid-1");
    CHECK(body_of(answer(bad_key)) == base_resp(2049, "invalid api key"));
    // What never comes to a model has a status of its own.
    CHECK(answer(get("/minimax/v1/nothing")).status == 404);
    CHECK(answer(get(kOpenAiPath)).status == 404);
    const Plan broken = answer_chat("{");
    CHECK(broken.status == 400);
    CHECK(body_of(broken)["error"]["message"] == "The request body is not a JSON object.");
    CHECK(body_of(answer(get("/minimax/v1/models")))["data"][0]["id"] == "MiniMax-M3");
}

TEST_CASE("simulated: MiniMax answers in its own shape", "[simulated]") {
    const std::string limited =
        R"(,"max_completion_tokens":3,"reasoning_split":true,"temperature":1)";
    const Plan plan = answer_chat(chat("MiniMax-M2.5", limited));
    REQUIRE(plan.status == 200);
    const std::string id(*plan.headers.find("trace-id"));
    const std::string tail =
        R"("usage":{"total_tokens":8,"total_characters":0,"prompt_tokens":5,"completion_tokens":3,)"
        R"("prompt_tokens_details":{"cached_tokens":0},)"
        R"("completion_tokens_details":{"reasoning_tokens":3}},"input_sensitive":false,)"
        R"("output_sensitive":false,"input_sensitive_type":0,"output_sensitive_type":0,)"
        R"("base_resp":{"status_code":0,"status_msg":""}})";
    const auto whole = [&](const std::string& of) {
        return R"({"id":")" + of +
               R"(","object":"chat.completion","created":1763630000,"model":"MiniMax-M2.5",)"
               R"("choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant",)"
               R"("content":"","reasoning_details":[{"type":"reasoning.text",)"
               R"("text":"The user asks"}]}}],)" +
               tail;
    };
    CHECK(plan.body() == whole(id));
    const Plan stream = answer_chat(chat("MiniMax-M2.5", limited + R"(,"stream":true)"), kOwnPath);
    const std::string head =
        R"(data: {"id":")" + id +
        R"(","object":"chat.completion.chunk","created":1763630000,"model":"MiniMax-M2.5",)"
        R"("choices":[{"index":0,"delta":{"role":"assistant",)";
    const std::string thought = head + R"("reasoning_details":[{"type":"reasoning.text","text":")";
    const std::string end = R"("}]},"finish_reason":null}]})"
                            "\n\n";
    CHECK(stream.body() == head + R"("content":""},"finish_reason":null}]})" + "\n\n" + thought +
                               "The" + end + thought + " user" + end + thought + " asks" + end +
                               head + R"("content":""},"finish_reason":"length"}]})" +
                               "\n\ndata: " + whole(id) + "\n\n");
}

TEST_CASE("simulated: a MiniMax stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string messages;
        const char* finish_reason;
    };
    const Case cases[] = {
        {"thoughts inside the text", "MiniMax-M2", "", kHi, "stop"},
        {"thoughts split off", "MiniMax-M2", R"(,"reasoning_split":true)", kHi, "stop"},
        {"no thoughts", "MiniMax-M3", R"(,"thinking":{"type":"disabled"})", kHi, "stop"},
        {"a limit", "MiniMax-M3", R"(,"max_tokens":9)", kHi, "length"},
        {"an image", "MiniMax-M3", "",
         user(R"([{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"x"}}])"),
         "stop"},
        {"a call", "MiniMax-M2", tools(R"(,"reasoning_split":true)"),
         user(R"("get_weather in Oslo")"), "tool_calls"},
        {"two calls", "MiniMax-M2", tools(), user(R"("get_weather of Oslo, get_weather of Rome")"),
         "tool_calls"},
        {"a result", "MiniMax-M2", tools(),
         std::string(kLoopHead) + R"({"role":"tool","tool_call_id":"call_1","content":"4"}])",
         "stop"},
        {"a schema", "MiniMax-Text-01",
         R"(,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":)"
         R"({"type":"object","properties":{"city":{"type":"string"}}}}})",
         kHi, "stop"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const json reply = body_of(answer_chat(chat(c.model, c.rest, c.messages)));
            const auto frames = frames_of(answer_chat(
                chat(c.model, c.rest + R"(,"stream":true,"stream_options":{"include_usage":true})",
                     c.messages)));
            CHECK(reply["choices"][0]["finish_reason"] == c.finish_reason);
            CHECK(assemble(frames) == choices_of(reply));
            CHECK(frames.back()["usage"] == reply["usage"]);
            std::string thoughts;
            for (const json& frame : frames) {
                if (frame["choices"].empty()) continue;
                thoughts += thoughts_of(frame["choices"][0]["delta"]);
            }
            CHECK(thoughts == thoughts_of(reply["choices"][0]["message"]));
        }
    }
    const json inside = body_of(answer_chat(chat("MiniMax-M2")));
    const std::string content = inside["choices"][0]["message"]["content"];
    CHECK(content.starts_with("<think>\nThe user asks \"Hi there\". "));
    CHECK(content.find("\n</think>\n\nYou asked: \"Hi there\". ") != std::string::npos);
}

TEST_CASE("simulated: MiniMax ignores what it does not know", "[simulated]") {
    const Plan plan = answer_chat(
        chat("MiniMax-M2", R"(,"presence_penalty":9,"seed":1,"x_echo":true,"brand_new":1)"));
    CHECK(body_of(plan)["x_echo"] ==
          json::parse(R"({"presence_penalty":9,"seed":1,"brand_new":1})"));
}

TEST_CASE("simulated: MiniMax takes messages as Anthropic has them", "[simulated]") {
    const auto body = [](const std::string& model, const std::string& rest = "",
                         const std::string& messages = kHi) {
        return claude_body(model, rest, messages);
    };
    SECTION("whole and streamed alike") {
        const std::string rests[] = {"", with_claude_tools(),
                                     R"(,"top_k":5,"stop_sequences":["Hi"],"service_tier":"x")"};
        for (const std::string& rest : rests) {
            const std::string messages = claude_user("get_weather in Oslo");
            const Plan plain = answer_messages(body("MiniMax-M2", rest, messages));
            REQUIRE(plain.status == 200);
            CHECK(plain.headers.find("trace-id"));
            const json whole = body_of(plain);
            CHECK(whole["content"][0]["type"] == "thinking");
            CHECK(whole["stop_sequence"].is_null());
            const json streamed = assemble_message(events_of(
                answer_messages(body("MiniMax-M2", rest + R"(,"stream":true)", messages))));
            CHECK(streamed["content"] == whole["content"]);
            CHECK(streamed["stop_reason"] == whole["stop_reason"]);
        }
    }
    SECTION("and refuses under statuses of their own") {
        struct Case {
            const char* name;
            std::string body;
            int status;
            const char* type;
            const char* message;
        };
        const Case cases[] = {
            {"no limit", R"({"model":"MiniMax-M2","messages":[]})", 400, "invalid_request_error",
             "max_tokens: Field required"},
            {"unknown model", body("claude-x"), 400, "invalid_request_error",
             "invalid params, unknown model 'claude-x' (2013)"},
            {"temperature of zero", body("MiniMax-M2", R"(,"temperature":0)"), 400,
             "invalid_request_error",
             "invalid params, temperature must be in (0, 1], got 0 (2013)"},
            {"no thinking", body("MiniMax-M2", R"(,"thinking":{"type":"disabled"})"), 400,
             "invalid_request_error",
             "\"thinking.type.disabled\" is not supported for this model."},
            {"an image",
             body("MiniMax-M3", "",
                  user(R"([{"type":"image","source":{"type":"url","url":"https://a/b.png"}}])")),
             400, "invalid_request_error", "invalid params, image is not supported (2013)"},
            {"a sensitive prompt", body("MiniMax-M3", "", claude_user("SIM_BLOCK_X")), 400,
             "invalid_request_error", "input new_sensitive (1026)"},
            {"a model of a code", body("sim-code-1002"), 429, "rate_limit_error",
             "rate limit (1002)"},
        };
        for (const Case& c : cases) {
            DYNAMIC_SECTION(c.name) {
                const Plan plan = answer_messages(c.body);
                CHECK(plan.status == c.status);
                CHECK(body_of(plan)["type"] == "error");
                CHECK(body_of(plan)["error"] == json({{"type", c.type}, {"message", c.message}}));
            }
        }
    }
    SECTION("its key comes in either field") {
        http::Request request = post(kAnthropicPath, body("MiniMax-M2"));
        CHECK(answer(request).status == 200);
        request.headers.remove("authorization");
        CHECK(answer(request).status == 401);
        CHECK(body_of(answer(request))["error"]["type"] == "authentication_error");
    }
}

TEST_CASE("faults: MiniMax fails under HTTP 200, and under statuses for Anthropic's clients",
          "[simulated]") {
    struct Case {
        const char* fault;
        int code;
        int status;  // for Anthropic's clients
        const char* type;
    };
    const Case cases[] = {
        {"400", 2013, 400, "invalid_request_error"},
        {"401", 2049, 401, "authentication_error"},
        {"402", 1008, 402, "insufficient_balance_error"},
        {"403", 2061, 403, "permission_error"},
        {"429", 1002, 429, "rate_limit_error"},
        {"429-quota", 2056, 429, "rate_limit_error"},
        {"500", 1000, 500, "api_error"},
        {"503", 1033, 503, "overloaded_error"},
        {"504", 1001, 504, "api_error"},
        {"529", 1033, 529, "overloaded_error"},
    };
    Simulator simulator({});
    const auto faulty = [&](const std::string& name, const char* path) {
        const std::string model = "sim-fault-" + name;
        return simulator.answer(post(path, path == std::string_view(kAnthropicPath)
                                               ? claude_body(model, R"(,"stream":true)")
                                               : chat(model, R"(,"stream":true)")),
                                kNow);
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.fault) {
            for (const char* path : {kOpenAiPath, kOwnPath}) {
                const Plan plan = faulty(c.fault, path);
                CHECK(plan.status == 200);
                CHECK(body_of(plan)["base_resp"]["status_code"] == c.code);
            }
            const Plan plan = faulty(c.fault, kAnthropicPath);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["type"] == c.type);
        }
    }
    CHECK(faulty("error-event", kOpenAiPath).pieces.back().bytes ==
          "data: {\"base_resp\":{\"status_code\":1000,\"status_msg\":\"unknown error\"}}\n\n");
    CHECK(faulty("error-event", kAnthropicPath)
              .pieces.back()
              .bytes.starts_with("event: error\ndata: {\"type\":\"error\""));
    // Each of the three paths has a last event of its own.
    CHECK(faulty("no-done", kOpenAiPath).body().find("[DONE]") == std::string::npos);
    CHECK(faulty("no-done", kOwnPath).body().find("base_resp") == std::string::npos);
    CHECK(faulty("no-done", kAnthropicPath).body().find("message_stop") == std::string::npos);
}
