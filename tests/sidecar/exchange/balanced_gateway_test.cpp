#include <atomic>
#include <thread>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Upstream;
using std::chrono::milliseconds;

namespace {

std::string group(const std::string& lines) {
    return "[groups.pool]\nmodels = [\"gpt-*\"]\n" + lines + "\n";
}

int ask_status(const Gateway& gateway) {
    return fakes::status_of(ask(gateway, sized(kChat)));
}

std::string metrics_of(const Gateway& gateway) {
    return fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
}

void wait_for(milliseconds duration) {
    const auto until = std::chrono::steady_clock::now() + duration;
    REQUIRE(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
}

config::Config parse(const std::string& text) {
    const fakes::Files files;
    const fakes::Variables variables;
    auto loaded = config::parse_config(text, "test.toml", {files, variables.environment()});
    if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
    return std::move(loaded->config);
}

const std::string kOrder = "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n";

}  // namespace

TEST_CASE("gateway: a group's calls are shared exactly by all its loops", "[gateway]") {
    struct Case {
        const char* name;
        const char* lines;
        std::size_t of_a;
        std::size_t of_b;
    };
    const Case cases[] = {
        {"round robin", "algorithm = \"round_robin\"\nmembers = [\"a\", \"b\"]", 20, 20},
        {"smooth weighted",
         "algorithm = \"weighted\"\nmembers = [{ platform = \"a\", weight = 3 }, \"b\"]", 30, 10},
        {"sticky: one caller stays", "sticky = { by = \"ip\" }\nmembers = [\"a\", \"b\"]", 0, 0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream a({{fakes::send(answer(200, kAnswer))}});
            Upstream b({{fakes::send(answer(200, kAnswer))}});
            const auto gateway = start_gateway(one_caller() + platform("a", a.url("/v1")) +
                                               platform("b", b.url("/v1")) + group(c.lines));
            {
                std::vector<std::jthread> callers;
                for (int i = 0; i < 4; ++i) {
                    callers.emplace_back([&] {
                        for (int call = 0; call < 10; ++call) ask(*gateway, sized(kChat));
                    });
                }
            }
            REQUIRE(a.requests().size() + b.requests().size() == 40);
            if (c.of_a + c.of_b > 0) {
                CHECK(a.requests().size() == c.of_a);
                CHECK(b.requests().size() == c.of_b);
            } else {
                CHECK(a.requests().size() % 40 == 0);
            }
        }
    }
}

TEST_CASE("gateway: a reload goes on with the turns of the configuration before it", "[gateway]") {
    Upstream a({{fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const std::string text = one_caller() + platform("a", a.url("/v1")) +
                             platform("b", b.url("/v1")) +
                             group("algorithm = \"round_robin\"\nmembers = [\"a\", \"b\"]");
    const auto gateway = start_gateway(text);
    CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 1);
    REQUIRE(gateway->reload(parse(text)).has_value());
    CHECK(ask_status(*gateway) == 200);
    CHECK(b.requests().size() == 1);
}

TEST_CASE("gateway: least connections goes where the fewest calls are under way", "[gateway]") {
    Upstream a({{fakes::await_release(), fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", a.url("/v1")) + platform("b", b.url("/v1")) +
                      group("algorithm = \"least_connections\"\nmembers = [\"a\", \"b\"]"));
    fakes::RawClient slow(gateway->addresses().front());
    slow.send(sized(kChat));
    REQUIRE(eventually([&] { return a.requests().size() == 1; }));
    for (int i = 0; i < 5; ++i) CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 1);
    CHECK(b.requests().size() == 5);
    a.release();
    CHECK(fakes::status_of(slow.read_reply()) == 200);
}

TEST_CASE("gateway: errors that are the caller's fault never count against a platform",
          "[gateway]") {
    for (const int status : {400, 404, 405, 409, 410, 413, 414, 415, 422, 431, 451}) {
        DYNAMIC_SECTION(status) {
            const std::string refusal =
                R"({"error":{"message":"no","type":"invalid_request_error"}})";
            Upstream a({{fakes::send(answer(status, refusal))}});
            Upstream b({{fakes::send(answer(200, kAnswer))}});
            const auto gateway = start_gateway(
                one_caller() + platform("a", a.url("/v1"), "health = { failures = 1 }\n") +
                platform("b", b.url("/v1")) + kOrder);
            for (int i = 0; i < 4; ++i) CHECK(ask_status(*gateway) != 200);
            CHECK(a.requests().size() == 4);
            CHECK(b.requests().empty());
        }
    }
}

TEST_CASE("gateway: while one call probes a platform, the others leave it alone", "[gateway]") {
    const std::string failure = R"({"error":{"message":"no"}})";
    Upstream a({{fakes::send(answer(500, failure))},
                {fakes::await_release(), fakes::send(answer(200, kAnswer))},
                {fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", a.url("/v1"), "health = { failures = 1, open_for = \"1ms\" }\n") +
        platform("b", b.url("/v1")) + kOrder);
    CHECK(ask_status(*gateway) == 200);
    CHECK(b.requests().size() == 1);
    wait_for(milliseconds(5));
    fakes::RawClient probe(gateway->addresses().front());
    probe.send(sized(kChat));
    REQUIRE(eventually([&] { return a.requests().size() == 2; }));
    for (int i = 0; i < 4; ++i) CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 2);
    CHECK(b.requests().size() == 5);
    a.release();
    CHECK(fakes::status_of(probe.read_reply()) == 200);
    CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 3);
}

TEST_CASE("gateway: a probe whose client has left makes room for another", "[gateway]") {
    const std::string failure = R"({"error":{"message":"no"}})";
    Upstream a({{fakes::send(answer(500, failure))},
                {fakes::hold()},
                {fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", a.url("/v1"), "health = { failures = 1, open_for = \"1ms\" }\n") +
        platform("b", b.url("/v1")) + kOrder);
    CHECK(ask_status(*gateway) == 200);
    wait_for(milliseconds(5));
    {
        fakes::RawClient probe(gateway->addresses().front());
        probe.send(sized(kChat));
        REQUIRE(eventually([&] { return a.requests().size() == 2; }));
    }
    CHECK(a.wait_until_peer_closed());
    REQUIRE(eventually([&] {
        CHECK(ask_status(*gateway) == 200);
        return a.requests().size() >= 3;
    }));
}

TEST_CASE("gateway: of many calls on all loops one alone probes a platform that failed",
          "[gateway]") {
    constexpr std::size_t kClients = 64;
    const std::string failure = R"({"error":{"message":"no"}})";
    Upstream a({{fakes::send(answer(500, failure))},
                {fakes::await_release(), fakes::send(answer(500, failure))},
                {fakes::await_release(), fakes::send(answer(200, kAnswer))},
                {fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", a.url("/v1"), "health = { failures = 1, open_for = \"1ms\" }\n") +
        platform("b", b.url("/v1")) + kOrder);
    CHECK(ask_status(*gateway) == 200);
    std::size_t of_a = 1;
    std::size_t of_b = 1;
    // The first round's probe fails and goes on to b, the second's is answered.
    for (const bool is_answered : {false, true}) {
        wait_for(milliseconds(5));
        std::atomic<std::size_t> good{0};
        {
            std::vector<std::jthread> clients;
            for (std::size_t i = 0; i < kClients; ++i) {
                clients.emplace_back([&] {
                    if (ask_status(*gateway) == 200) ++good;
                });
            }
            CHECK(eventually([&] { return b.requests().size() == of_b + kClients - 1; }));
            CHECK(a.requests().size() == of_a + 1);
            a.release();
        }
        CHECK(good == kClients);
        of_a += 1;
        of_b += is_answered ? kClients - 1 : kClients;
        CHECK(a.requests().size() == of_a);
        CHECK(b.requests().size() == of_b);
    }
    for (int i = 0; i < 4; ++i) CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == of_a + 4);
}

TEST_CASE("gateway: a platform that a reload drains ends its calls and gets no new ones",
          "[gateway]") {
    const std::string head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    const std::string delta =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},"
        "\"finish_reason\":null}]}\n\n";
    Upstream a({{fakes::await_release(), fakes::send(answer(200, kAnswer))},
                {fakes::send(head + chunk(delta)), fakes::await_release(),
                 fakes::send(chunk("data: [DONE]\n\n") + "0\r\n\r\n")}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto text = [&](const std::string& lines) {
        return one_caller() +
               platform("a", a.url("/v1"), lines + "models = { \"gpt-4o\" = {} }\n") +
               platform("b", b.url("/v1")) + kOrder;
    };
    const auto gateway = start_gateway(text(""));
    fakes::RawClient whole(gateway->addresses().front());
    whole.send(sized(kChat));
    REQUIRE(eventually([&] { return a.requests().size() == 1; }));
    fakes::RawClient stream(gateway->addresses().front());
    stream.send(sized(kChatStream));
    stream.read_until(delta);

    REQUIRE(gateway->reload(parse(text("drain = true\n"))).has_value());
    for (int i = 0; i < 3; ++i) CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 2);
    CHECK(b.requests().size() == 3);
    const std::string models =
        ask(*gateway, "GET /v1/models HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n\r\n");
    CHECK(models.find("gpt-4o") != std::string::npos);

    a.release();
    a.release();
    CHECK(fakes::status_of(whole.read_reply()) == 200);
    CHECK(stream.read_until("[DONE]").find("[DONE]") != std::string::npos);

    REQUIRE(gateway->reload(parse(text(""))).has_value());
    fakes::RawClient again(gateway->addresses().front());
    again.send(sized(kChatStream));
    CHECK(again.read_until(delta).find(delta) != std::string::npos);
    a.release();
    again.read_until("[DONE]");
    CHECK(a.requests().size() == 3);
}

TEST_CASE("gateway: a platform that is drained keeps the callers who are sticky at it",
          "[gateway]") {
    Upstream a({{fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto text = [&](const std::string& of_a, const std::string& of_b) {
        return one_caller() + platform("a", a.url("/v1"), of_a) +
               platform("b", b.url("/v1"), of_b) +
               group("sticky = { by = \"key\" }\nmembers = [\"a\", \"b\"]");
    };
    const auto gateway = start_gateway(text("", ""));
    CHECK(ask_status(*gateway) == 200);
    Upstream& own = a.requests().empty() ? b : a;
    REQUIRE(own.requests().size() == 1);
    REQUIRE(gateway->reload(parse(text("drain = true\n", "drain = true\n"))).has_value());
    CHECK(ask_status(*gateway) == 200);
    CHECK(own.requests().size() == 2);
    CHECK(a.requests().size() + b.requests().size() == 2);
}

TEST_CASE("gateway: with every platform drained a call is refused before any is asked",
          "[gateway]") {
    Upstream a({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", a.url("/v1"), "drain = true\n") +
                      "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = \"a\"\n");
    CHECK(ask_status(*gateway) == 503);
    CHECK(a.requests().empty());
}

TEST_CASE("gateway: a platform is switched off by a reload, and its calls end as they began",
          "[gateway]") {
    Upstream a({{fakes::await_release(), fakes::send(answer(200, kAnswer))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const auto text = [&](const std::string& lines) {
        return one_caller() + platform("a", a.url("/v1"), lines) + platform("b", b.url("/v1")) +
               kOrder;
    };
    const auto gateway = start_gateway(text(""));
    fakes::RawClient slow(gateway->addresses().front());
    slow.send(sized(kChat));
    REQUIRE(eventually([&] { return a.requests().size() == 1; }));
    REQUIRE(gateway->reload(parse(text("enabled = false\n"))).has_value());
    CHECK(ask_status(*gateway) == 200);
    CHECK(a.requests().size() == 1);
    CHECK(b.requests().size() == 1);
    a.release();
    CHECK(fakes::status_of(slow.read_reply()) == 200);
}

namespace {

std::string keyed(const std::string& name, const Upstream& upstream, const std::string& lines) {
    return "[platforms." + name + "]\nprovider = \"openai\"\nbase_url = \"" + upstream.url("/v1") +
           "\"\nkeys = [{ name = \"k1\", key = \"sk-secret-1\" }, { name = \"k2\", key = "
           "\"sk-secret-2\" }]\nretry = { attempts = 1 }\n" +
           lines;
}

// "1221": the keys of the requests, in order.
std::string keys_of(const Upstream& upstream) {
    constexpr std::string_view kBefore = "Bearer sk-secret-";
    std::string keys;
    for (const std::string& request : upstream.requests()) {
        const std::size_t at = request.find(kBefore);
        keys += at == std::string::npos ? '-' : request[at + kBefore.size()];
    }
    return keys;
}

}  // namespace

TEST_CASE("gateway: several keys of a platform are used in turn, and one that is refused rests",
          "[gateway]") {
    const std::string refusal = R"({"error":{"message":"no sk-secret-1 here"}})";
    const std::string good = answer(200, kAnswer);
    struct Case {
        const char* name;
        std::vector<fakes::Script> script;
        const char* keys;  // of the requests that four calls become
    };
    const Case cases[] = {
        {"all is well", {{fakes::send(good)}}, "1212"},
        {"401 of the first", {{fakes::send(answer(401, refusal))}, {fakes::send(good)}}, "12222"},
        {"402 of the first", {{fakes::send(answer(402, refusal))}, {fakes::send(good)}}, "12222"},
        {"403 of the first", {{fakes::send(answer(403, refusal))}, {fakes::send(good)}}, "12222"},
        {"429 that says when to come back",
         {{fakes::send(answer(429, refusal, "retry-after: 60\r\n"))}, {fakes::send(good)}},
         "12222"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream(c.script);
            const auto gateway = start_gateway(one_caller() + keyed("a", upstream, ""));
            for (int i = 0; i < 4; ++i) CHECK(ask_status(*gateway) == 200);
            CHECK(keys_of(upstream) == c.keys);
        }
    }
}

TEST_CASE("gateway: the failure of each key is counted", "[gateway]") {
    const std::string refusal = R"({"error":{"message":"no"}})";
    const std::string good = answer(200, kAnswer);
    struct Case {
        const char* name;
        std::vector<fakes::Script> script;
        const char* counted;
    };
    const Case cases[] = {
        {"the first is refused",
         {{fakes::send(answer(401, refusal))}, {fakes::send(good)}},
         "kind=\"upstream_credentials\"} 1\n"},
        {"both are refused",
         {{fakes::send(answer(401, refusal))}},
         "kind=\"upstream_credentials\"} 2\n"},
        {"the first is throttled",
         {{fakes::send(answer(429, refusal, "retry-after: 60\r\n"))}, {fakes::send(good)}},
         "kind=\"rate_limited\"} 1\n"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream(c.script);
            const auto gateway = start_gateway(one_caller() + keyed("a", upstream, ""));
            ask_status(*gateway);
            CHECK(metrics_of(*gateway).find("aigw_upstream_errors_total{platform=\"a\"," +
                                            std::string(c.counted)) != std::string::npos);
        }
    }
}

TEST_CASE("gateway: with every key refused the next platform is asked, and no key is told",
          "[gateway]") {
    const std::string refusal = R"({"error":{"message":"sk-secret-1 and sk-secret-2 are bad"}})";
    Upstream a({{fakes::send(answer(401, refusal))}});
    Upstream b({{fakes::send(answer(200, kAnswer))}});
    const std::string text = one_caller() + keyed("a", a, "") + platform("b", b.url("/v1"));
    SECTION("the next answers, and the first is left alone") {
        const auto gateway = start_gateway(text + kOrder);
        for (int i = 0; i < 3; ++i) CHECK(ask_status(*gateway) == 200);
        CHECK(keys_of(a) == "12");
        CHECK(b.requests().size() == 3);
    }
    SECTION("a reload keeps the rest") {
        const auto gateway = start_gateway(text + kOrder);
        CHECK(ask_status(*gateway) == 200);
        REQUIRE(gateway->reload(parse(text + kOrder)).has_value());
        CHECK(ask_status(*gateway) == 200);
        CHECK(keys_of(a) == "12");
    }
    SECTION("there is no next") {
        const auto gateway =
            start_gateway(text + "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = \"a\"\n");
        const std::string reply = ask(*gateway, sized(kChat));
        CHECK(fakes::status_of(reply) == 502);
        CHECK(reply.find("sk-secret") == std::string::npos);
        CHECK(keys_of(a) == "12");
    }
}
