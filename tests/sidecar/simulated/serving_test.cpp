// The simulated vendors behind a real socket.
#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulated.h"
#include "tests/fakes/client.h"
#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;
using namespace std::chrono_literals;

namespace {

class Mock {
public:
    explicit Mock(const Options& options = {}) : loops_(2, 1) {
        auto started =
            engine::Server::listen({.listen = {"127.0.0.1:0"}}, loops_, make_handler(options));
        REQUIRE(started);
        server_ = std::move(started).take();
    }
    ~Mock() {
        server_->stop();
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (server_->open_connections() > 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
    }
    std::string address() const { return server_->addresses().front(); }

    json log() const {
        fakes::RawClient client(address());
        client.send("GET /__sim/requests HTTP/1.1\r\nHost: a\r\n\r\n");
        return json::parse(fakes::body_of(client.read_reply()));
    }

    // The log, as soon as `is_met` holds, or after ten seconds.
    json log_when(const std::function<bool(const json&)>& is_met) const {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (true) {
            json shown = log();
            if (is_met(shown) || std::chrono::steady_clock::now() > until) return shown;
            std::this_thread::yield();
        }
    }

private:
    engine::LoopSet loops_;
    std::unique_ptr<engine::Server> server_;
};

std::string chat(const std::string& model, bool is_stream) {
    const std::string body = R"({"model":")" + model +
                             R"(","messages":[{"role":"user","content":"Hi"}],"stream":)" +
                             (is_stream ? "true" : "false") + "}";
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-test\r\n"
           "Content-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What a client sees of a fault, up to the end of the connection.
std::string seen(const Mock& mock, const std::string& fault, bool is_stream) {
    fakes::RawClient client(mock.address());
    client.send(chat("sim-fault-" + fault, is_stream));
    return client.read_all();
}

}  // namespace

TEST_CASE("mock: it answers over a socket, plain and streamed", "[simulated]") {
    Mock mock;
    fakes::RawClient client(mock.address());
    client.send(chat("gpt-4o", false));
    const std::string plain = client.read_reply();
    CHECK(fakes::status_of(plain) == 200);
    const json reply = json::parse(fakes::body_of(plain));
    client.send(chat("gpt-4o", true));
    const std::string stream = client.read_reply();
    CHECK(stream.find("transfer-encoding: chunked\r\n") != std::string::npos);
    CHECK(stream.find("content-type: text/event-stream") != std::string::npos);
    const std::string events = fakes::body_of(stream);
    CHECK(events.starts_with("data: {\"id\":" + reply["id"].dump()));
    CHECK(events.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("mock: it remembers what it received", "[simulated]") {
    Mock mock;
    fakes::RawClient client(mock.address());
    client.send(chat("gpt-4o", false));
    (void)client.read_reply();
    client.send(chat("gpt-9", true));
    (void)client.read_reply();
    const json log = mock.log();
    CHECK(log["count"] == 2);
    CHECK(log["open"] == 0);
    CHECK(log["aborted"] == 0);
    REQUIRE(log["requests"].size() == 2);
    CHECK(log["requests"][0]["target"] == "/v1/chat/completions");
    CHECK(log["requests"][0]["headers"][1] == json({"Authorization", "Bearer sk-test"}));
    CHECK(json::parse(log["requests"][0]["body"].get<std::string>())["model"] == "gpt-4o");
    CHECK(log["requests"][1]["status"] == 404);
    client.send("DELETE /__sim/requests HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(fakes::status_of(client.read_reply()) == 204);
    CHECK(mock.log()["count"] == 0);
}

TEST_CASE("mock: it notices a client that goes away", "[simulated]") {
    Mock mock;
    SECTION("in a stream that stalls") {
        fakes::RawClient client(mock.address());
        client.send(chat("sim-fault-stall-stream", true));
        CHECK(client.read_until("\"content\":").find("data: {") != std::string::npos);
        client.close();
    }
    SECTION("before any answer") {
        fakes::RawClient client(mock.address());
        client.send(chat("sim-fault-never", false));
        (void)mock.log_when([](const json& log) { return log["open"] == 1; });
        client.close();
    }
    const json log = mock.log_when([](const json& shown) { return shown["aborted"] == 1; });
    CHECK(log["aborted"] == 1);
    CHECK(log["open"] == 0);
    CHECK(log["requests"][0]["outcome"] == "aborted");
}

TEST_CASE("mock: faults break the connection as they say", "[simulated]") {
    Mock mock;
    SECTION("cut-stream has no end mark") {
        const std::string answer = seen(mock, "cut-stream", true);
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK_FALSE(answer.ends_with("0\r\n\r\n"));
    }
    SECTION("cut-body is shorter than it says") {
        const std::string answer = seen(mock, "cut-body", false);
        const auto at = answer.find("content-length: ");
        REQUIRE(at != std::string::npos);
        const std::size_t promised = std::stoul(answer.substr(at + 16));
        CHECK(answer.size() - answer.find("\r\n\r\n") - 4 == promised - 64);
    }
    SECTION("garbage") {
        CHECK(seen(mock, "garbage", false) ==
              "\x16\x03\x01 this is not the protocol you expect\r\n\r\n");
    }
    SECTION("close") {
        CHECK(seen(mock, "close", false).empty());
    }
    SECTION("bad-chunk") {
        CHECK(seen(mock, "bad-chunk", true).find("\r\nxyzzy\r\n") != std::string::npos);
    }
    SECTION("no-done ends the stream as HTTP wants it") {
        fakes::RawClient client(mock.address());
        client.send(chat("sim-fault-no-done", true));
        const std::string events = fakes::body_of(client.read_reply());
        CHECK(events.find("\"finish_reason\":\"stop\"") != std::string::npos);
        CHECK(events.find("[DONE]") == std::string::npos);
    }
    SECTION("empty-500 has a head and nothing else") {
        fakes::RawClient client(mock.address());
        client.send(chat("sim-fault-empty-500", false));
        const std::string answer = client.read_reply();
        CHECK(fakes::status_of(answer) == 500);
        CHECK(fakes::body_of(answer).empty());
    }
    SECTION("split-bytes comes whole") {
        fakes::RawClient client(mock.address());
        client.send(chat("sim-fault-split-bytes", true));
        CHECK(fakes::body_of(client.read_reply()).ends_with("data: [DONE]\n\n"));
    }
}

TEST_CASE("mock: a pace is kept", "[simulated]") {
    Mock mock({.pace = {.latency = 30ms, .tokens_per_second = 500}});
    fakes::RawClient client(mock.address());
    const auto started = std::chrono::steady_clock::now();
    client.send(chat("sim-tokens-20", true));
    (void)client.read_reply();
    // 27 ms to the first token, then nineteen waits of at least 1.8 ms.
    CHECK(std::chrono::steady_clock::now() - started >= 60ms);
}
