// Callers of one protocol and upstreams of another, through a whole gateway.
#include <nlohmann/json.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

std::string claude(const std::string& url, const std::string& lines = "") {
    return "[platforms.claude]\nprovider = \"anthropic\"\nbase_url = \"" + url +
           "\"\napi_key = \"sk-ant-up\"\nretry = { attempts = 1 }\n" + lines;
}

std::string route(const std::string& to) {
    return "[[routes]]\nmatch = { model = \"*\" }\nto = " + to + "\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\n" +
           "Content-Type: application/json\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string kMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":2}})";
const std::string kAsk =
    R"({"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
const std::string kAskStream =
    R"({"model":"claude-sonnet-4-5","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]})";

std::string with(const std::string& body, const std::string& members) {
    return "{" + members + "," + body.substr(1);
}

Script stream(const std::string& events, bool is_whole = true) {
    Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                    "transfer-encoding: chunked\r\n\r\n" +
                    chunk(events))};
    script.push_back(is_whole ? fakes::send("0\r\n\r\n") : fakes::hang_up());
    return script;
}

std::string event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" +
           (members.empty() ? "" : "," + members) + "}\n\n";
}

const std::string kStart = event(
    "message_start",
    R"("message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}})");
const std::string kText =
    event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})") +
    event("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":"hello"})") +
    event("content_block_stop", R"("index":0)");
const std::string kEnd =
    event(
        "message_delta",
        R"("delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2})") +
    event("message_stop", "");

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string metrics_of(const Gateway& gateway) {
    return fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
}

}  // namespace

TEST_CASE("gateway: Anthropic's callers pass to Anthropic byte for byte", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kMessage, "request-id: req_vendor\r\n"))}});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    const std::string reply =
        ask(*gateway, post("/v1/messages?beta=true", with(kAsk, R"("something_new":[1.0])"),
                           "anthropic-version: 2026-10-21\r\nanthropic-beta: a,b\r\n"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(fakes::body_of(reply) == kMessage);
    CHECK(has(reply, "\r\nrequest-id: req_"));
    CHECK(has(reply, "X-Aigw-Price: "));
    const std::string sent = upstream.requests().front();
    CHECK(sent.starts_with("POST /v1/messages HTTP/1.1\r\n"));
    CHECK(has(sent, "x-api-key: sk-ant-up\r\n"));
    CHECK(has(sent, "anthropic-version: 2023-06-01\r\n"));
    CHECK_FALSE(has(sent, "2026-10-21"));
    CHECK(has(sent, "anthropic-beta: a,b\r\n"));
    CHECK_FALSE(has(sent, "sk-ci"));
    CHECK(fakes::body_of(sent) == with(kAsk, R"("something_new":[1.0])"));
}

TEST_CASE("gateway: a stream of Anthropic's passes, and its usage is counted", "[gateway]") {
    const std::string events = kStart + event("ping", "") + kText + kEnd;
    Upstream upstream({stream(events)});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    const std::string reply = ask(*gateway, post("/v1/messages", kAskStream));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(fakes::body_of(reply) == events);
    CHECK(has(metrics_of(*gateway),
              R"(aigw_tokens_total{kind="input",model="claude-sonnet-4-5",platform="claude"} 10)"));
    CHECK(has(metrics_of(*gateway),
              R"(aigw_tokens_total{kind="output",model="claude-sonnet-4-5",platform="claude"} 2)"));
}

TEST_CASE("gateway: OpenAI's callers reach Anthropic", "[gateway]") {
    Upstream upstream(
        {{fakes::send(answer(200, kMessage, "anthropic-ratelimit-requests-limit: 4000\r\n"))},
         stream(kStart + kText + kEnd)});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    const std::string body =
        R"({"model":"claude-sonnet-4-5","temperature":1.5,"seed":1,"messages":[{"role":"user","content":"hi"}]})";
    const std::string reply = ask(
        *gateway, post("/v1/chat/completions", body, "OpenAI-Beta: x=1\r\nUser-Agent: sdk\r\n"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Warnings: clamped:temperature, dropped:seed\r\n"));
    CHECK_FALSE(has(reply, "\r\nrequest-id: "));
    CHECK(has(reply, "x-ratelimit-limit-requests: 4000\r\n"));
    CHECK_FALSE(has(reply, "anthropic-ratelimit"));
    const json answer_body = json::parse(fakes::body_of(reply));
    CHECK(answer_body["choices"][0]["message"]["content"] == "hello");
    CHECK(answer_body["usage"]["total_tokens"] == 12);
    const std::string sent = upstream.requests().front();
    CHECK(sent.starts_with("POST /v1/messages HTTP/1.1\r\n"));
    CHECK_FALSE(has(sent, "OpenAI-Beta"));
    CHECK_FALSE(has(sent, "sk-ci"));
    CHECK(
        fakes::body_of(sent) ==
        R"({"model":"claude-sonnet-4-5","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"temperature":1})");

    const std::string streamed = ask(
        *gateway,
        post(
            "/v1/chat/completions",
            R"({"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":"hi"}]})"));
    CHECK(has(streamed, "content-type: text/event-stream; charset=utf-8\r\n"));
    CHECK(fakes::body_of(streamed).ends_with("data: [DONE]\n\n"));
    CHECK(has(fakes::body_of(streamed), R"("delta":{"content":"hello"})"));
    const std::string metrics = metrics_of(*gateway);
    CHECK(has(metrics, R"(aigw_conversion_warnings_total{kind="clamped",field="temperature"} 1)"));
    CHECK(has(metrics, R"(aigw_conversion_warnings_total{kind="dropped",field="seed"} 1)"));
}

TEST_CASE("gateway: Anthropic's callers reach OpenAI", "[gateway]") {
    const std::string events =
        "data: "
        "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
        "\"hel\"},"
        "\"finish_reason\":null}]}\n\ndata: "
        "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},"
        "\"finish_reason\":\"stop\"}]}\n\ndata: "
        "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
        "\"completion_tokens\":2,\"total_tokens\":12}}\n\ndata: [DONE]\n\n";
    Upstream upstream({{fakes::send(answer(200, kAnswer))}, stream(events)});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string reply = ask(*gateway, post("/v1/messages", with(kAsk, R"("top_k":4)"),
                                                 "anthropic-version: 2023-06-01\r\n"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Warnings: dropped:top_k\r\n"));
    const json message = json::parse(fakes::body_of(reply));
    CHECK(message["type"] == "message");
    CHECK(message["model"] == "claude-sonnet-4-5");
    CHECK(message["content"][0]["text"] == "hello");
    CHECK(message["usage"]["input_tokens"] == 10);
    CHECK_FALSE(has(upstream.requests().front(), "anthropic-version"));

    const std::string streamed = fakes::body_of(ask(*gateway, post("/v1/messages", kAskStream)));
    CHECK(streamed.starts_with("event: message_start\n"));
    CHECK(streamed.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    CHECK(has(streamed, R"("usage":{"input_tokens":10,)"));
}

// A delta of OpenAI's, as the upstream sends it.
std::string delta(const std::string& text, const std::string& finish) {
    return R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":")" + text +
           R"("},"finish_reason":)" + finish + "}]}\n\n";
}

TEST_CASE("E105: a silent stream tells its caller that it is alive", "[gateway]") {
    const std::string head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    const std::string first = delta("hel", "null");
    const std::string rest = delta("lo", R"("stop")") + "data: [DONE]\n\n";
    const std::string ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    Upstream upstream({{fakes::send(head + chunk(first)), fakes::await_release(),
                        fakes::send(chunk(rest) + "0\r\n\r\n")}});
    const std::string setup = platform("gpt", upstream.url("/v1")) + route("\"gpt\"");

    SECTION("of Anthropic's callers, as often as it takes, and nothing else changes") {
        const auto gateway =
            start_gateway(one_caller() + "[conversion]\nkeep_alive = \"10ms\"\n" + setup);
        fakes::RawClient client(gateway->addresses().front());
        client.send(post("/v1/messages", kAskStream));
        std::string reply = client.read_until(chunk(ping) + chunk(ping));
        upstream.release();
        reply += client.read_until("\r\n0\r\n\r\n");
        std::string body = fakes::body_of(reply);
        CHECK(body.starts_with("event: message_start\n"));
        std::size_t pings = 0;
        for (std::size_t at = 0; (at = body.find(ping)) != std::string::npos; ++pings)
            body.erase(at, ping.size());
        CHECK(pings >= 2);
        upstream.release();
        const auto quiet = start_gateway(one_caller() + setup);
        CHECK(fakes::body_of(ask(*quiet, post("/v1/messages", kAskStream))) == body);
    }
    SECTION("the upstream's own wait goes on meanwhile") {
        const auto gateway = start_gateway(
            one_caller() + "[conversion]\nkeep_alive = \"10ms\"\n" +
            platform("gpt", upstream.url("/v1"), "timeouts = { idle = \"100ms\" }\n") +
            route("\"gpt\""));
        const std::string body = fakes::body_of(ask(*gateway, post("/v1/messages", kAskStream)));
        CHECK(has(body, ping));
        CHECK(has(body, "event: error\n"));
    }
    SECTION("OpenAI's callers know no such thing") {
        Upstream anthropic({{fakes::send(head + chunk(kStart + kText)), fakes::hold()}});
        const auto gateway = start_gateway(
            one_caller() + "[conversion]\nkeep_alive = \"10ms\"\n" +
            claude(anthropic.url(), "timeouts = { idle = \"100ms\" }\n") + route("\"claude\""));
        const std::string body = fakes::body_of(ask(*gateway, sized(kChatStream)));
        CHECK(has(body, R"("delta":{"content":"hello"})"));
        CHECK(has(body, "data: {\"error\":{"));
        CHECK_FALSE(has(body, "ping"));
    }
}

TEST_CASE("gateway: what the vendor does not count is estimated, once for caller and bill",
          "[gateway]") {
    json unsaid = json::parse(kAnswer);
    unsaid.erase("usage");
    Upstream upstream({{fakes::send(answer(200, unsaid.dump()))},
                       stream(delta("hello there", R"("stop")") + "data: [DONE]\n\n")});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string whole = ask(*gateway, post("/v1/messages", kAsk));
    CHECK(has(whole, "X-Aigw-Warnings: estimated:usage\r\n"));
    const std::string metric = R"(aigw_conversion_warnings_total{kind="estimated",field="usage"} )";
    CHECK(has(metrics_of(*gateway), metric + "1"));
    const auto output_of = [&](const std::string& metrics) {
        const std::string name =
            R"(aigw_tokens_total{kind="output",model="claude-sonnet-4-5",platform="gpt"} )";
        return std::stoll(metrics.substr(metrics.find(name) + name.size()));
    };
    const auto before = output_of(metrics_of(*gateway));
    CHECK(json::parse(fakes::body_of(whole))["usage"]["output_tokens"] == before);

    const std::string streamed = fakes::body_of(ask(*gateway, post("/v1/messages", kAskStream)));
    CHECK(has(streamed, R"("output_tokens":3)"));
    const std::string metrics = metrics_of(*gateway);
    CHECK(has(metrics, metric + "2"));
    CHECK(output_of(metrics) - before == 3);
}

TEST_CASE("gateway: strict callers are refused what would be lost", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kMessage))}});
    const std::string body =
        R"({"model":"claude-sonnet-4-5","seed":1,"messages":[{"role":"user","content":"hi"}]})";
    const std::string setup = claude(upstream.url()) + route("\"claude\"");
    const auto gateway = start_gateway(one_caller() + setup);
    const std::string reply =
        ask(*gateway, post("/v1/chat/completions", body, "X-Aigw-Strict: 1\r\n"));
    CHECK(fakes::status_of(reply) == 400);
    CHECK(json::parse(fakes::body_of(reply))["error"]["param"] == "seed");
    CHECK(json::parse(fakes::body_of(reply))["error"]["message"] ==
          "seed would be dropped for this model, and the request is strict: leave it out, or do "
          "without X-Aigw-Strict");
    CHECK(has(reply, "X-Aigw-Warnings: dropped:seed\r\n"));
    CHECK(upstream.requests().empty());

    const auto strict = start_gateway(one_caller() + "[conversion]\nstrict = true\n" + setup);
    CHECK(fakes::status_of(ask(*strict, post("/v1/chat/completions", body))) == 400);
    CHECK(fakes::status_of(
              ask(*strict, post("/v1/chat/completions", body, "X-Aigw-Strict: 0\r\n"))) == 200);
}

TEST_CASE("gateway: what one platform can't say another may", "[gateway]") {
    Upstream anthropic({{fakes::send(answer(200, kMessage))}});
    Upstream openai({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + claude(anthropic.url()) + platform("gpt", openai.url("/v1")) +
                      route("[\"claude\", \"gpt\"]"));
    const std::string body = R"({"model":"any","n":2,"messages":[{"role":"user","content":"hi"}]})";
    const std::string reply = ask(*gateway, post("/v1/chat/completions", body));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Platform: gpt\r\n"));
    CHECK(has(reply, "X-Aigw-Attempts: 1\r\n"));
    CHECK(anthropic.requests().empty());

    const auto alone = start_gateway(one_caller() + claude(anthropic.url()) + route("\"claude\""));
    const std::string refused = ask(*alone, post("/v1/chat/completions", body));
    CHECK(fakes::status_of(refused) == 400);
    CHECK(json::parse(fakes::body_of(refused))["error"]["param"] == "n");
}

TEST_CASE("gateway: what a model can't take goes to one that can, or nowhere", "[gateway]") {
    const std::string blind_platform = "provider = \"dashscope\"\napi_key = \"sk-up\"\n";
    const std::string image =
        R"({"model":"qwen-max","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.test/b.png"}}]}]})";
    Upstream blind({{fakes::send(answer(200, kAnswer))}});
    Upstream sees({{fakes::send(answer(200, kAnswer))}});
    const std::string qwen =
        "[platforms.qwen]\nbase_url = \"" + blind.url("/v1") + "\"\n" + blind_platform;
    const auto gateway = start_gateway(one_caller() + qwen + platform("gpt", sees.url("/v1")) +
                                       route("[\"qwen\", \"gpt\"]"));
    const std::string reply = ask(*gateway, post("/v1/chat/completions", image));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Platform: gpt\r\n"));

    const auto alone = start_gateway(one_caller() + qwen + route("\"qwen\""));
    const std::string refused = ask(*alone, post("/v1/chat/completions", image));
    CHECK(fakes::status_of(refused) == 400);
    CHECK(json::parse(fakes::body_of(refused))["error"]["code"] == "unsupported_value");
    CHECK(json::parse(fakes::body_of(refused))["error"]["message"] ==
          "model \"qwen-max\" does not serve vision, which the request needs: ask for a model that "
          "does, or leave it out of the request");
    CHECK(blind.requests().empty());

    // The configuration knows better.
    const auto told = start_gateway(
        one_caller() + qwen +
        "[platforms.qwen.models]\n\"seeing\" = { upstream = \"qwen-max\", caps = { images = true, "
        "content_arrays = true, max_output = 5 } }\n" +
        route("\"qwen\""));
    const std::string seeing = R"({"model":"seeing",)" + image.substr(image.find("\"messages"));
    CHECK(fakes::status_of(ask(*told, post("/v1/chat/completions", seeing))) == 200);
    const std::string ours =
        R"({"model":"seeing","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
    const std::string clamped = ask(*told, post("/v1/messages", ours));
    CHECK(has(clamped, "X-Aigw-Warnings: clamped:max_tokens\r\n"));
    CHECK(has(blind.requests().back(), R"("max_tokens":5)"));
}

TEST_CASE("gateway: a begun answer is said to each candidate as it takes one", "[gateway]") {
    Upstream openai({{fakes::send(answer(503, "{}"))}});
    Upstream qwen({{fakes::send(answer(503, "{}"))}});
    Upstream anthropic({{fakes::send(answer(200, kMessage))}});
    const std::string body =
        R"({"model":"claude-sonnet-5","max_tokens":9,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Well, "}]})";
    const std::string three = one_caller() + platform("gpt", openai.url("/v1")) +
                              "[platforms.qwen]\nprovider = \"dashscope\"\nbase_url = \"" +
                              qwen.url("/v1") +
                              "\"\napi_key = \"sk-up\"\nretry = { attempts = 1 }\n" +
                              claude(anthropic.url()) + route("[\"gpt\", \"qwen\", \"claude\"]");
    const std::string reply = ask(*start_gateway(three), post("/v1/messages", body));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Platform: claude\r\n"));
    // What was given up for those before is no loss of this answer.
    CHECK_FALSE(has(reply, "X-Aigw-Warnings"));
    CHECK(has(openai.requests().front(), R"({"role":"assistant","content":"Well, "}])"));
    CHECK(has(qwen.requests().front(), R"("content":"Well, ","partial":true}])"));
    CHECK(fakes::body_of(anthropic.requests().front()) == body);

    // A caller of OpenAI's: a model that refuses a begun answer is asked to continue.
    const std::string chat =
        R"({"model":"claude-sonnet-5","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Well, "}]})";
    const std::string continued =
        ask(*start_gateway(one_caller() + claude(anthropic.url()) + route("\"claude\"")),
            post("/v1/chat/completions", chat));
    CHECK(has(continued, "X-Aigw-Warnings: approximated:messages[1]\r\n"));
    CHECK(has(anthropic.requests().back(), R"({"type":"text","text":"Continue."})"));
}

TEST_CASE("gateway: a platform's dialect decides how its server is asked", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto server = [&](const std::string& provider, const std::string& dialect) {
        return one_caller() + "[platforms.own]\nprovider = \"" + provider + "\"\nbase_url = \"" +
               upstream.url("/v1") + "\"\napi_key = \"sk-up\"\ndialect = \"" + dialect + "\"\n" +
               route("\"own\"");
    };
    const std::string thinking =
        with(kAsk.substr(0, kAsk.find("\"max_tokens\"")) + "\"max_tokens\":3000" +
                 kAsk.substr(kAsk.find(",\"messages\"")),
             R"("thinking":{"type":"enabled","budget_tokens":2000})");
    ask(*start_gateway(server("openai-compatible", "dashscope")), post("/v1/messages", thinking));
    CHECK(has(upstream.requests().back(), R"("enable_thinking":true)"));
    ask(*start_gateway(server("openai-compatible", "openai-reasoning")),
        post("/v1/messages", thinking));
    CHECK(has(upstream.requests().back(), R"("reasoning_effort":)"));
    CHECK(has(upstream.requests().back(), R"("max_completion_tokens":3000)"));

    const auto failure = [](const std::string& text) {
        const fakes::Files files;
        const fakes::Variables variables;
        auto loaded = config::parse_config(text, "test.toml", {files, variables.environment()});
        REQUIRE(loaded);
        const auto gateway = Gateway::start(std::move(loaded->config), {.seed = 1});
        REQUIRE_FALSE(gateway);
        return render_line(gateway.error());
    };
    CHECK(has(failure(server("openai", "klingon")),
              "platform \"own\" has an unknown dialect \"klingon\": known are openai, "
              "openai-reasoning, dashscope, doubao, minimax, deepseek, generic"));
    CHECK(has(failure(server("anthropic", "openai")),
              "platform \"own\" has a dialect, but anthropic has one only"));
}

TEST_CASE("gateway: a platform that can't be asked takes nothing from those after it",
          "[gateway]") {
    const std::string two = R"({"model":"any","n":2,"messages":[{"role":"user","content":"hi"}]})";
    SECTION("one that fails before it is fallen back from") {
        Upstream busy({{fakes::send(answer(503, "{}"))}});
        Upstream anthropic({{fakes::send(answer(200, kMessage))}});
        Upstream good({{fakes::send(answer(200, kAnswer))}});
        const auto gateway = start_gateway(
            one_caller() + platform("busy", busy.url("/v1")) + claude(anthropic.url()) +
            platform("good", good.url("/v1")) + route("[\"busy\", \"claude\", \"good\"]"));
        const std::string reply = ask(*gateway, post("/v1/chat/completions", two));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(has(reply, "X-Aigw-Platform: good\r\n"));
        CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));
    }
    SECTION("its limits do not count what it was not sent") {
        Upstream anthropic({{fakes::send(answer(200, kMessage))}});
        const auto gateway =
            start_gateway(one_caller() + claude(anthropic.url(), "limits = { rpm = 1 }\n") +
                          "[[limits]]\nby = \"key\"\nrpm = 1\n" + route("\"claude\""));
        CHECK(fakes::status_of(ask(*gateway, post("/v1/chat/completions", two))) == 400);
        CHECK(fakes::status_of(ask(*gateway, post("/v1/messages", kAsk))) == 200);
        CHECK(fakes::status_of(ask(*gateway, post("/v1/messages", kAsk))) == 429);
    }
}

TEST_CASE("gateway: a fallback may speak another protocol", "[gateway]") {
    Upstream anthropic({{fakes::send(answer(
        529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"))}});
    Upstream openai({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + claude(anthropic.url()) + platform("gpt", openai.url("/v1")) +
                      route("[\"claude\", \"gpt\"]"));
    const std::string reply = ask(*gateway, post("/v1/messages", kAsk));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(json::parse(fakes::body_of(reply))["type"] == "message");
    CHECK(has(reply, "X-Aigw-Platform: gpt\r\n"));
    CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));
    CHECK(anthropic.requests().size() == 1);
    CHECK(has(fakes::body_of(openai.requests().front()), R"("max_completion_tokens":9)"));
}

TEST_CASE("gateway: errors come in the caller's envelope", "[gateway]") {
    struct Row {
        const char* name;
        int upstream;  // 0: the gateway's own
        std::string said;
        std::string request;
        int status;
        const char* type;
    };
    const std::string openai_error =
        R"({"error":{"message":"m","type":"server_error","param":null,"code":null}})";
    const Row rows[] = {
        {"503 is overload", 503, openai_error, post("/v1/messages", kAsk), 529, "overloaded_error"},
        {"429", 429, openai_error, post("/v1/messages", kAsk), 429, "rate_limit_error"},
        {"the gateway's key", 401, openai_error, post("/v1/messages", kAsk), 502, "api_error"},
        {"a mistake", 400, openai_error, post("/v1/messages", kAsk), 400, "invalid_request_error"},
        {"no JSON", 0, "", post("/v1/messages", "{"), 400, "invalid_request_error"},
        {"no limit", 0, "",
         post("/v1/messages", R"({"model":"m","messages":[{"role":"user","content":"hi"}]})"), 400,
         "invalid_request_error"},
        {"no messages", 0, "", post("/v1/messages", R"({"model":"m","max_tokens":1})"), 400,
         "invalid_request_error"},
        {"another method", 0, "", "GET /v1/messages HTTP/1.1\r\nHost: gw\r\n\r\n", 405,
         "invalid_request_error"},
        {"another path", 0, "",
         "GET /v1/nothing HTTP/1.1\r\nHost: gw\r\nanthropic-version: 2023-06-01\r\n\r\n", 404,
         "not_found_error"},
        {"a wrong key", 0, "",
         "POST /v1/messages HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-no\r\nContent-Length: "
         "0\r\n\r\n",
         401, "authentication_error"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            Upstream upstream(
                {{fakes::send(answer(row.upstream == 0 ? 200 : row.upstream, row.said))}});
            const auto gateway = start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) +
                                               route("\"gpt\""));
            const std::string reply = ask(*gateway, row.request);
            CHECK(fakes::status_of(reply) == row.status);
            const json body = json::parse(fakes::body_of(reply));
            CHECK(body["type"] == "error");
            CHECK(body["error"]["type"] == row.type);
            CHECK(body["request_id"].get<std::string>().starts_with("req_"));
            CHECK(has(reply, "request-id: " + body["request_id"].get<std::string>()));
        }
    }
}

TEST_CASE("gateway: a converted stream that breaks off ends with an error event", "[gateway]") {
    const std::string half =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},"
        "\"finish_reason\":null}]}\n\n";
    Upstream openai({stream(half, false)});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", openai.url("/v1")) + route("\"gpt\""));
    const std::string body = fakes::body_of(ask(*gateway, post("/v1/messages", kAskStream)));
    CHECK(has(body, "event: error\ndata: {\"type\":\"error\""));
    CHECK_FALSE(has(body, "message_stop"));

    Upstream anthropic({stream(kStart + kText, false)});
    const auto other = start_gateway(one_caller() + claude(anthropic.url()) + route("\"claude\""));
    const std::string chunks = fakes::body_of(ask(
        *other,
        post("/v1/chat/completions",
             R"({"model":"claude-x","stream":true,"messages":[{"role":"user","content":"hi"}]})")));
    CHECK(has(chunks, "data: {\"error\":{"));
    CHECK_FALSE(has(chunks, "[DONE]"));
    CHECK_FALSE(has(chunks, "\"finish_reason\":\""));
}

TEST_CASE("gateway: tokens are counted by the vendor where it can, else here", "[gateway]") {
    Upstream anthropic({{fakes::send(answer(200, R"({"input_tokens":17})"))}});
    const std::string body =
        R"({"model":"m","system":"Be brief.","messages":[{"role":"user","content":"hello there"}]})";
    const auto exact = start_gateway(one_caller() + claude(anthropic.url()) + route("\"claude\""));
    const std::string counted = ask(*exact, post("/v1/messages/count_tokens?beta=true", body));
    CHECK(fakes::status_of(counted) == 200);
    CHECK(fakes::body_of(counted) == R"({"input_tokens":17})");
    CHECK(has(counted, "X-Aigw-Token-Count: exact\r\n"));
    CHECK(anthropic.requests().front().starts_with("POST /v1/messages/count_tokens HTTP/1.1\r\n"));

    Upstream openai({{fakes::send(answer(500, "{}"))}});
    const auto estimated =
        start_gateway(one_caller() + platform("gpt", openai.url("/v1")) + route("\"gpt\""));
    const std::string guessed = ask(*estimated, post("/v1/messages/count_tokens", body));
    CHECK(fakes::status_of(guessed) == 200);
    CHECK(fakes::body_of(guessed) == R"({"input_tokens":16})");
    CHECK(has(guessed, "X-Aigw-Token-Count: estimated\r\n"));
    CHECK(openai.requests().empty());
}

TEST_CASE("gateway: who wants no token gets none, without a call", "[gateway]") {
    Upstream openai({{fakes::send(answer(500, "{}"))}});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", openai.url("/v1")) + route("\"gpt\""));
    const std::string body =
        R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]})";
    const std::string reply = ask(*gateway, post("/v1/messages", body));
    CHECK(fakes::status_of(reply) == 200);
    const json message = json::parse(fakes::body_of(reply));
    CHECK(message["stop_reason"] == "max_tokens");
    CHECK(message["content"].empty());
    CHECK(message["usage"]["output_tokens"] == 0);
    CHECK(has(reply, "X-Aigw-Warnings: approximated:max_tokens\r\n"));
    const std::string streamed =
        fakes::body_of(ask(*gateway, post("/v1/messages", with(body, R"("stream":true)"))));
    CHECK(streamed.starts_with("event: message_start\n"));
    CHECK(streamed.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    CHECK(openai.requests().empty());
}

TEST_CASE("gateway: models are listed in the caller's shape", "[gateway]") {
    Upstream openai({{fakes::send(answer(500, "{}"))}});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", openai.url("/v1"),
                                              "models = { \"gpt-4o\" = {}, \"gpt-5\" = {} }\n"));
    const std::string list = fakes::body_of(
        ask(*gateway,
            "GET /v1/models HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\nanthropic-version: "
            "2023-06-01\r\n\r\n"));
    const json models = json::parse(list);
    CHECK(models["data"].size() == 2);
    CHECK(models["data"][0]["type"] == "model");
    CHECK(models["first_id"] == "gpt-4o");
    CHECK(models["last_id"] == "gpt-5");
    CHECK(models["has_more"] == false);
    const json one = json::parse(fakes::body_of(
        ask(*gateway,
            "GET /v1/models/gpt-5 HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\nanthropic-version: "
            "2023-06-01\r\n\r\n")));
    CHECK(one["id"] == "gpt-5");
    CHECK(one["display_name"] == "gpt-5");
}
