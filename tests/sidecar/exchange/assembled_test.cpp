// Whole answers of models that answer in streams only, through a whole gateway.
#include <nlohmann/json.hpp>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulated.h"
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

std::string qwen(const std::string& name, const std::string& url) {
    return "[platforms." + name + "]\nprovider = \"dashscope\"\nbase_url = \"" + url +
           "\"\napi_key = \"sk-up-" + name + "\"\nretry = { attempts = 1 }\n";
}

std::string route(const std::string& to) {
    return "[[routes]]\nmatch = { model = \"*\" }\nto = " + to + "\n";
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string event(const std::string& members) {
    return "data: {\"id\":\"chatcmpl-1\",\"created\":1,\"model\":\"qwq-plus\"," + members + "}\n\n";
}

std::string delta(const std::string& members, const std::string& reason = "null") {
    return event("\"choices\":[{\"index\":0,\"delta\":{" + members +
                 "},\"finish_reason\":" + reason + "}],\"usage\":null");
}

const std::string kThought = delta(R"("role":"assistant","content":"","reasoning_content":"Peru")");
const std::string kText = delta(R"("content":"Li")") + delta(R"("content":"ma.")");
const std::string kEnd =
    delta(R"("content":"")", "\"stop\"") +
    event(
        R"("choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"completion_tokens_details":{"reasoning_tokens":3}})") +
    "data: [DONE]\n\n";

Script stream(const std::string& events, bool is_whole = true) {
    Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                    "transfer-encoding: chunked\r\n\r\n" +
                    chunk(events))};
    script.push_back(is_whole ? fakes::send("0\r\n\r\n") : fakes::hang_up());
    return script;
}

const std::string kAsk = R"({"model":"qwq-plus","messages":[{"role":"user","content":"hi"}]})";
const std::string kAskAnthropic =
    R"({"model":"qwq-plus","max_tokens":99,"messages":[{"role":"user","content":"hi"}]})";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// The simulated vendors, on a loop of their own.
class Vendors {
public:
    Vendors() {
        auto server = engine::Server::listen({.listen = {"127.0.0.1:0"}}, loops_,
                                             simulated::make_handler({}));
        REQUIRE(server);
        server_ = std::move(server).take();
    }
    ~Vendors() { server_->stop(); }
    Vendors(const Vendors&) = delete;
    Vendors& operator=(const Vendors&) = delete;

    std::string url() const {
        return "http://" + server_->addresses().front() + "/compatible-mode/v1";
    }

private:
    engine::LoopSet loops_{1, 1};
    std::unique_ptr<engine::Server> server_{};
};

}  // namespace

TEST_CASE("gateway: an answer that comes in a stream only is put together", "[gateway]") {
    Upstream upstream({stream(kThought + kText + kEnd)});
    const auto gateway =
        start_gateway(one_caller() + qwen("qwen", upstream.url("/v1")) + route("\"qwen\""));
    SECTION("for OpenAI's callers") {
        const std::string reply = ask(*gateway, post("/v1/chat/completions", kAsk));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(has(reply, "content-type: application/json\r\n"));
        CHECK(has(reply, "X-Aigw-Platform: qwen\r\n"));
        const json answer = json::parse(fakes::body_of(reply));
        CHECK(answer["object"] == "chat.completion");
        CHECK(answer["choices"][0]["message"]["content"] == "Lima.");
        CHECK(answer["choices"][0]["message"]["reasoning_content"] == "Peru");
        CHECK(answer["choices"][0]["finish_reason"] == "stop");
        CHECK(answer["usage"]["prompt_tokens"] == 10);
        CHECK(answer["usage"]["completion_tokens_details"]["reasoning_tokens"] == 3);
    }
    SECTION("for Anthropic's callers") {
        const std::string reply = ask(*gateway, post("/v1/messages", kAskAnthropic));
        CHECK(fakes::status_of(reply) == 200);
        const json answer = json::parse(fakes::body_of(reply));
        CHECK(answer["content"][0]["thinking"] == "Peru");
        CHECK(answer["content"][1]["text"] == "Lima.");
        CHECK(answer["stop_reason"] == "end_turn");
        CHECK(answer["usage"]["output_tokens"] == 5);
    }
    const std::string sent = upstream.requests().front();
    CHECK(has(sent, "accept: text/event-stream\r\n"));
    CHECK(has(fakes::body_of(sent), R"("stream":true,"stream_options":{"include_usage":true})"));
    const std::string metrics =
        fakes::body_of(ask(*gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
    CHECK(has(metrics, R"(aigw_tokens_total{kind="input",model="qwq-plus",platform="qwen"} 10)"));
}

TEST_CASE("gateway: who wants a stream of such a model gets it as it comes", "[gateway]") {
    const std::string events = kThought + kText + kEnd;
    Upstream upstream({stream(events)});
    const auto gateway =
        start_gateway(one_caller() + qwen("qwen", upstream.url("/v1")) + route("\"qwen\""));
    const std::string body =
        R"({"model":"qwq-plus","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]})";
    CHECK(fakes::body_of(ask(*gateway, post("/v1/chat/completions", body))) == events);
    CHECK(fakes::body_of(upstream.requests().front()) == body);
}

TEST_CASE("gateway: a stream that fails before it could be put together is tried elsewhere",
          "[gateway]") {
    struct Row {
        const char* name;
        Script script;
        std::string message;
    };
    const Row rows[] = {
        {"it breaks off", stream(kThought + kText, false),
         "the upstream's answer broke off or was not HTTP"},
        {"it ends too early", stream(kThought + kText), "upstream stream ended early"},
        {"it has an error in it",
         stream(kThought + "data: {\"code\":\"ModelUnavailable\",\"message\":\"sk-up-bad is "
                           "busy\"}\n\n"),
         "sk-*** is busy"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            Upstream bad({row.script});
            Upstream good({stream(kThought + kText + kEnd)});
            const auto gateway =
                start_gateway(one_caller() + qwen("bad", bad.url("/v1")) +
                              qwen("good", good.url("/v1")) + route("[\"bad\", \"good\"]"));
            const std::string reply = ask(*gateway, post("/v1/chat/completions", kAsk));
            CHECK(fakes::status_of(reply) == 200);
            CHECK(has(reply, "X-Aigw-Platform: good\r\n"));
            CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));

            Upstream alone({row.script});
            const auto single =
                start_gateway(one_caller() + qwen("bad", alone.url("/v1")) + route("\"bad\""));
            const std::string failed = ask(*single, post("/v1/chat/completions", kAsk));
            CHECK(fakes::status_of(failed) >= 500);
            CHECK(json::parse(fakes::body_of(failed))["error"]["message"] == row.message);
        }
    }
}

TEST_CASE("gateway: an answer whose end alone is missing is whole", "[gateway]") {
    Upstream upstream({stream(kThought + kText + delta(R"("content":"")", "\"stop\""), false)});
    const auto gateway =
        start_gateway(one_caller() + qwen("qwen", upstream.url("/v1")) + route("\"qwen\""));
    const std::string reply = ask(*gateway, post("/v1/chat/completions", kAsk));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Token-Count: estimated\r\n"));
    const json answer = json::parse(fakes::body_of(reply));
    CHECK(answer["choices"][0]["message"]["content"] == "Lima.");
}

TEST_CASE("gateway: simulated models that think in streams only give whole answers", "[gateway]") {
    const Vendors vendors;
    const auto gateway =
        start_gateway(one_caller() + qwen("qwen", vendors.url()) + route("\"qwen\""));
    struct Row {
        const char* name;
        std::string path;
        std::string body;
        bool thinks;
    };
    const std::string hi = R"("messages":[{"role":"user","content":"hi"}])";
    const Row rows[] = {
        {"always thinks", "/v1/chat/completions", R"({"model":"qwq-plus",)" + hi + "}", true},
        {"is asked to think", "/v1/chat/completions",
         R"({"model":"qwen3-32b","enable_thinking":true,)" + hi + "}", true},
        {"is asked by effort", "/v1/chat/completions",
         R"({"model":"qwen3-32b","reasoning_effort":"high",)" + hi + "}", true},
        {"is not asked to think", "/v1/chat/completions", R"({"model":"qwen3-32b",)" + hi + "}",
         false},
        {"is told not to think", "/v1/chat/completions",
         R"({"model":"qwen3-32b","enable_thinking":false,)" + hi + "}", false},
        {"always thinks, for Anthropic's", "/v1/messages",
         R"({"model":"qwq-plus","max_tokens":500,)" + hi + "}", true},
        {"is asked by Anthropic's", "/v1/messages",
         R"({"model":"qwen3-32b","max_tokens":5000,"thinking":{"type":"enabled","budget_tokens":1024},)" +
             hi + "}",
         true},
        {"always thinks, and is to give JSON", "/v1/chat/completions",
         R"({"model":"qwq-plus","response_format":{"type":"json_object"},)" + hi + "}", true},
        {"thinks, and is to give JSON", "/v1/chat/completions",
         R"({"model":"qwen3.5-plus","response_format":{"type":"json_object"},)" + hi + "}", false},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const std::string reply = ask(*gateway, post(row.path, row.body));
            INFO(reply);
            REQUIRE(fakes::status_of(reply) == 200);
            const json answer = json::parse(fakes::body_of(reply));
            const bool is_openai = answer.contains("choices");
            const bool thought = is_openai
                                     ? answer["choices"][0]["message"].contains("reasoning_content")
                                     : answer["content"][0]["type"] == "thinking";
            CHECK(thought == row.thinks);
        }
    }
}
