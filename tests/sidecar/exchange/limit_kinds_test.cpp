// Limits of calls in flight, of money and of several subjects, and what callers read of theirs,
// through a whole gateway.
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Upstream;

namespace {

const std::string kRoute = "[[routes]]\nmatch = { model = \"*\" }\n";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string field_of(const std::string& reply, const std::string& name) {
    const std::size_t at = reply.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 4;
    return reply.substr(begin, reply.find("\r\n", begin) - begin);
}

std::string anthropic(const std::string& body) {
    return "POST /v1/messages HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\n"
           "anthropic-version: 2023-06-01\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string kOneEvent =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" +
    chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n");

}  // namespace

TEST_CASE("gateway: a call counts as in flight until it ends, whichever way", "[gateway][limits]") {
    struct Case {
        const char* name;
        std::vector<fakes::Script> scripts;
        const std::string& body;
        const char* platform;  // further lines of it
        bool is_left;          // the caller goes away; else it reads to the end
    };
    const fakes::Script whole = {fakes::send(answer(200, kAnswer))};
    const Case cases[] = {
        {"it is answered", {whole}, kChat, "", false},
        {"the caller goes before the answer", {{fakes::hold()}, whole}, kChat, "", true},
        {"the caller goes in the middle of a stream",
         {{fakes::send(kOneEvent), fakes::hold()}, whole},
         kChatStream,
         "",
         true},
        {"the platform hangs up", {{fakes::hang_up()}, whole}, kChat, "", false},
        {"the platform breaks off a stream",
         {{fakes::send(kOneEvent), fakes::hang_up()}, whole},
         kChatStream,
         "",
         false},
        {"the platform refuses", {{fakes::send(answer(400, "{}"))}, whole}, kChat, "", false},
        {"the platform is too slow",
         {{fakes::hold()}, whole},
         kChat,
         "timeouts = { first_byte = \"50ms\" }\n",
         false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream(c.scripts);
            const auto gateway =
                start_gateway(one_caller() +
                              platform("a", upstream.url("/v1"),
                                       std::string(c.platform) + "limits = { concurrency = 1 }\n") +
                              kRoute + "to = \"a\"\n[[limits]]\nby = \"key\"\nconcurrency = 1\n");
            {
                fakes::RawClient client(gateway->addresses().front());
                client.send(sized(c.body));
                REQUIRE(eventually([&] { return !upstream.requests().empty(); }));
                if (!c.is_left) client.read_reply();
                if (c.is_left) {
                    const std::string refused = ask(*gateway, sized(kChat));
                    CHECK(fakes::status_of(refused) == 429);
                    CHECK(has(refused, "key \\\"ci\\\" is at its limit of 1 request at a time"));
                    CHECK(field_of(refused, "retry-after") == "1");
                    client.reset();
                }
            }
            CHECK(eventually([&] { return fakes::status_of(ask(*gateway, sized(kChat))) == 200; }));
        }
    }
}

TEST_CASE("gateway: a platform that failed is not held while the next one answers",
          "[gateway][limits]") {
    Upstream bad({{fakes::send(answer(503, "{}"))}});
    Upstream good({{fakes::await_release(), fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() +
                      platform("bad", bad.url("/v1"),
                               "limits = { concurrency = 1 }\nhealth = { failures = 100 }\n") +
                      platform("good", good.url("/v1")) + kRoute + "to = [\"bad\", \"good\"]\n");
    fakes::RawClient first(gateway->addresses().front());
    fakes::RawClient second(gateway->addresses().front());
    first.send(sized(kChat));
    REQUIRE(eventually([&] { return good.requests().size() == 1; }));
    second.send(sized(kChat));
    REQUIRE(eventually([&] { return good.requests().size() == 2; }));
    CHECK(bad.requests().size() == 2);
    good.release();
    good.release();
    CHECK(fakes::status_of(first.read_reply()) == 200);
    CHECK(fakes::status_of(second.read_reply()) == 200);
}

TEST_CASE("gateway: a limit of money holds the estimate, then what the call cost",
          "[gateway][limits]") {
    // 10 tokens in and 2 out of gpt-4o cost 0.000045 USD; 8 in and 80 out are reserved: 0.00082.
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute +
                      "to = \"a\"\n[[limits]]\nby = \"key,model\"\n"
                      "money = [{ window = \"day\", max = \"0.0009\", currency = \"USD\" }]\n");
    const std::string body =
        R"({"model":"gpt-4o","max_tokens":80,"messages":[{"role":"user","content":"hi"}]})";
    CHECK(fakes::status_of(ask(*gateway, sized(body))) == 200);
    CHECK(fakes::status_of(ask(*gateway, sized(body))) == 200);
    const std::string refused = ask(*gateway, sized(body));
    CHECK(fakes::status_of(refused) == 429);
    CHECK(has(refused, "key,model \\\"ci,gpt-4o\\\" is at its limit of 0.0009 USD per day"));
    CHECK_FALSE(field_of(refused, "retry-after").empty());
}

TEST_CASE("gateway: callers read their own limits in their own protocol", "[gateway][limits]") {
    const std::string of_upstream =
        "x-ratelimit-limit-requests: 9999\r\nX-RateLimit-Remaining-Tokens: 77\r\n";
    Upstream upstream({{fakes::send(answer(200, kAnswer, of_upstream))}});
    const std::string common = one_caller() + platform("a", upstream.url("/v1")) + kRoute;
    const std::string body =
        R"({"model":"gpt-4o","max_tokens":80,"messages":[{"role":"user","content":"hi"}]})";
    SECTION("in OpenAI's") {
        const auto gateway =
            start_gateway(common + "to = \"a\"\n[[limits]]\nby = \"key\"\nrpm = 2\ntpm = 1000\n" +
                          "[[limits]]\nby = \"global\"\nrpm = 100\n");
        const std::string reply = ask(*gateway, sized(body));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(field_of(reply, "x-ratelimit-limit-requests") == "2");
        CHECK(field_of(reply, "x-ratelimit-remaining-requests") == "1");
        CHECK(field_of(reply, "x-ratelimit-limit-tokens") == "1000");
        CHECK(field_of(reply, "x-ratelimit-remaining-tokens") == "988");  // 12 were used
        CHECK(field_of(reply, "x-ratelimit-reset-requests").starts_with("1m"));
        CHECK_FALSE(has(reply, "9999"));
        CHECK_FALSE(has(reply, ": 77\r\n"));
        ask(*gateway, sized(body));
        const std::string refused = ask(*gateway, sized(body));
        CHECK(fakes::status_of(refused) == 429);
        CHECK(field_of(refused, "x-ratelimit-remaining-requests") == "0");
        CHECK(field_of(refused, "x-ratelimit-remaining-tokens") == "976");
        CHECK_FALSE(field_of(refused, "retry-after").empty());
    }
    SECTION("in Anthropic's") {
        const auto gateway =
            start_gateway(common + "to = \"a\"\n[[limits]]\nby = \"key\"\nrpm = 1\ntpm = 1000\n");
        const std::string reply = ask(*gateway, anthropic(body));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(field_of(reply, "anthropic-ratelimit-requests-limit") == "1");
        CHECK(field_of(reply, "anthropic-ratelimit-requests-remaining") == "0");
        CHECK(field_of(reply, "anthropic-ratelimit-tokens-remaining") == "988");
        CHECK(field_of(reply, "anthropic-ratelimit-requests-reset").ends_with("Z"));
        CHECK_FALSE(has(reply, "x-ratelimit-limit-requests"));
        const std::string refused = ask(*gateway, anthropic(body));
        CHECK(fakes::status_of(refused) == 429);
        CHECK(field_of(refused, "anthropic-ratelimit-requests-remaining") == "0");
    }
    SECTION("without any, the upstream's") {
        const auto gateway = start_gateway(
            common + "to = \"a\"\n[[limits]]\nby = \"key\"\nrpm = 2\nmode = \"monitor\"\n");
        CHECK(field_of(ask(*gateway, sized(body)), "x-ratelimit-limit-requests") == "9999");
    }
}
