#include "sidecar/engine/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>

#include "sidecar/engine/timer_wheel.h"
#include "sidecar/engine/upstream.h"
#include "tests/fakes/client.h"
#include "tests/fakes/upstream.h"
#include "tests/sidecar/engine/on_loop.h"

using namespace aigw;
using namespace aigw::engine;
using namespace std::chrono_literals;

namespace {

// Answers with what it was asked: method, path, body.
Task<Reply> echo(Call& call) {
    const std::string line =
        std::string(call.head().method) + " " + std::string(call.head().path) + " ";
    auto body = co_await call.body();
    if (!body) {
        co_return Reply{.status = body.error().http_status(), .body = body.error().message};
    }
    co_return Reply{.status = 200,
                    .headers = {{"content-type", "text/plain"}},
                    .body = line + std::string(*body)};
}

struct Running {
    explicit Running(Handler handler, ServerOptions options = {}) : loops(2, 1) {
        if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
        auto started = Server::listen(std::move(options), loops, std::move(handler));
        REQUIRE(started);
        server = std::move(started).take();
    }
    ~Running() {
        server->stop();
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (server->open_connections() > 0 && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
    }
    std::string address() const { return server->addresses().front(); }

    LoopSet loops;
    std::unique_ptr<Server> server;
};

class CountingSource : public BodySource {
public:
    CountingSource(Loop& loop, int count) : loop_(loop), count_(count) {}
    Task<Result<Chunk>> next() override {
        co_await loop_.sleep(1ms);
        text_ = "event " + std::to_string(sent_) + "\n";
        co_return Chunk{text_, ++sent_ == count_};
    }
    void cancel() override {}

private:
    Loop& loop_;
    int count_;
    int sent_ = 0;
    std::string text_;
};

// Has 64 MiB to give and counts what was taken.
class LargeSource : public BodySource {
public:
    static constexpr std::size_t kPieces = 4096;
    static constexpr std::size_t kPiece = 16 * 1024;
    struct Seen {
        std::atomic<std::size_t> taken{0};
        std::atomic<bool> is_gone{false};
    };

    explicit LargeSource(Seen& seen) : seen_(seen), text_(kPiece, 'x') {}
    ~LargeSource() override {
        seen_.is_gone = true;
        seen_.is_gone.notify_all();
    }
    Task<Result<Chunk>> next() override { co_return Chunk{text_, ++seen_.taken == kPieces}; }
    void cancel() override {}

private:
    Seen& seen_;
    std::string text_;
};

std::string post(const std::string& body, const std::string& extra = "") {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + extra +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Fetched {
    Error error{};
    int status = 0;
    std::string body{};
};

Task<Fetched> fetch(Loop& loop, std::string url, UpstreamTimeouts timeouts = {}) {
    const http::Url target = *http::parse_url(url);
    UpstreamCall call(loop.upstreams().pool(target), timeouts);
    const std::array<std::string_view, 1> pieces{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"};
    auto head = co_await call.send(pieces);
    if (!head) co_return Fetched{.error = head.error()};
    const int status = (*head)->status;
    auto body = co_await call.read_all(1 << 20);
    if (!body) co_return Fetched{.error = body.error(), .status = status};
    co_return Fetched{.status = status, .body = *body};
}

constexpr const char* kHello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("server: answers one request after another on one connection", "[engine]") {
    Running running(echo);
    fakes::RawClient client(running.address());
    for (int i = 0; i < 3; ++i) {
        client.send(post("hello " + std::to_string(i)));
        const std::string reply = client.read_reply();
        CHECK(fakes::status_of(reply) == 200);
        CHECK(fakes::body_of(reply) == "POST /echo hello " + std::to_string(i));
    }
}

TEST_CASE("server: pipelined requests are answered in order", "[engine]") {
    Running running(echo);
    fakes::RawClient client(running.address());
    client.send(post("one") + post("two") + "GET /three HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(fakes::body_of(client.read_reply()) == "POST /echo one");
    CHECK(fakes::body_of(client.read_reply()) == "POST /echo two");
    CHECK(fakes::body_of(client.read_reply()) == "GET /three ");
}

TEST_CASE("server: a body may come in any pieces, sized or chunked", "[engine]") {
    Running running(echo);
    const std::string large(200'000, 'x');
    fakes::RawClient client(running.address());
    client.send(post(large));
    CHECK(fakes::body_of(client.read_reply()) == "POST /echo " + large);
    client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    client.send("1;ext\r\n!\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(fakes::body_of(client.read_reply()) == "POST /c hello!");
    CHECK(fakes::body_of(client.read_reply()) == "GET /next ");
}

TEST_CASE("server: a client that expects 100-continue is told to go on", "[engine]") {
    Running running(echo);
    fakes::RawClient client(running.address());
    client.send("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(client.read_until("POST /e ok").find("200 OK") != std::string::npos);
}

TEST_CASE("server: a malformed request is told so and the connection ends", "[engine]") {
    Running running(echo);
    fakes::RawClient client(running.address());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    const std::string reply = client.read_all();
    CHECK(fakes::status_of(reply) == 400);
    CHECK(reply.find("connection: close\r\n") != std::string::npos);
    CHECK(
        fakes::body_of(reply) ==
        R"({"error":{"message":"the request is malformed: it has more than one Host","type":"invalid_request_error","param":null,"code":"malformed_http"}})");
}

TEST_CASE("server: a body over the limit is refused before it is read", "[engine]") {
    ServerOptions options;
    options.max_body_bytes = 1000;
    Running running(echo, options);
    fakes::RawClient client(running.address());
    client.send("POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    CHECK(fakes::status_of(client.read_all()) == 413);
    fakes::RawClient chunked(running.address());
    chunked.send("POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                 std::string(1001, 'a'));
    CHECK(fakes::status_of(chunked.read_all()) == 413);
}

TEST_CASE("server: what follows a chunked body leaves the head before it as it was", "[engine]") {
    Running running([](Call& call) -> Task<Reply> {
        const auto body = co_await call.body();
        std::string seen = std::string(call.head().method) + " " + std::string(call.head().path);
        for (const FieldView& field : call.head().fields)
            seen += "|" + std::string(field.name) + "=" + std::string(field.value);
        co_return Reply{.status = 200, .body = seen + "|" + (body ? std::string(*body) : "-")};
    });
    fakes::RawClient client(running.address());
    const std::string fields = "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
    client.send("POST /first HTTP/1.1\r\nHost: a\r\nX-Mine: one\r\n" + fields);
    CHECK(client.read_reply() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(
        "2\r\nhi\r\n0\r\n\r\nGET /second?and=more HTTP/1.1\r\nHost: b\r\nX-Yours: two\r\n\r\n");
    CHECK(fakes::body_of(client.read_reply()) ==
          "POST /first|Host=a|X-Mine=one|Transfer-Encoding=chunked|Expect=100-continue|hi");
    CHECK(fakes::body_of(client.read_reply()) == "GET /second|Host=b|X-Yours=two|");
}

TEST_CASE("server: a reply that ends the connection says so, and no body is asked for in vain",
          "[engine]") {
    struct Case {
        const char* name;
        std::string fields;
        std::string body;  // what is sent of it
        bool closes;
    };
    const Case cases[] = {
        {"no body", "\r\n", "", false},
        {"a small body", "Content-Length: 5\r\n\r\n", "hello", false},
        {"the most that is read over", "Content-Length: 65536\r\n\r\n", std::string(65536, 'x'),
         false},
        {"a large body", "Content-Length: 65537\r\n\r\n", "", true},
        {"chunks", "Transfer-Encoding: chunked\r\n\r\n", "", true},
        {"a body that waits for 100", "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", "",
         true},
    };
    Running running([](Call&) -> Task<Reply> { co_return Reply{.status = 404, .body = "no"}; });
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            fakes::RawClient client(running.address());
            client.send("POST / HTTP/1.1\r\nHost: a\r\n" + c.fields + c.body);
            const std::string reply = client.read_reply();
            CHECK(fakes::status_of(reply) == 404);
            CHECK((reply.find("connection: close\r\n") != std::string::npos) == c.closes);
            if (c.closes) {
                bool ended = false;
                CHECK(client.read_all(ended).empty());
                CHECK(ended);
            } else {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                CHECK(fakes::body_of(client.read_reply()) == "no");
            }
        }
    }
}

TEST_CASE("server: a refusal reaches a client that is still sending", "[engine]") {
    ServerOptions options;
    options.max_body_bytes = 1000;
    Running running(echo, options);
    const std::string body(8 << 20, 'x');
    struct Case {
        const char* name;
        std::string bytes;
        int status;
    };
    const Case cases[] = {
        {"a body that is too large", post(body), 413},
        {"a head that is no HTTP", "GET / HTTP/9.9\r\n\r\n" + body, 505},
        {"a head without an end", "GET / HTTP/1.1\r\nX: " + body, 431},
        {"a chunk that is none",
         "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body, 400},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            fakes::RawClient client(running.address());
            CHECK(client.send(c.bytes));
            client.finish_sending();
            bool ended = false;
            CHECK(fakes::status_of(client.read_all(ended)) == c.status);
            CHECK(ended);
        }
    }
}

TEST_CASE("server: a malformed request after a HEAD is told so with a body", "[engine]") {
    Running running(echo);
    fakes::RawClient client(running.address());
    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string head = client.read_until("\r\n\r\n");
    CHECK(head.find("content-length: 8\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    fakes::RawClient other(running.address());
    other.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /\n");
    CHECK(other.read_all().ends_with(
        R"({"error":{"message":"the request is malformed: it has a line that ends in a bare line feed","type":"invalid_request_error","param":null,"code":"malformed_http"}})"));
}

TEST_CASE("server: bodies that are held together stay below one bound, and give it back",
          "[engine]") {
    ServerOptions options;
    options.max_buffered_bytes = 100'000;
    std::atomic<int> held{0};
    std::atomic<bool> release{false};
    Running running(
        [&](Call& call) -> Task<Reply> {
            const auto body = co_await call.body();
            if (!body) {
                co_return Reply{.status = body.error().http_status(), .body = body.error().message};
            }
            if (call.head().path == "/hold") {
                ++held;
                while (!release) co_await call.loop().sleep(1ms);
            }
            co_return Reply{.status = 200, .body = std::to_string(body->size())};
        },
        options);
    const auto sized = [](const std::string& path, std::size_t size) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
               "\r\n\r\n" + std::string(size, 'x');
    };
    const std::string chunks =
        "POST /now HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4e20\r\n" +
        std::string(20'000, 'x') + "\r\n0\r\n\r\n";
    fakes::RawClient holder(running.address());
    holder.send(sized("/hold", 90'000));
    while (held == 0) std::this_thread::yield();

    fakes::RawClient client(running.address());
    for (int i = 0; i < 3; ++i) {  // none of them takes anything of what is left
        client.send(sized("/now", 20'000));
        const std::string refused = client.read_reply();
        CHECK(fakes::status_of(refused) == 503);
        CHECK(fakes::body_of(refused) == "too many request bodies are being read at once");
    }
    fakes::RawClient chunked(running.address());
    chunked.send(chunks);
    const std::string refused = chunked.read_all();
    CHECK(fakes::status_of(refused) == 503);
    CHECK(refused.find("connection: close\r\n") != std::string::npos);
    client.send(sized("/now", 8'000));
    CHECK(fakes::body_of(client.read_reply()) == "8000");

    release = true;
    CHECK(fakes::body_of(holder.read_reply()) == "90000");
    for (const std::string& bytes : {sized("/now", 20'000), chunks, sized("/now", 99'000)}) {
        client.send(bytes);
        CHECK(fakes::status_of(client.read_reply()) == 200);
    }
}

TEST_CASE("server: a client that goes away after a body that came slowly is noticed", "[engine]") {
    std::atomic<bool> gone{false};
    std::atomic<bool> has_body{false};
    Running running([&](Call& call) -> Task<Reply> {
        call.on_gone([&gone] { gone = true; });
        const auto body = co_await call.body();
        has_body = true;
        while (!gone) co_await call.loop().sleep(1ms);
        co_return Reply{};
    });
    {
        fakes::RawClient client(running.address());
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000002\r\n\r\nhe");
        // Longer than it takes until clients are watched.
        std::this_thread::sleep_for(60ms);
        client.send(std::string(4'000'000, 'x'));
        while (!has_body) std::this_thread::yield();
    }
    const auto until = std::chrono::steady_clock::now() + 9s;
    while (!gone && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(gone);
    gone = true;
}

TEST_CASE("server: a head that does not come in time is answered 408", "[engine]") {
    ServerOptions options;
    options.header_timeout = 50ms;
    Running running(echo, options);
    fakes::RawClient client(running.address());
    client.send("GET / HTTP/1.1\r\nHo");
    CHECK(fakes::status_of(client.read_all()) == 408);
}

TEST_CASE("server: a streamed reply is chunked, and a plain one for HTTP/1.0", "[engine]") {
    Running running([](Call& call) -> Task<Reply> {
        Reply reply;
        reply.body = std::make_unique<CountingSource>(call.loop(), 3);
        co_return reply;
    });
    fakes::RawClient client(running.address());
    client.send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string reply = client.read_reply();
    CHECK(fakes::body_of(reply) == "event 0\nevent 1\nevent 2\n");
    CHECK(reply.ends_with("\r\n0\r\n\r\n"));
    client.send("GET /s HTTP/1.0\r\n\r\n");
    CHECK(client.read_all().ends_with("\r\n\r\nevent 0\nevent 1\nevent 2\n"));
}

TEST_CASE("server: a client that does not read stops its source, and is cut after a while",
          "[engine]") {
    LargeSource::Seen seen;
    Running running(
        [&seen](Call&) -> Task<Reply> {
            Reply reply;
            reply.body = std::make_unique<LargeSource>(seen);
            co_return reply;
        },
        {.write_timeout = 300ms});
    fakes::RawClient client(running.address());
    client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    seen.is_gone.wait(false);
    // What the kernel holds for both ends, and one piece: nothing piles up in the gateway.
    CHECK(seen.taken < LargeSource::kPieces / 4);
    CHECK(client.read_all().find("\r\n0\r\n\r\n") == std::string::npos);
}

TEST_CASE("server: a client that goes away is noticed while its reply is awaited", "[engine]") {
    std::atomic<bool> gone{false};
    Running running([&gone](Call& call) -> Task<Reply> {
        gone = co_await call.wait_for_close(10s);
        co_return Reply{};
    });
    {
        fakes::RawClient client(running.address());
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        while (running.server->busy_connections() == 0) std::this_thread::yield();
    }
    const auto until = std::chrono::steady_clock::now() + 9s;
    while (!gone && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(gone);
}

TEST_CASE("server: draining ends idle connections after a last call and lets replies finish",
          "[engine]") {
    std::atomic<bool> release{false};
    Running running([&release](Call& call) -> Task<Reply> {
        while (!release) co_await call.loop().sleep(1ms);
        co_return Reply{.body = std::string("late")};
    });
    fakes::RawClient idle(running.address());
    fakes::RawClient busy(running.address());
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (running.server->busy_connections() == 0 || running.server->open_connections() < 2)
        std::this_thread::yield();
    fakes::RawClient late(running.address());
    running.server->drain(200ms);
    late.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");  // it cannot know
    CHECK(idle.read_all().empty());
    CHECK_FALSE(running.server->is_drained());
    release = true;
    CHECK(fakes::body_of(late.read_all()) == "late");
    const std::string reply = busy.read_all();
    CHECK(fakes::body_of(reply) == "late");
    CHECK(reply.find("connection: close\r\n") != std::string::npos);
    while (!running.server->is_drained()) std::this_thread::yield();
    CHECK_FALSE(fakes::RawClient(running.address()).is_connected());
}

TEST_CASE("server: an interrupted handler still answers", "[engine]") {
    Running running([](Call& call) -> Task<Reply> {
        bool is_over = false;
        call.on_gone([&is_over] { is_over = true; });
        while (!is_over) co_await call.loop().sleep(1ms);
        co_return Reply{.body = std::string(call.is_interrupted() ? "stopping" : "gone")};
    });
    fakes::RawClient client(running.address());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (running.server->busy_connections() == 0) std::this_thread::yield();
    running.server->drain(0ms);
    running.server->interrupt();
    CHECK(fakes::body_of(client.read_all()) == "stopping");
}

TEST_CASE("server: a second one on the same address fails to start", "[engine]") {
    Running running(echo);
    LoopSet loops(1, 2);
    const auto second = Server::listen({.listen = {running.address()}}, loops, echo);
    REQUIRE_FALSE(second);
    CHECK(render_line(second.error()) == "cannot listen on " + running.address() +
                                             ": Address already in use: is another gateway "
                                             "running? choose another address with --listen");
}

TEST_CASE("server: listens on IPv6, and calls upstreams there", "[engine]") {
    ServerOptions options;
    options.listen = {"[::1]:0", "127.0.0.1:0"};
    Running running(
        [](Call& call) -> Task<Reply> {
            co_return Reply{.status = 200, .body = std::string(call.peer())};
        },
        options);
    const std::string address = running.address();
    REQUIRE(address.starts_with("[::1]:"));
    fakes::RawClient client(address);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(fakes::body_of(client.read_reply()) == "::1");
    const auto fetched =
        run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, "http://" + address); });
    CHECK(fetched.body == "::1");
}

TEST_CASE("server: a connection too many is told so, and the others stay", "[engine]") {
    ServerOptions options;
    options.max_connections = 2;
    Running running(echo, options);
    fakes::RawClient first(running.address());
    auto second = std::make_unique<fakes::RawClient>(running.address());
    for (fakes::RawClient* client : {&first, second.get()}) {
        client->send(post("hi"));
        CHECK(fakes::body_of(client->read_reply()) == "POST /echo hi");
    }
    for (int i = 0; i < 3; ++i) {
        fakes::RawClient third(running.address());
        // It has begun to send when it is told.
        const bool is_sent = third.send(post(std::string(100'000, 'x')));
        bool ended = false;
        const std::string reply = third.read_all(ended);
        CHECK(is_sent);
        CHECK(ended);
        CHECK(reply.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        CHECK(reply.find("\r\nretry-after: 1\r\n") != std::string::npos);
        CHECK(
            fakes::body_of(reply) ==
            R"({"error":{"message":"too many connections: try again in a moment","type":"server_error","param":null,"code":"overloaded"}})");
    }
    first.send(post("still"));
    CHECK(fakes::body_of(first.read_reply()) == "POST /echo still");
    second.reset();
    while (running.server->open_connections() > 1) std::this_thread::yield();
    fakes::RawClient fourth(running.address());
    fourth.send(post("in"));
    CHECK(fakes::body_of(fourth.read_reply()) == "POST /echo in");
}

TEST_CASE("server: thousands of idle connections are held, and forgotten when they go",
          "[engine]") {
    const auto before = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    rlimit most{};
    ::getrlimit(RLIMIT_NOFILE, &most);
    // Both ends are in this process.
    const std::size_t count = std::min<std::size_t>(8'000, (most.rlim_cur - 200) / 2);
    Running running(echo);
    std::vector<std::unique_ptr<fakes::RawClient>> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<fakes::RawClient>(running.address()));
        REQUIRE(clients.back()->is_connected());
        clients.back()->send("GET /" + std::to_string(i));
    }
    while (running.server->open_connections() < count) std::this_thread::yield();
    for (std::size_t i = 0; i < count; i += count / 10) {
        clients[i]->send(" HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(fakes::body_of(clients[i]->read_reply()) == "GET /" + std::to_string(i) + " ");
    }
    clients.clear();
    while (running.server->open_connections() > 0) std::this_thread::yield();
    CHECK(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}) <= before + 10);
}

TEST_CASE("server: listens on a Unix socket and takes over a dead one", "[engine]") {
    const std::string path = "/tmp/aigw-test-" + std::to_string(::getpid()) + ".sock";
    for (int round = 0; round < 2; ++round) {
        ServerOptions options;
        options.listen = {"unix:" + path};
        Running running(echo, options);
        fakes::RawClient client("unix:" + path);
        client.send("GET /u HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(fakes::body_of(client.read_reply()) == "GET /u ");
    }
}

TEST_CASE("upstream: connections are kept and used again", "[engine]") {
    fakes::Upstream upstream({{fakes::send(kHello)}});
    const int good = run_on_loop<int>([&](Loop& loop) -> Task<int> {
        int count = 0;
        for (int i = 0; i < 5; ++i) {
            const Fetched fetched = co_await fetch(loop, upstream.url());
            if (fetched.body == "hello") ++count;
        }
        co_return count;
    });
    CHECK(good == 5);
    CHECK(upstream.connections() == 1);
}

TEST_CASE("upstream: a stale pooled connection is replaced once", "[engine]") {
    fakes::Upstream upstream({{fakes::send(kHello), fakes::hang_up()}});
    const int good = run_on_loop<int>([&](Loop& loop) -> Task<int> {
        int count = 0;
        for (int i = 0; i < 4; ++i) {
            const Fetched fetched = co_await fetch(loop, upstream.url());
            if (fetched.body == "hello") ++count;
        }
        co_return count;
    });
    CHECK(good == 4);
}

TEST_CASE("upstream: a call is repeated on a fresh connection once, and only when no byte came",
          "[engine]") {
    const auto twice = [](const fakes::Upstream& upstream) {
        return run_on_loop<std::string>([&](Loop& loop) -> Task<std::string> {
            const Fetched first = co_await fetch(loop, upstream.url());
            const Fetched second = co_await fetch(loop, upstream.url());
            co_return first.body + "|" + second.body + "|" + second.error.message;
        });
    };
    const auto place = [](const fakes::Upstream& upstream) {
        return "127.0.0.1:" + std::to_string(upstream.port());
    };
    const fakes::Script good{fakes::send(kHello)};
    fakes::Upstream once({good, {fakes::hang_up()}, good});
    CHECK(twice(once) == "hello|hello|");
    CHECK(once.requests().size() == 3);
    fakes::Upstream reset({good, {fakes::reset()}, good});
    CHECK(twice(reset) == "hello|hello|");
    fakes::Upstream always({good, {fakes::hang_up()}});
    CHECK(twice(always) == "hello||" + place(always) + " closed the connection without an answer");
    CHECK(always.requests().size() == 3);
    fakes::Upstream begun({good, {fakes::send("HTTP/1.1 2"), fakes::hang_up()}, good});
    CHECK(twice(begun) == "hello||" + place(begun) + " closed the connection without an answer");
    CHECK(begun.requests().size() == 2);
}

TEST_CASE("upstream: each failure has its own error", "[engine]") {
    struct Case {
        const char* name;
        fakes::Script script;
        ErrorCode code;
        const char* message;  // after the address
    };
    const Case cases[] = {
        {"hangs up at once",
         {fakes::hang_up()},
         ErrorCode::UpstreamUnreachable,
         " closed the connection without an answer"},
        {"not HTTP",
         {fakes::send("garbage\r\n\r\n")},
         ErrorCode::UpstreamInvalid,
         " sent a status line that is not HTTP/1.1"},
        {"half a head",
         {fakes::send("HTTP/1.1 200"), fakes::hang_up()},
         ErrorCode::UpstreamInvalid,
         " closed the connection without an answer"},
        {"short body",
         {fakes::send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"), fakes::hang_up()},
         ErrorCode::UpstreamInvalid,
         " closed the connection in the middle of its answer"},
        {"bad chunk",
         {fakes::send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")},
         ErrorCode::UpstreamInvalid,
         " sent a malformed chunk"},
        {"cut chunks",
         {fakes::send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"),
          fakes::hang_up()},
         ErrorCode::UpstreamInvalid,
         " closed the connection in the middle of its answer"},
        {"switches protocols",
         {fakes::send("HTTP/1.1 101 Switching Protocols\r\n\r\n")},
         ErrorCode::UpstreamInvalid,
         " switched protocols unasked"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            fakes::Upstream upstream({c.script});
            const auto fetched =
                run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, upstream.url()); });
            CHECK(fetched.error.code == c.code);
            CHECK(fetched.error.message ==
                  "127.0.0.1:" + std::to_string(upstream.port()) + c.message);
        }
    }
}

TEST_CASE("upstream: interim answers are passed over, a body may end with the connection",
          "[engine]") {
    fakes::Upstream upstream({{fakes::send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early "
                                           "Hints\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall of it"),
                               fakes::hang_up()}});
    const auto fetched =
        run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, upstream.url()); });
    CHECK(fetched.status == 200);
    CHECK(fetched.body == "all of it");
}

TEST_CASE("upstream: each wait has its own limit", "[engine]") {
    const UpstreamTimeouts first{.first_byte = 40ms};
    fakes::Upstream silent({{fakes::hold()}});
    const auto unanswered =
        run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, silent.url(), first); });
    CHECK(unanswered.error.code == ErrorCode::UpstreamTimeout);
    CHECK(unanswered.error.message ==
          "no answer from 127.0.0.1:" + std::to_string(silent.port()) + " within 40ms");

    const UpstreamTimeouts idle{.idle = 40ms};
    fakes::Upstream stalling(
        {{fakes::send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"), fakes::hold()}});
    const auto stalled =
        run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, stalling.url(), idle); });
    CHECK(stalled.error.message ==
          "no further data from 127.0.0.1:" + std::to_string(stalling.port()) + " within 40ms");

    const UpstreamTimeouts total{.total = 40ms};
    const auto late =
        run_on_loop<Fetched>([&](Loop& loop) { return fetch(loop, stalling.url(), total); });
    CHECK(late.error.message ==
          "no whole answer from 127.0.0.1:" + std::to_string(stalling.port()) + " within 40ms");
}

TEST_CASE("upstream: a connection that does not come about has a limit, too", "[engine]") {
    // A listener whose queue is full lets further clients wait.
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 0) == 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    const int waiting = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(waiting, reinterpret_cast<sockaddr*>(&address), size) == 0);
    const std::string place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    const auto fetched = run_on_loop<Fetched>(
        [&](Loop& loop) { return fetch(loop, "http://" + place, {.connect = 50ms}); });
    CHECK(fetched.error.code == ErrorCode::UpstreamTimeout);
    CHECK(fetched.error.message == "no connection from " + place + " within 50ms");
    ::close(waiting);
    ::close(listener);
}

TEST_CASE("upstream: nobody there is said plainly", "[engine]") {
    std::uint16_t port = 0;
    {
        port = fakes::Upstream({{fakes::hang_up()}}).port();
    }
    const auto fetched = run_on_loop<Fetched>(
        [&](Loop& loop) { return fetch(loop, "http://127.0.0.1:" + std::to_string(port)); });
    CHECK(fetched.error.code == ErrorCode::UpstreamUnreachable);
    CHECK(fetched.error.message ==
          "could not connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST_CASE("timers: fire in order, never early, and a later deadline moves them", "[engine]") {
    const auto order = run_on_loop<std::string>([](Loop& loop) -> Task<std::string> {
        std::string fired;
        const auto start = Timer::Clock::now();
        std::vector<Timer::Clock::duration> early;
        const auto make = [&](char name, std::chrono::milliseconds due) {
            return std::make_unique<Timer>(loop.timers(), [&fired, &early, name, start, due] {
                fired.push_back(name);
                if (Timer::Clock::now() < start + due) early.push_back(due);
            });
        };
        auto a = make('a', 30ms);
        auto b = make('b', 60ms);
        auto c = make('c', 90ms);
        auto d = make('d', 2100ms);  // beyond the near wheel
        auto e = make('e', 20ms);
        d->set(start + 2100ms);
        c->set(start + 90ms);
        a->set(start + 30ms);
        b->set(start + 10ms);
        b->set(start + 60ms);
        e->set(start + 20ms);
        e->clear();
        while (fired.size() < 4) co_await loop.sleep(5ms);
        co_return fired + (early.empty() ? "" : " early");
    });
    CHECK(order == "abcd");
}
