// A gateway as users of a one-upstream proxy start it: from variables alone, called on their paths.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "config/load.h"
#include "sidecar/gateway.h"
#include "tests/fakes/client.h"
#include "tests/fakes/files.h"
#include "tests/fakes/upstream.h"

using namespace aigw;
using fakes::RawClient;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

using Set = std::map<std::string, std::string, std::less<>>;

class Proxy {
public:
    explicit Proxy(const std::string& target, const Set& more = {}) {
        Set set = {{"TARGET_API_URL", target},
                   {"TARGET_API_KEY", "sk-target"},
                   {"GATEWAY_API_KEYS", "sk-one,sk-two"},
                   {"RATE_LIMIT_REQUESTS_PER_MINUTE", "1000"}};
        for (const auto& [name, value] : more) set[name] = value;
        const fakes::Variables variables{set};
        const fakes::Files files;
        auto loaded = config::config_from_environment({files, variables.environment()});
        if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
        config::Config config = std::move(loaded->config);
        config.server.listen = {"127.0.0.1:0"};
        config.server.max_body = 64U << 10;
        config.server.workers = 1;
        config.log.level = config::LogLevel::Off;
        auto started = sidecar::Gateway::start(std::move(config), {.seed = 1});
        if (!started) FAIL(render_line(started.error()));
        gateway_ = std::move(started).take();
    }

    std::string ask(const std::string& bytes) const {
        RawClient client(gateway_->addresses().front());
        client.send(bytes);
        return client.read_reply();
    }
    std::string post(const std::string& path, const std::string& body,
                     const std::string& fields = "Authorization: Bearer sk-one\r\n") const {
        return ask("POST " + path + " HTTP/1.1\r\nHost: gw\r\n" + fields +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    std::string get(const std::string& path, const std::string& fields = "") const {
        return ask("GET " + path + " HTTP/1.1\r\nHost: gw\r\n" + fields + "\r\n");
    }

private:
    std::unique_ptr<sidecar::Gateway> gateway_;
};

std::string whole(const std::string& body) {
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string kChat = R"({"model":"qwen-turbo","messages":[{"role":"user","content":"hi"}]})";
const std::string kPrompt = R"({"model":"qwen-turbo","prompt":["hi","ho"],"max_tokens":5})";
const std::string kAnswer =
    R"({"id":"c1","choices":[{"text":"ho","index":0}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})";

std::string code_of(const std::string& reply) {
    return json::parse(fakes::body_of(reply))["error"]["code"].get<std::string>();
}

}  // namespace

TEST_CASE("gateway: every path of a one-upstream proxy reaches its upstream", "[gateway]") {
    struct Case {
        const char* path;
        const std::string& body;
        const char* upstream_path;
        std::string upstream_body;
    };
    const std::string chat = R"({"messages":[{"role":"user","content":"hi"}]})";
    const std::string prompt = R"({"prompt":"hi"})";
    const Case cases[] = {
        {"/v1/chat/completions", kChat, "/v1/chat/completions", kChat},
        {"/v1/completions", kPrompt, "/v1/completions", kPrompt},
        {"/api/v1/chat", kChat, "/v1/chat/completions", kChat},
        {"/api/v1/chat/completions", kChat, "/v1/chat/completions", kChat},
        {"/api/v1/completions", kPrompt, "/v1/completions", kPrompt},
        {"/v1/engines/qwen-max/completions", prompt, "/v1/completions",
         R"({"model":"qwen-max","prompt":"hi"})"},
        {"/v1/engines/qwen-max/chat/completions", chat, "/v1/chat/completions",
         R"({"model":"qwen-max","messages":[{"role":"user","content":"hi"}]})"},
        {"/v1/engines/qwen-max/completions", kPrompt, "/v1/completions", kPrompt},
    };
    Upstream upstream({{fakes::send(whole(kAnswer))}});
    const Proxy proxy(upstream.url("/v1"));
    std::size_t count = 0;
    for (const Case& c : cases) {
        INFO(c.path << " " << c.body);
        const std::string reply = proxy.post(c.path, c.body);
        CHECK(fakes::status_of(reply) == 200);
        CHECK(fakes::body_of(reply) == kAnswer);
        REQUIRE(upstream.requests().size() == ++count);
        const std::string sent = upstream.requests().back();
        CHECK(sent.starts_with("POST " + std::string(c.upstream_path) + " HTTP/1.1\r\n"));
        CHECK(sent.find("authorization: Bearer sk-target\r\n") != std::string::npos);
        CHECK(sent.ends_with("\r\n\r\n" + c.upstream_body));
    }
}

TEST_CASE("gateway: paths with an engine take one segment for it", "[gateway]") {
    Upstream upstream({{fakes::send(whole(kAnswer))}});
    const Proxy proxy(upstream.url("/v1"));
    for (const char* path : {"/v1/engines//completions", "/v1/engines/completions",
                             "/v1/engines/a/b/completions", "/v1/engines/a/embeddings"}) {
        INFO(path);
        CHECK(code_of(proxy.post(path, kPrompt)) == "not_found");
    }
    CHECK(upstream.requests().empty());
}

TEST_CASE("gateway: a streamed completion flows and is metered", "[gateway]") {
    const std::string event =
        "data: {\"choices\":[{\"index\":0,\"text\":\"ho\",\"finish_reason\":\"stop\"}]}\n\n";
    const std::string end = "data: [DONE]\n\n";
    Upstream upstream(
        {{fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                      "content-length: " +
                      std::to_string(event.size() + end.size()) + "\r\n\r\n" + event + end)}});
    const Proxy proxy(upstream.url("/v1"));
    const std::string reply =
        proxy.post("/v1/completions", R"({"model":"qwen-turbo","prompt":"hi","stream":true})");
    CHECK(fakes::body_of(reply) == event + end);
    CHECK(upstream.requests().front().find("\"stream_options\":{\"include_usage\":true}") !=
          std::string::npos);
}

TEST_CASE("gateway: errors have the codes that users of a one-upstream proxy know", "[gateway]") {
    struct Case {
        const char* name;
        std::string body;
        std::string fields;
        int status;
        const char* type;
        const char* code;
    };
    const std::string key = "Authorization: Bearer sk-two\r\n";
    const Case refusals[] = {
        {"no key", kChat, "", 401, "authentication_error", "api_key_required"},
        {"no bearer", kChat, "Authorization: Basic c2s=\r\n", 401, "authentication_error",
         "invalid_api_key_format"},
        {"an unknown key", kChat, "Authorization: Bearer sk-three\r\n", 401, "authentication_error",
         "invalid_api_key"},
        {"broken JSON", R"({"model":)", key, 400, "invalid_request_error", "invalid_json"},
        {"too large", std::string(70'000, ' '), key, 413, "invalid_request_error",
         "request_too_large"},
        {"over the limit", kChat, key, 429, "rate_limit_error", "rate_limit_exceeded"},
    };
    Upstream upstream({{fakes::send(whole(kAnswer))}});
    const Proxy proxy(upstream.url("/v1"), {{"RATE_LIMIT_REQUESTS_PER_MINUTE", "1"}});
    CHECK(fakes::status_of(proxy.post("/v1/chat/completions", kChat)) == 200);
    for (const Case& c : refusals) {
        DYNAMIC_SECTION(c.name) {
            const std::string reply = proxy.post("/v1/chat/completions", c.body, c.fields);
            CHECK(fakes::status_of(reply) == c.status);
            const json error = json::parse(fakes::body_of(reply))["error"];
            CHECK(error["type"] == c.type);
            CHECK(error["code"] == c.code);
            CHECK_FALSE(error["message"].get<std::string>().empty());
        }
    }
}

TEST_CASE("gateway: an upstream that fails has its codes, too", "[gateway]") {
    SECTION("it cannot be reached") {
        const Proxy proxy("http://127.0.0.1:1/v1");
        const std::string reply = proxy.post("/v1/chat/completions", kChat);
        CHECK(fakes::status_of(reply) == 502);
        CHECK(json::parse(fakes::body_of(reply))["error"]["type"] == "api_connection_error");
        CHECK(code_of(reply) == "connection_error");
    }
    SECTION("its answer breaks off") {
        Upstream upstream({{fakes::send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                                        "content-length: 500\r\n\r\n{\"id\":"),
                            fakes::hang_up()}});
        const Proxy proxy(upstream.url("/v1"));
        const std::string reply = proxy.post("/v1/chat/completions", kChat);
        CHECK(fakes::status_of(reply) == 502);
        CHECK(json::parse(fakes::body_of(reply))["error"]["type"] == "api_response_error");
        CHECK(code_of(reply) == "response_error");
    }
}

TEST_CASE("gateway: metrics have the names that a one-upstream proxy gave them", "[gateway]") {
    Upstream upstream({{fakes::send(whole(kAnswer))}});
    const Proxy proxy(upstream.url("/v1"), {{"RATE_LIMIT_REQUESTS_PER_MINUTE", "2"}});
    for (int i = 0; i < 3; ++i) proxy.post("/v1/chat/completions", kChat);
    proxy.post("/v1/chat/completions", kChat, "");
    proxy.get("/nowhere");
    const std::string text = fakes::body_of(proxy.get("/metrics"));
    for (
        const char* line : {
            R"(http_requests_total{method="POST",endpoint="/v1/chat/completions",status="200"} 2)",
            R"(http_requests_total{method="POST",endpoint="/v1/chat/completions",status="401"} 1)",
            R"(http_requests_total{method="POST",endpoint="/v1/chat/completions",status="429"} 1)",
            R"(http_requests_total{method="",endpoint="other",status="404"} 1)",
            R"(http_request_duration_seconds_count{method="POST",endpoint="/v1/chat/completions"} 4)",
            R"(api_key_usage_total{key_prefix="env-1"} 3)",
            "\nrate_limit_hits_total 1",
            R"(proxy_requests_total{endpoint="/v1/chat/completions",status="200"} 2)",
            R"(proxy_request_duration_seconds_count{endpoint="/v1/chat/completions"} 2)",
            R"(aigw_limit_refusals_total{limit="ip:rpm"} 1)",
        }) {
        INFO(line << "\n" << text);
        CHECK(text.find(std::string(line) + "\n") != std::string::npos);
    }
    CHECK(text.find("sk-one") == std::string::npos);
    CHECK(text.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("gateway: pages of allowed origins may read answers, without cookies", "[gateway]") {
    Upstream upstream({{fakes::send(whole(kAnswer))}});
    const std::string allow = "access-control-allow-origin: ";
    const auto preflight = [](const Proxy& proxy, const std::string& origin) {
        return proxy.ask("OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nOrigin: " + origin +
                         "\r\nAccess-Control-Request-Method: POST\r\n"
                         "Access-Control-Request-Headers: authorization, x-stainless-os\r\n\r\n");
    };
    SECTION("all, unless they are listed") {
        const Proxy proxy(upstream.url("/v1"));
        const std::string reply = preflight(proxy, "https://any.test");
        CHECK(fakes::status_of(reply) == 204);
        CHECK(reply.find(allow + "*\r\n") != std::string::npos);
        CHECK(reply.find("access-control-allow-methods: GET, POST, PUT, DELETE, OPTIONS\r\n") !=
              std::string::npos);
        CHECK(reply.find("access-control-allow-headers: authorization, x-stainless-os\r\n") !=
              std::string::npos);
        CHECK(reply.find("credentials") == std::string::npos);
        const std::string called =
            proxy.post("/v1/chat/completions", kChat,
                       "Authorization: Bearer sk-one\r\nOrigin: https://any.test\r\n");
        CHECK(fakes::status_of(called) == 200);
        CHECK(called.find(allow + "*\r\n") != std::string::npos);
        const std::string refused =
            proxy.post("/v1/chat/completions", kChat, "Origin: https://any.test\r\n");
        CHECK(fakes::status_of(refused) == 401);
        CHECK(refused.find(allow + "*\r\n") != std::string::npos);
    }
    SECTION("those that are listed") {
        const Proxy proxy(upstream.url("/v1"), {{"CORS_ALLOWED_ORIGINS", "http://localhost:3000"}});
        const std::string reply = preflight(proxy, "http://localhost:3000");
        CHECK(reply.find(allow + "http://localhost:3000\r\n") != std::string::npos);
        CHECK(reply.find("vary: Origin\r\n") != std::string::npos);
        const std::string other = preflight(proxy, "https://evil.test");
        CHECK(fakes::status_of(other) == 204);
        CHECK(other.find("access-control") == std::string::npos);
        CHECK(other.find("vary: Origin\r\n") != std::string::npos);
    }
}

TEST_CASE("gateway: without origins, OPTIONS is a method like others", "[gateway]") {
    config::Config config;
    config.server.listen = {"127.0.0.1:0"};
    config.log.level = config::LogLevel::Off;
    config.health.status_word = "ok";
    const auto gateway = sidecar::Gateway::start(std::move(config), {.seed = 1});
    REQUIRE(gateway);
    RawClient client((*gateway)->addresses().front());
    client.send("OPTIONS /health HTTP/1.1\r\nHost: gw\r\nOrigin: https://any.test\r\n\r\n");
    const std::string reply = client.read_reply();
    CHECK(fakes::status_of(reply) == 405);
    CHECK(reply.find("access-control") == std::string::npos);
    client.send("GET /health HTTP/1.1\r\nHost: gw\r\n\r\n");
    CHECK(json::parse(fakes::body_of(client.read_reply()))["status"] == "ok");
    client.send("GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n");
    CHECK(client.read_reply().find("\nhttp_requests_total") == std::string::npos);
}
