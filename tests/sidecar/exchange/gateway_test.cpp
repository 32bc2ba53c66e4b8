// A whole gateway over real sockets, in front of upstreams that play a script.
#include "sidecar/gateway.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "config/load.h"
#include "sidecar/routes.h"
#include "tests/fakes/client.h"
#include "tests/fakes/upstream.h"

using namespace aigw;
using fakes::RawClient;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

class NoFiles final : public config::FileReader {
public:
    Result<std::string> read(const std::string&, std::size_t) const override {
        return Error{ErrorCode::Config, "no such file"};
    }
    Result<std::vector<std::string>> list(const std::string&) const override {
        return std::vector<std::string>{};
    }
    bool exists(const std::string&) const override { return false; }
};

config::Config parse(const std::string& text) {
    const NoFiles files;
    const config::Environment environment = [](std::string_view) {
        return std::optional<std::string>();
    };
    auto loaded = config::parse_config(text, "test.toml", {files, environment});
    if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
    return std::move(loaded->config);
}

const std::string kHead = R"(
[server]
listen = ["127.0.0.1:0"]
workers = 2
drain_timeout = "5s"
max_body = "64KiB"
[log]
level = "off"
[[auth.static_keys]]
name = "ci"
key = "sk-ci"
[[auth.static_keys]]
name = "narrow"
key = "sk-narrow"
models = ["gpt-*"]
scopes = ["embeddings"]
)";

// kHead with further lines in its [server].
std::string with_server(const std::string& lines) {
    const std::string section = "[server]\n";
    std::string text = kHead;
    return text.insert(text.find(section) + section.size(), lines);
}

std::string platform(const std::string& name, const Upstream& upstream,
                     const std::string& extra = "") {
    return "[platforms." + name + "]\nprovider = \"openai\"\nbase_url = \"" + upstream.url("/v1") +
           "\"\napi_key = \"sk-up-" + name + "\"\n" + extra;
}

std::unique_ptr<sidecar::Gateway> start(const std::string& text) {
    auto gateway = sidecar::Gateway::start(parse(text), {.seed = 1});
    if (!gateway) FAIL(render_line(gateway.error()));
    return std::move(gateway).take();
}

std::string request(const std::string& body, const std::string& extra = "",
                    const std::string& path = "/v1/chat/completions",
                    const std::string& key = "sk-ci") {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer " + key +
           "\r\nContent-Type: application/json\r\n" + extra +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string ask(const sidecar::Gateway& gateway, const std::string& bytes) {
    RawClient client(gateway.addresses().front());
    client.send(bytes);
    return client.read_reply();
}

std::string whole(int status, const std::string& body, const std::string& extra = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-type: application/json\r\n" +
           extra + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Each piece an HTTP chunk of its own.
Script stream_of(const std::vector<std::string>& pieces) {
    Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: "
                    "chunked\r\n\r\n")};
    for (const std::string& piece : pieces) {
        char size[16];
        std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
        script.push_back(fakes::send(size + piece + "\r\n"));
    }
    return script;
}
Script ended(Script script) {
    script.push_back(fakes::send("0\r\n\r\n"));
    return script;
}

const std::string kAsk =
    R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"future_field":{"a":[1.10,2]}})";
const std::string kAskStream =
    R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]})";
const std::string kAnswer =
    R"({"id":"c1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100},"unheard_of":1.0})";
const std::string kDelta =
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},\"finish_reason\":"
    "null}],\"usage\":null}\n\n";
const std::string kStop =
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":"
    "null}\n\n";
const std::string kUsage =
    "data: "
    "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_"
    "tokens\":12}}\n\n";
const std::string kDone = "data: [DONE]\n\n";

std::string metrics_of(const sidecar::Gateway& gateway) {
    return fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
}

}  // namespace

TEST_CASE("gateway: a plain chat passes byte for byte both ways", "[gateway]") {
    Upstream upstream({{fakes::send(
        whole(200, kAnswer, "x-ratelimit-limit-requests: 5\r\nset-cookie: a=b\r\n"))}});
    const auto gateway = start(kHead + platform("a", upstream));
    const std::string reply =
        ask(*gateway, request(kAsk,
                              "OpenAI-Beta: x=1\r\nX-Aigw-Strict: 1\r\nCookie: c=d\r\nConnection: "
                              "X-Hop\r\nX-Hop: 1\r\n"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(fakes::body_of(reply) == kAnswer);
    CHECK(reply.find("X-Aigw-Platform: a\r\n") != std::string::npos);
    CHECK(reply.find("X-Aigw-Attempts: 1\r\n") != std::string::npos);
    CHECK(reply.find("X-Aigw-Price: 0.00350000 USD\r\n") != std::string::npos);
    CHECK(reply.find("X-Request-Id: req_") != std::string::npos);
    CHECK(reply.find("x-ratelimit-limit-requests: 5\r\n") != std::string::npos);
    CHECK(reply.find("set-cookie") == std::string::npos);

    REQUIRE(upstream.requests().size() == 1);
    const std::string sent = upstream.requests().front();
    CHECK(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:"));
    CHECK(sent.ends_with("\r\n\r\n" + kAsk));
    CHECK(sent.find("Bearer sk-up-a\r\n") != std::string::npos);
    CHECK(sent.find("OpenAI-Beta: x=1\r\n") != std::string::npos);
    CHECK(sent.find("sk-ci") == std::string::npos);
    CHECK(sent.find("Cookie") == std::string::npos);
    CHECK(sent.find("X-Hop") == std::string::npos);
    CHECK(sent.find("X-Aigw") == std::string::npos);
}

TEST_CASE("gateway: only the model's name is replaced in a body", "[gateway]") {
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const auto gateway = start(
        kHead +
        platform("a", upstream,
                 "[platforms.a.models]\n\"gpt-4o\" = { upstream = \"gpt-4o-2024-11-20\" }\n"));
    CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 200);
    std::string want = kAsk;
    want.replace(want.find("gpt-4o"), 6, "gpt-4o-2024-11-20");
    CHECK(fakes::body_of(upstream.requests().front()) == want);
}

TEST_CASE("gateway: a stream flows event by event and its usage stays hidden unless asked for",
          "[gateway]") {
    Upstream upstream(
        {ended(stream_of({kDelta.substr(0, 20), kDelta.substr(20) + kStop, kUsage, kDone}))});
    const auto gateway = start(kHead + platform("a", upstream));
    const std::string reply = ask(*gateway, request(kAskStream));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(reply.find("content-type: text/event-stream\r\n") != std::string::npos);
    CHECK(reply.find("X-Aigw-Price-Estimate: ") != std::string::npos);
    CHECK(fakes::body_of(reply) == kDelta + kStop + kDone);
    CHECK(json::parse(fakes::body_of(
              upstream.requests().front()))["stream_options"]["include_usage"] == true);

    std::string asks = kAskStream;
    asks.insert(1, R"("stream_options":{"include_usage":true},)");
    CHECK(fakes::body_of(ask(*gateway, request(asks))) == kDelta + kStop + kUsage + kDone);
    const std::string metrics = metrics_of(*gateway);
    CHECK(metrics.find(R"(aigw_tokens_total{kind="output",model="gpt-4o",platform="a"} 4)") !=
          std::string::npos);
    CHECK(metrics.find("aigw_open_streams 0") != std::string::npos);
}

TEST_CASE("gateway: the first event reaches the caller before the second exists", "[gateway]") {
    Script script = stream_of({kDelta});
    script.push_back(fakes::hold());
    Upstream upstream({script});
    const auto gateway = start(kHead + platform("a", upstream));
    RawClient client(gateway->addresses().front());
    client.send(request(kAskStream));
    CHECK(client.read_until(kDelta).find(kDelta) != std::string::npos);
    client.close();
    CHECK(upstream.wait_until_peer_closed());  // a client that leaves cancels the upstream call
}

TEST_CASE("gateway: what came behind the request of a long stream is read after it", "[gateway]") {
    Script script = stream_of({kDelta});
    script.push_back(fakes::await_release());
    const Script last = stream_of({kStop + kDone});
    script.push_back(fakes::send(last.back().bytes + "0\r\n\r\n"));
    const Script plain = {fakes::send(whole(200, kAnswer))};
    Upstream upstream({script, plain, script, plain, script, plain, script, plain});
    const auto gateway = start(kHead + platform("a", upstream));
    const std::string in_chunks =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\n"
        "Authorization: Bearer sk-ci\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" +
        stream_of({kAskStream}).back().bytes + "0\r\n\r\n";
    for (const std::string& first : {request(kAskStream), in_chunks}) {
        for (const bool is_pipelined : {true, false}) {
            RawClient client(gateway->addresses().front());
            client.send(first + (is_pipelined ? request(kAsk) : ""));
            client.read_until(kDelta);
            if (!is_pipelined) client.send(request(kAsk));
            upstream.release();
            const std::string end = "\"unheard_of\":1.0}";
            CHECK(client.read_until(end).ends_with(kAnswer));
        }
    }
}

TEST_CASE("gateway: the end of a streamed answer leaves with its last event", "[gateway]") {
    Script script = stream_of({kDelta});
    script.push_back(fakes::await_release());
    const Script last = stream_of({kStop + kDone});
    script.push_back(fakes::send(last.back().bytes + "0\r\n\r\n"));
    Upstream upstream({script});
    const auto gateway = start(kHead + platform("a", upstream));
    RawClient client(gateway->addresses().front());
    client.send(request(kAskStream));
    client.read_until(kDelta);
    const unsigned before = client.segments_received();
    CHECK(before == 1);  // the head and the first event
    upstream.release();
    CHECK(client.read_until("\r\n0\r\n\r\n").find(kDone) != std::string::npos);
    CHECK(client.segments_received() == before + 1);
}

TEST_CASE("gateway: a client that leaves before the answer cancels the upstream call",
          "[gateway]") {
    Upstream upstream({{fakes::hold()}});
    const auto gateway = start(kHead + platform("a", upstream));
    {
        RawClient client(gateway->addresses().front());
        client.send(request(kAsk));
        while (upstream.requests().empty()) std::this_thread::yield();
    }
    CHECK(upstream.wait_until_peer_closed());
    while (metrics_of(*gateway).find(R"(code="499")") == std::string::npos)
        std::this_thread::yield();
}

TEST_CASE("gateway: a stream that breaks ends with an error event, never in silence", "[gateway]") {
    struct Case {
        const char* name;
        Script script;
        const char* code;
    };
    Script cut = stream_of({kDelta});
    cut.push_back(fakes::hang_up());
    Script early = ended(stream_of({kDelta}));
    Script garbage = stream_of({kDelta});
    garbage.push_back(fakes::send("zz\r\n"));
    Script said = ended(stream_of({kDelta,
                                   "data: "
                                   "{\"error\":{\"message\":\"boom\",\"type\":\"server_error\","
                                   "\"param\":null,\"code\":null}}\n\n"}));
    Script stalled = stream_of({kDelta});
    stalled.push_back(fakes::hold());
    const Case cases[] = {
        {"cut", cut, "response_error"},
        {"ended early", early, "response_error"},
        {"malformed chunk", garbage, "response_error"},
        {"stalled", stalled, "timeout"},
        {"said by the vendor", said, nullptr},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream({c.script});
            const auto gateway =
                start(kHead + platform("a", upstream, "timeouts = { idle = \"80ms\" }\n"));
            const std::string body = fakes::body_of(ask(*gateway, request(kAskStream)));
            REQUIRE(body.starts_with(kDelta + "data: {\"error\":"));
            CHECK(body.find("[DONE]") == std::string::npos);
            CHECK(body.find("127.0.0.1") == std::string::npos);
            const json event = json::parse(body.substr(kDelta.size() + 6));
            if (c.code != nullptr) CHECK(event["error"]["code"] == c.code);
        }
    }
}

TEST_CASE("gateway: candidates are tried in order, and only for failures that another could mend",
          "[gateway]") {
    struct Case {
        const char* name;
        Script first;
        bool falls_back;
        int status;  // where it does not
    };
    const std::string error = R"({"error":{"message":"no","type":"x","param":null,"code":"y"}})";
    const Case cases[] = {
        {"closes at once", {fakes::hang_up()}, true, 0},
        {"500", {fakes::send(whole(500, error))}, true, 0},
        {"503", {fakes::send(whole(503, error))}, true, 0},
        {"429", {fakes::send(whole(429, error, "retry-after: 7\r\n"))}, true, 0},
        {"401 of our key", {fakes::send(whole(401, error))}, true, 0},
        {"408", {fakes::send(whole(408, error))}, true, 0},
        {"400", {fakes::send(whole(400, error))}, false, 400},
        {"404", {fakes::send(whole(404, error))}, false, 404},
        {"422", {fakes::send(whole(422, error))}, false, 422},
        {"error in a 200", {fakes::send(whole(200, error))}, true, 0},
        {"error as the first event",
         ended(stream_of({"data: "
                          "{\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"code\":"
                          "\"overloaded\"}}\n\n"})),
         true, 0},
        {"cut before the first event",
         [] {
             Script s = stream_of({});
             s.push_back(fakes::hang_up());
             return s;
         }(),
         true, 0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream first({c.first});
            Upstream second({ended(stream_of({kDelta, kStop, kDone}))});
            const auto gateway = start(
                kHead + platform("a", first, "retry = { attempts = 1 }\n") + platform("b", second) +
                "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n");
            const std::string reply = ask(*gateway, request(kAskStream));
            if (c.falls_back) {
                CHECK(fakes::status_of(reply) == 200);
                CHECK(reply.find("X-Aigw-Platform: b\r\n") != std::string::npos);
                CHECK(reply.find("X-Aigw-Attempts: 2\r\n") != std::string::npos);
                CHECK(fakes::body_of(reply) == kDelta + kStop + kDone);
            } else {
                CHECK(fakes::status_of(reply) == c.status);
                CHECK(second.requests().empty());
            }
        }
    }
}

TEST_CASE("gateway: a platform is called again where its retry options say so", "[gateway]") {
    struct Case {
        const char* name;
        std::vector<Script> scripts;
        const char* options;
        int status;
        std::size_t calls;
    };
    const Script good{fakes::send(whole(200, kAnswer))};
    const auto failing = [](int status, const std::string& extra = "") {
        return Script{fakes::send(whole(
            status, R"({"error":{"message":"no","type":"x","param":null,"code":"y"}})", extra))};
    };
    const char* quick = "retry = { attempts = 3, backoff = \"1ms..20ms\" }\n";
    const Case cases[] = {
        {"500 once", {failing(500), good}, quick, 200, 2},
        {"hang-up once", {{fakes::hang_up()}, good}, quick, 200, 2},
        {"garbage once", {{fakes::send("garbage\r\n\r\n")}, good}, quick, 200, 2},
        {"503 for ever", {failing(503)}, quick, 503, 3},
        {"429 with a short wait", {failing(429, "retry-after-ms: 5\r\n"), good}, quick, 200, 2},
        {"429 with a long wait", {failing(429, "retry-after: 7\r\n"), good}, quick, 429, 1},
        {"our key is refused", {failing(401), good}, quick, 502, 1},
        {"400", {failing(400), good}, quick, 400, 1},
        {"404", {failing(404), good}, quick, 404, 1},
        {"500, which is not named",
         {failing(500), good},
         "retry = { attempts = 3, on = [\"429\"], backoff = \"1ms..20ms\" }\n",
         500,
         1},
        {"one attempt", {failing(500), good}, "retry = { attempts = 1 }\n", 500, 1},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream(c.scripts);
            const auto gateway = start(kHead + platform("a", upstream, c.options));
            const std::string reply = ask(*gateway, request(kAsk));
            CHECK(fakes::status_of(reply) == c.status);
            CHECK(upstream.requests().size() == c.calls);
            CHECK(reply.find("X-Aigw-Attempts: " + std::to_string(c.calls) + "\r\n") !=
                  std::string::npos);
        }
    }
}

TEST_CASE("gateway: a platform that fails or refuses our key is left alone for a while",
          "[gateway]") {
    struct Case {
        const char* name;
        Script script;
        std::size_t calls;  // of the first platform, in four requests
    };
    const std::string error = R"({"error":{"message":"no","type":"x","param":null,"code":"y"}})";
    const Case cases[] = {
        {"500", {fakes::send(whole(500, error))}, 2},
        {"hangs up", {fakes::hang_up()}, 2},
        {"401", {fakes::send(whole(401, error))}, 1},
        {"403", {fakes::send(whole(403, error))}, 1},
        {"429 with a long wait", {fakes::send(whole(429, error, "retry-after: 60\r\n"))}, 1},
        {"429", {fakes::send(whole(429, error))}, 4},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream first({c.script});
            Upstream second({{fakes::send(whole(200, kAnswer))}});
            const auto gateway = start(
                kHead +
                platform("a", first, "retry = { attempts = 1 }\nhealth = { failures = 2 }\n") +
                platform("b", second) +
                "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n");
            for (int i = 0; i < 4; ++i)
                CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 200);
            CHECK(first.requests().size() == c.calls);
            CHECK(second.requests().size() == 4);
        }
    }
}

TEST_CASE("gateway: the only platform is asked however often it failed", "[gateway]") {
    Upstream upstream({{fakes::send(whole(500, R"({"error":{"message":"no"}})"))}});
    const auto gateway = start(
        kHead + platform("a", upstream, "retry = { attempts = 1 }\nhealth = { failures = 1 }\n"));
    for (int i = 0; i < 4; ++i) CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 500);
    CHECK(upstream.requests().size() == 4);
}

TEST_CASE("gateway: a client that leaves during the pause before a retry ends the call",
          "[gateway]") {
    Upstream upstream({{fakes::send(whole(500, R"({"error":{"message":"no"}})"))},
                       {fakes::send(whole(200, kAnswer))}});
    const auto gateway =
        start(kHead + platform("a", upstream, "retry = { attempts = 2, backoff = \"1m..1m\" }\n"));
    {
        RawClient client(gateway->addresses().front());
        client.send(request(kAsk));
        while (upstream.requests().empty()) std::this_thread::yield();
    }
    // Nothing is under way any more, long before the pause would have ended.
    CHECK(gateway->drain());
    CHECK(upstream.requests().size() == 1);
}

TEST_CASE("gateway: with nobody left, the last failure is told in the caller's envelope",
          "[gateway]") {
    struct Case {
        const char* name;
        Script script;
        int status;
        const char* type;
        const char* code;
        const char* header;
    };
    const std::string error =
        R"({"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}})";
    const Case cases[] = {
        {"nobody answers",
         {fakes::hang_up()},
         502,
         "api_connection_error",
         "connection_error",
         nullptr},
        {"garbage",
         {fakes::send("garbage\r\n\r\n")},
         502,
         "api_response_error",
         "response_error",
         nullptr},
        {"never answers", {fakes::hold()}, 504, "server_error", "timeout", nullptr},
        {"our key is refused",
         {fakes::send(whole(401, error))},
         502,
         "server_error",
         "upstream_authentication",
         nullptr},
        {"throttled",
         {fakes::send(whole(429, error, "retry-after: 7\r\n"))},
         429,
         "requests",
         "rate_limit_exceeded",
         "retry-after: 7\r\n"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream({c.script});
            const auto gateway =
                start(kHead + platform("a", upstream, "timeouts = { first_byte = \"100ms\" }\n"));
            const std::string reply = ask(*gateway, request(kAsk));
            CHECK(fakes::status_of(reply) == c.status);
            const json body = json::parse(fakes::body_of(reply));
            CHECK(body["error"]["type"] == c.type);
            CHECK(body["error"]["code"] == c.code);
            if (c.header != nullptr) CHECK(reply.find(c.header) != std::string::npos);
            CHECK(reply.find("sk-up-a") == std::string::npos);
            CHECK(reply.find("127.0.0.1") == std::string::npos);  // platforms may be private
        }
    }
}

TEST_CASE("gateway: refusals never reach an upstream", "[gateway]") {
    struct Case {
        const char* name;
        std::string bytes;
        int status;
        const char* code;
    };
    const Case cases[] = {
        {"no key", "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nContent-Length: 2\r\n\r\n{}",
         401, "api_key_required"},
        {"unknown key", request(kAsk, "", "/v1/chat/completions", "sk-wrong"), 401,
         "invalid_api_key"},
        {"two keys", request(kAsk, "x-api-key: sk-other\r\n"), 400, "invalid_value"},
        {"out of scope", request(kAsk, "", "/v1/chat/completions", "sk-narrow"), 403,
         "permission_denied"},
        {"broken JSON", request("{\"model\":"), 400, "invalid_json"},
        {"no model", request(R"({"messages":[]})"), 400, "invalid_value"},
        {"duplicate key", request(R"({"model":"a","model":"b","messages":[]})"), 400,
         "invalid_value"},
        {"unknown model",
         request(R"({"model":"zebra","messages":[{"role":"user","content":"x"}]})"), 404,
         "model_not_found"},
        {"unknown path", request(kAsk, "", "/v1/chat"), 404, "not_found"},
        {"wrong method", "GET /v1/chat/completions HTTP/1.1\r\nHost: gw\r\n\r\n", 405,
         "method_not_allowed"},
        {"too large", request(std::string(70'000, ' ')), 413, "request_too_large"},
    };
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const auto gateway = start(kHead + platform("a", upstream));
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const std::string reply = ask(*gateway, c.bytes);
            CHECK(fakes::status_of(reply) == c.status);
            const json body = json::parse(fakes::body_of(reply));
            CHECK(body["error"]["code"] == c.code);
            CHECK_FALSE(body["error"]["message"].get<std::string>().empty());
        }
    }
    CHECK(upstream.requests().empty());
}

TEST_CASE("gateway: the limit of a key holds over all loops", "[gateway]") {
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const auto gateway =
        start(kHead + platform("a", upstream) + "[[limits]]\nby = \"key\"\nrpm = 20\n");
    std::atomic<int> served{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            RawClient client(gateway->addresses().front());
            for (int n = 0; n < 10; ++n) {
                client.send(request(kAsk));
                const std::string reply = client.read_reply();
                if (fakes::status_of(reply) == 200) ++served;
                if (fakes::status_of(reply) == 429 &&
                    reply.find("retry-after: ") != std::string::npos)
                    ++refused;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    CHECK(served == 20);
    CHECK(refused == 60);
    CHECK(metrics_of(*gateway).find(R"(aigw_limit_refusals_total{limit="key:rpm"} 60)") !=
          std::string::npos);
}

TEST_CASE("gateway: the limit of an address counts the client behind trusted proxies",
          "[gateway]") {
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const std::string limit = "[[limits]]\nby = \"ip\"\nrpm = 2\n";
    const auto status = [](const sidecar::Gateway& gateway, const std::string& forwarded_for) {
        return fakes::status_of(
            ask(gateway, request(kAsk, "X-Forwarded-For: " + forwarded_for + "\r\n")));
    };
    SECTION("trusted: each client has its own window") {
        const auto gateway = start(with_server("trusted_proxies = [\"127.0.0.0/8\"]\n") +
                                   platform("a", upstream) + limit);
        for (const char* client : {"198.51.100.1", "1.1.1.1, 198.51.100.2"}) {
            CHECK(status(*gateway, client) == 200);
            CHECK(status(*gateway, client) == 200);
            CHECK(status(*gateway, client) == 429);
        }
        CHECK(status(*gateway, "198.51.100.3") == 200);
    }
    SECTION("not trusted: what it claims changes nothing") {
        const auto gateway = start(kHead + platform("a", upstream) + limit);
        CHECK(status(*gateway, "198.51.100.1") == 200);
        CHECK(status(*gateway, "198.51.100.2") == 200);
        CHECK(status(*gateway, "198.51.100.3") == 429);
    }
}

TEST_CASE("gateway: a refusal by a limit says when to come back", "[gateway]") {
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const auto gateway =
        start(kHead + platform("a", upstream) + "[[limits]]\nby = \"ip\"\nrpm = 1\n");
    const auto probe = [&](const std::string& path) {
        return fakes::status_of(ask(*gateway, "GET " + path + " HTTP/1.1\r\nHost: gw\r\n\r\n"));
    };
    for (int i = 0; i < 3; ++i) {  // never counted
        CHECK(probe("/health") == 200);
        CHECK(probe("/metrics") == 200);
    }
    CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 200);
    const std::string refused = ask(*gateway, request(kAsk));
    CHECK(fakes::status_of(refused) == 429);
    CHECK(refused.find("\r\nX-RateLimit-Limit: 1\r\n") != std::string::npos);
    CHECK(refused.find("\r\nX-RateLimit-Remaining: 0\r\n") != std::string::npos);
    const auto number = [&](const std::string& field) {
        const std::size_t at = refused.find("\r\n" + field + ": ");
        return at == std::string::npos ? 0 : std::stoll(refused.substr(at + field.size() + 4));
    };
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    CHECK(number("retry-after") >= 59);
    CHECK(number("retry-after") <= 61);
    CHECK(number("X-RateLimit-Reset") >= now + 57);
    CHECK(number("X-RateLimit-Reset") <= now + 62);
    CHECK(probe("/health") == 200);
}

TEST_CASE("gateway: a platform at its limit is passed over", "[gateway]") {
    Upstream first({{fakes::send(whole(200, kAnswer))}});
    Upstream second({{fakes::send(whole(200, kAnswer))}});
    const auto gateway =
        start(kHead + platform("a", first, "limits = { rpm = 2 }\n") + platform("b", second) +
              "[[routes]]\nmatch = { model = \"gpt-*\" }\nto = [\"a\", \"b\"]\n");
    for (int i = 0; i < 5; ++i) CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 200);
    CHECK(first.requests().size() == 2);
    CHECK(second.requests().size() == 3);
}

TEST_CASE("gateway: models, health and metrics answer", "[gateway]") {
    Upstream upstream({{fakes::send(whole(200, kAnswer))}});
    const auto gateway =
        start(kHead +
              platform("a", upstream, "[platforms.a.models]\n\"gpt-4o\" = {}\n\"o4-mini\" = {}\n"));
    const auto get = [&](const std::string& path) {
        return ask(*gateway,
                   "GET " + path + " HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n\r\n");
    };
    const json list = json::parse(fakes::body_of(get("/v1/models")));
    REQUIRE(list["data"].size() == 2);
    CHECK(list["data"][0]["id"] == "gpt-4o");
    CHECK(list["data"][0]["owned_by"] == "openai");
    CHECK(json::parse(fakes::body_of(get("/v1/models/o4-mini")))["id"] == "o4-mini");
    CHECK(fakes::status_of(get("/v1/models/zebra")) == 404);
    CHECK(json::parse(fakes::body_of(get("/health")))["status"] == "healthy");
    CHECK(fakes::status_of(get("/health/ready")) == 200);
    CHECK(get("/metrics").find("aigw_build_info{version=") != std::string::npos);
    RawClient head(gateway->addresses().front());
    head.send("HEAD /health HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
    CHECK(head.read_all().ends_with("\r\n\r\n"));
}

TEST_CASE("gateway: draining lets a stream finish", "[gateway]") {
    Script script = stream_of({kDelta});
    Upstream upstream({script});
    const auto gateway =
        start(kHead + platform("a", upstream, "timeouts = { idle = \"300ms\" }\n"));
    RawClient client(gateway->addresses().front());
    client.send(request(kAskStream));
    client.read_until(kDelta);
    CHECK(gateway->drain());  // the stream's own idle limit ends it, well before the drain timeout
    CHECK(client.read_all().find("data: {\"error\":") != std::string::npos);
    CHECK_FALSE(RawClient(gateway->addresses().front()).is_connected());
}

TEST_CASE("gateway: a reload changes what new requests see, and a bad one changes nothing",
          "[gateway]") {
    Upstream first({{fakes::send(whole(200, kAnswer))}});
    Upstream second({{fakes::send(whole(200, kAnswer))}});
    const auto gateway = start(kHead + platform("a", first));
    CHECK(gateway->reload(parse(kHead + platform("b", second))));
    while (ask(*gateway, request(kAsk)).find("X-Aigw-Platform: b\r\n") == std::string::npos)
        std::this_thread::yield();
    const auto bad =
        gateway->reload(parse(kHead + "[platforms.c]\nprovider = \"opnai\"\napi_key = \"k\"\n"));
    REQUIRE_FALSE(bad);
    CHECK(render_line(bad.error()) ==
          "test.toml:17:12: platform \"c\" has an unknown provider \"opnai\": did you mean "
          "\"openai\"?");
    CHECK(ask(*gateway, request(kAsk)).find("X-Aigw-Platform: b\r\n") != std::string::npos);
}

TEST_CASE("gateway: without any key it serves its own machine only", "[gateway]") {
    auto open = sidecar::Gateway::start(parse("[server]\nlisten = [\"0.0.0.0:0\"]\n"), {});
    REQUIRE_FALSE(open);
    CHECK(render_line(open.error()).find("GATEWAY_API_KEYS") != std::string::npos);
}

TEST_CASE("gateway: retries stay within their budget", "[gateway]") {
    Upstream upstream({{fakes::send(whole(500, R"({"error":{"message":"no"}})"))}});
    const auto gateway = start(
        kHead + platform("a", upstream,
                         "retry = { attempts = 2, backoff = \"1ms..1ms\", budget = \"50%\" }\n"));
    constexpr std::size_t kCalls = 30;
    for (std::size_t i = 0; i < kCalls; ++i)
        CHECK(fakes::status_of(ask(*gateway, request(kAsk))) == 500);
    // Ten retries are free, and each call earns half a one.
    CHECK(upstream.requests().size() == kCalls + 10 + kCalls / 2);
}

TEST_CASE("gateway: the manual names every path", "[gateway]") {
    std::ifstream file(std::string(AIGW_SOURCE_DIR) + "/man/aigw-serve.1");
    std::string manual((std::istreambuf_iterator<char>(file)), {});
    std::erase(manual, '\\');  // of hyphens
    REQUIRE_FALSE(manual.empty());
    for (const sidecar::Route& route : sidecar::routes()) {
        CAPTURE(route.path);
        const std::string path(route.path);
        const bool is_named = manual.find(path + "\n") != std::string::npos ||
                              manual.find(path + " ") != std::string::npos;
        CHECK(is_named);
    }
}
