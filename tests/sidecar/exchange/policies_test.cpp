// Namespaces and their policies, locations and parameters, through a whole gateway.
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Upstream;

namespace {

const std::string kVip =
    "[[namespaces]]\nname = \"vip\"\nmatch = [[{ key = \"X-Channel-Code\", value = \"vip\" }]]\n";
const std::string kOpen =
    "[[namespaces]]\nname = \"open\"\nanonymous = true\n"
    "match = [[{ key = \"X-Channel-Code\", value = \"open\" }]]\n";
const std::string kRoute = "[[routes]]\nmatch = { model = \"*\" }\nto = \"a\"\n";

std::string post(const std::string& path, const std::string& fields, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string delta(const std::string& text) {
    return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o",)"
           R"("choices":[{"index":0,"delta":{"content":")" +
           text + R"("},"finish_reason":null}]})" + "\n\n";
}

const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("gateway: who has no key is served in an anonymous namespace alone",
          "[gateway][policies]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute + kVip + kOpen);
    const std::string path = "/v1/chat/completions";
    CHECK(fakes::status_of(ask(*gateway, post(path, "X-Channel-Code: open\r\n", kChat))) == 200);
    const std::string refused = ask(*gateway, post(path, "X-Channel-Code: vip\r\n", kChat));
    CHECK(fakes::status_of(refused) == 401);
    CHECK(has(refused, "\"code\":\"api_key_required\""));
    const std::string unknown = ask(
        *gateway, post(path, "X-Channel-Code: open\r\nAuthorization: Bearer sk-nobody\r\n", kChat));
    CHECK(fakes::status_of(unknown) == 401);
    CHECK(upstream.requests().size() == 1);
}

TEST_CASE("gateway: a policy's refusal is in the words of its caller", "[gateway][policies]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const std::string policies =
        "[[namespaces.policies]]\nname = \"few\"\ntype = \"rate\"\nqps = 1\nwindow = \"1h\"\n"
        "[[namespaces.policies]]\ntype = \"content_match\"\n"
        "match = [{ source = \"body\", key = \"messages.*.content\", op = \"contains\", value = "
        "\"forbidden\" }]\n";
    const std::string config =
        one_caller() + platform("a", upstream.url("/v1")) + kRoute + kVip + policies;
    const std::string key = "Authorization: Bearer sk-ci\r\nX-Channel-Code: vip\r\n";
    const std::string forbidden =
        R"({"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"a forbidden word"}]})";

    SECTION("with the status of what it is about") {
        const auto gateway = start_gateway(config);
        const std::string openai = ask(*gateway, post("/v1/chat/completions", key, forbidden));
        CHECK(fakes::status_of(openai) == 403);
        CHECK(has(openai, R"("type":"permission_error","param":null,"code":"policy_violation")"));
        const std::string anthropic = ask(*gateway, post("/v1/messages", key, forbidden));
        CHECK(fakes::status_of(anthropic) == 403);
        CHECK(has(anthropic, R"({"type":"error","error":{"type":"permission_error")"));
        CHECK(fakes::status_of(ask(*gateway, post("/v1/chat/completions", key, kChat))) == 200);
        const std::string over = ask(*gateway, post("/v1/chat/completions", key, kChat));
        CHECK(fakes::status_of(over) == 429);
        CHECK(has(over, "QPS limit exceeded: namespace \\\"vip\\\""));
        CHECK(has(over, "retry-after: "));
        CHECK(has(ask(*gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"),
                  "aigw_limit_refusals_total{limit=\"few\"} 1"));
    }
    SECTION("with 403 where they did so before") {
        const auto gateway = start_gateway(config + "[policy]\nstatus = \"compat\"\n");
        CHECK(fakes::status_of(ask(*gateway, post("/v1/chat/completions", key, kChat))) == 200);
        const std::string over = ask(*gateway, post("/v1/chat/completions", key, kChat));
        CHECK(fakes::status_of(over) == 403);
        CHECK(has(over, "policy_violation"));
    }
}

TEST_CASE("gateway: the vendor is asked with the parameters that policies and platforms make",
          "[gateway][policies][params]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", upstream.url("/v1"),
                 "[platforms.a.models]\n\"gpt-4o\" = { upstream = \"gpt-4o-mini\", params = { "
                 "drop = [\"logit_bias\"], default = { temperature = 0.5 } } }\n") +
        kRoute + kVip + "[[namespaces.policies]]\ntype = \"request_tokens\"\nmax_output = 20\n");
    const std::string body =
        R"({"logit_bias":{"1":2}, "model":"gpt-4o","max_tokens":900,"messages":[{"role":"user","content":"hi"}],"x":[1, 2]})";
    // What gateways say to vendors is not for callers to say.
    const std::string key =
        "Authorization: Bearer sk-ci\r\nX-Channel-Code: vip\r\nX-Namespace-ID: 7\r\n"
        "X-Token-Limit-Remaining: 5\r\n";
    CHECK(fakes::status_of(ask(*gateway, post("/v1/chat/completions", key, body))) == 200);
    REQUIRE(upstream.requests().size() == 1);
    CHECK(has(upstream.requests()[0], "X-Channel-Code: vip\r\n"));
    CHECK_FALSE(has(upstream.requests()[0], "X-Namespace-ID"));
    CHECK_FALSE(has(upstream.requests()[0], "X-Token-Limit"));
    CHECK(has(
        upstream.requests()[0],
        R"({"model":"gpt-4o-mini","max_tokens":20,"messages":[{"role":"user","content":"hi"}],"x":[1, 2],"temperature":0.5})"));
}

TEST_CASE("gateway: a stream over its policy's length is cut, and the vendor's is let go",
          "[gateway][policies][truncation]") {
    // The vendor would go on for as long as it is listened to.
    std::string begin;
    for (int i = 0; i < 4; ++i) begin += chunk(delta("one two "));
    Upstream upstream({{fakes::send(kStreamHead + begin), fakes::hold()}});
    const auto gateway = start_gateway(
        one_caller() + platform("a", upstream.url("/v1")) + kRoute + kVip +
        "[[namespaces.policies]]\ntype = \"request_tokens\"\nmax_output = 5\nnotice = \"[cut]\"\n");
    const std::string key = "Authorization: Bearer sk-ci\r\nX-Channel-Code: vip\r\n";
    const std::string body =
        R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},)"
        R"("messages":[{"role":"user","content":"hi"}]})";
    const std::string reply = ask(*gateway, post("/v1/chat/completions", key, body));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, R"("content":"[cut]")"));
    CHECK(has(reply, R"("finish_reason":"length")"));
    CHECK(has(reply, R"("completion_tokens":5)"));
    CHECK(has(reply, "data: [DONE]\n\n"));
    CHECK(upstream.wait_until_peer_closed());
}

TEST_CASE("gateway: a location takes its path, and gives it another meaning or another address",
          "[gateway][locations]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}, {fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute +
                      "[[locations]]\npath = \"/api/chat\"\nto = \"a\"\n"
                      "[[locations]]\npath = \"/apps/\"\nto = \"a\"\nmodel = \"gpt-4o\"\n"
                      "rewrite = { from = \"/apps/*\", to = \"/custom/*\" }\n");
    const std::string key = "Authorization: Bearer sk-ci\r\n";
    CHECK(fakes::status_of(ask(*gateway, post("/api/chat", key, kChat))) == 200);
    const std::string no_model = R"({"messages":[{"role":"user","content":"hi"}]})";
    CHECK(fakes::status_of(ask(*gateway, post("/apps/7/chat?x=1", key, no_model))) == 200);
    REQUIRE(upstream.requests().size() == 2);
    CHECK(has(upstream.requests()[0], "POST /v1/chat/completions HTTP/1.1\r\n"));
    CHECK(has(upstream.requests()[1], "POST /custom/7/chat HTTP/1.1\r\n"));
    CHECK(has(upstream.requests()[1], R"("model":"gpt-4o")"));
    CHECK(fakes::status_of(ask(*gateway, post("/other", key, kChat))) == 404);
    CHECK(fakes::status_of(ask(*gateway, post("/api/chat", "", kChat))) == 401);
    const std::string got = ask(*gateway, "GET /api/chat HTTP/1.1\r\nHost: gw\r\n\r\n");
    CHECK(fakes::status_of(got) == 404);
}
