// What is the caller's doing never counts against a platform.
#include <functional>
#include <thread>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::RawClient;
using fakes::Script;
using fakes::Upstream;
using std::chrono::milliseconds;

namespace {

const std::string kDelta =
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},\"finish_reason\":"
    "null}],\"usage\":null}\n\n";
const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const Script kGood = {fakes::send(answer(200, kAnswer))};

// More than all buffers between an upstream and a client who does not read.
std::string long_stream() {
    const std::string event =
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" +
        std::string(16'000, 'x') + "\"},\"finish_reason\":null}]}\n\n";
    std::string text;
    for (int i = 0; i < 1'000; ++i) text += chunk(event);
    return text;
}

void send_and_leave(const Gateway& gateway, const Upstream& upstream, const std::string& body,
                    std::string_view wait_for) {
    {
        RawClient client(gateway.addresses().front());
        client.send(sized(body));
        REQUIRE(eventually([&] { return upstream.requests().size() == 1; }));
        if (!wait_for.empty()) client.read_until(wait_for);
    }
    CHECK(upstream.wait_until_peer_closed());
}

// Takes nothing until the time of the answer is over, then all of it.
void read_slowly(const Gateway& gateway) {
    RawClient client(gateway.addresses().front());
    client.send(sized(kChatStream, "Connection: close\r\n"));
    client.read_until(kDelta);
    const auto until = std::chrono::steady_clock::now() + milliseconds(1'300);
    REQUIRE(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
    bool has_ended = false;
    CHECK(client.read_all(has_ended).find("\"error\"") != std::string::npos);
    CHECK(has_ended);
}

std::string anthropic(const std::string& body) {
    return "POST /v1/messages HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\nX-Aigw-Strict: 1\r\n"
           "Content-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("gateway: what callers do wrong never counts against a platform", "[gateway]") {
    const std::string unsayable =
        R"({"model":"gpt-4o","max_tokens":9,"top_k":5,"messages":[{"role":"user","content":"hi"}]})";
    const Script stream_and_hold = {fakes::send(kStreamHead + chunk(kDelta)), fakes::hold()};
    const Script long_and_hold = {fakes::send(kStreamHead + chunk(kDelta) + long_stream()),
                                  fakes::hold()};
    struct Case {
        const char* name;
        std::vector<Script> script;  // of the first platform
        std::function<void(const Gateway&, const Upstream&)> act;
        std::size_t calls;  // of the first platform that came of it
    };
    const auto refused_with = [](int status, const std::string& bytes) {
        return [status, bytes](const Gateway& gateway, const Upstream&) {
            for (int i = 0; i < 3; ++i) CHECK(fakes::status_of(ask(gateway, bytes)) == status);
        };
    };
    const Case cases[] = {
        {"the client leaves before an answer",
         {{fakes::hold()}, kGood},
         [](const Gateway& gateway, const Upstream& a) { send_and_leave(gateway, a, kChat, ""); },
         1},
        {"the client leaves in the middle of a stream",
         {stream_and_hold, kGood},
         [](const Gateway& gateway, const Upstream& a) {
             send_and_leave(gateway, a, kChatStream, kDelta);
         },
         1},
        {"the client reads slowly",
         {long_and_hold, kGood},
         [](const Gateway& gateway, const Upstream&) { read_slowly(gateway); },
         1},
        {"a body that is no JSON", {kGood}, refused_with(400, sized("{\"model\":")), 0},
        {"a body without messages", {kGood}, refused_with(400, sized("[]")), 0},
        {"a body that is too large",
         {kGood},
         refused_with(413, kChatHead + "Content-Length: 99999999\r\n\r\n"),
         0},
        {"what the platform can't be told, where that is refused",
         {kGood},
         refused_with(400, anthropic(unsayable)),
         0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream a(c.script);
            Upstream b({kGood});
            const auto gateway = start_gateway(
                one_caller() +
                platform("a", a.url("/v1"),
                         "health = { failures = 1 }\ntimeouts = { total = \"1s\" }\n") +
                platform("b", b.url("/v1")) +
                "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n");
            c.act(*gateway, a);
            CHECK(a.requests().size() == c.calls);
            CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
            CHECK(a.requests().size() == c.calls + 1);
            CHECK(b.requests().empty());
        }
    }
}

TEST_CASE("gateway: a request that is refused here takes no probe's place", "[gateway]") {
    const Script failing = {fakes::send(answer(500, R"({"error":{"message":"no"}})"))};
    Upstream a({failing, kGood});
    Upstream b({kGood});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", a.url("/v1"), "health = { failures = 1, open_for = \"1ms\" }\n") +
        platform("b", b.url("/v1")) +
        "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n");
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    REQUIRE(b.requests().size() == 1);
    const auto until = std::chrono::steady_clock::now() + milliseconds(5);
    REQUIRE(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
    CHECK(fakes::status_of(ask(*gateway, sized("{"))) == 400);
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(a.requests().size() == 2);
}

TEST_CASE("gateway: whose account pays is the platform's word, never the caller's", "[gateway]") {
    Upstream a({kGood});
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", a.url("/v1"), "headers = { \"OpenAI-Organization\" = \"org-own\" }\n"));
    ask(*gateway, sized(kChat,
                        "OpenAI-Organization: org-else\r\nopenai-project: proj-else\r\n"
                        "OpenAI-Beta: passes\r\n"));
    REQUIRE(a.requests().size() == 1);
    const std::string request = a.requests().front();
    CHECK(request.find("OpenAI-Organization: org-own\r\n") != std::string::npos);
    CHECK(request.find("OpenAI-Beta: passes\r\n") != std::string::npos);
    CHECK(request.find("-else") == std::string::npos);
}
