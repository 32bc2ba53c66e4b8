#include "http/client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

using namespace aigw;
using namespace aigw::http;
using std::chrono::milliseconds;

namespace {

// Listens on a free port, takes one connection after the other, and plays a script on each: reads a
// request whole, sends the bytes, closes.
class ScriptedServer {
public:
    explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this] { play(); });
    }
    ~ScriptedServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    // What came, once every answer has been given.
    const std::vector<std::string>& requests() {
        ::shutdown(listener_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        thread_ = std::jthread([] {});
        return requests_;
    }

private:
    void play() {
        for (const std::string& answer : answers_) {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) return;
            requests_.push_back(read_request(peer));
            if (answer == kSilence) {
                char byte = 0;
                while (::recv(peer, &byte, 1, 0) > 0) {
                }
            } else {
                [[maybe_unused]] const auto sent =
                    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            }
            ::close(peer);
        }
    }

    static std::string read_request(int peer) {
        std::string text;
        char buffer[4096];
        for (;;) {
            const std::size_t head = text.find("\r\n\r\n");
            if (head != std::string::npos) {
                const std::size_t field = text.find("Content-Length: ");
                const std::size_t length =
                    field < head ? std::stoul(text.substr(field + 16)) : std::size_t{0};
                if (text.size() >= head + 4 + length) return text;
            }
            const auto count = ::recv(peer, buffer, sizeof(buffer), 0);
            if (count <= 0) return text;
            text.append(buffer, static_cast<std::size_t>(count));
        }
    }

public:
    static constexpr const char* kSilence = "(silence)";

private:
    std::vector<std::string> answers_;
    std::vector<std::string> requests_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::jthread thread_;
};

struct Recorder : ReplySink {
    void on_head(int its_status, const Headers& its_headers) override {
        ++heads;
        status = its_status;
        headers = its_headers;
    }
    bool on_bytes(std::string_view bytes) override {
        body.append(bytes);
        return body.size() < stop_after;
    }
    int heads = 0;
    int status = 0;
    Headers headers;
    std::string body;
    std::size_t stop_after = std::string::npos;
};

std::unique_ptr<BlockingClient> client_of(std::string_view url, ClientOptions options = {}) {
    auto client = BlockingClient::make(url, std::move(options));
    REQUIRE(client);
    return std::move(client).take();
}

// The port in a URL differs from run to run.
std::string without_port(std::string text, std::string_view url) {
    const std::size_t at = text.find(url);
    return at == std::string::npos ? text : text.replace(at, url.size(), "URL");
}

}  // namespace

TEST_CASE("http: a client sends the request as it is and gives the answer as it comes", "[http]") {
    ScriptedServer server(
        {"HTTP/1.1 404 Not Found\r\nX-One: 1\r\nConnection: close\r\nContent-Length: 4\r\n\r\noops",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"});
    const auto client = client_of(server.url() + "/prefix/");
    const Request request{.method = "POST",
                          .target = "/v1/x?a=%20b",
                          .headers = {{"content-type", "application/json"}, {"x-key", "v"}},
                          .body = "{}"};
    Recorder first;
    REQUIRE(client->send(request, first));  // an error status is an answer
    CHECK(first.heads == 1);
    CHECK(first.status == 404);
    CHECK(first.headers.find("x-one") == "1");
    CHECK(first.body == "oops");

    const auto second = client->fetch({.target = "/y"});
    REQUIRE(second);
    CHECK(second->status == 200);
    CHECK(second->body == "abcde");

    const auto& requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].starts_with("POST /prefix/v1/x?a=%20b HTTP/1.1\r\n"));
    CHECK(requests[0].find("x-key: v\r\n") != std::string::npos);
    CHECK(requests[0].ends_with("\r\n\r\n{}"));
    CHECK(requests[1].starts_with("GET /prefix/y HTTP/1.1\r\n"));
}

TEST_CASE("http: a sink that says no cancels the call", "[http]") {
    ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"});
    Recorder sink;
    sink.stop_after = 1;
    const auto sent = client_of(server.url())->send({}, sink);
    REQUIRE_FALSE(sent);
    CHECK(sent.error() == Error{ErrorCode::Cancelled, "the call was cancelled"});
}

TEST_CASE("http: each way to fail has its own words", "[http]") {
    struct Case {
        const char* name;
        const char* answer;
        ErrorCode code;
        const char* message;
    };
    const Case cases[] = {
        {"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012",
         ErrorCode::UpstreamInvalid, "URL closed the connection before its answer was complete"},
        {"cut in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n012",
         ErrorCode::UpstreamInvalid, "URL closed the connection before its answer was complete"},
        {"cut before the head", "", ErrorCode::UpstreamInvalid,
         "URL closed the connection before its answer was complete"},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", ErrorCode::UpstreamInvalid,
         "URL closed the connection before its answer was complete"},
        {"silence", ScriptedServer::kSilence, ErrorCode::UpstreamTimeout,
         "URL sent nothing for 50ms"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            ScriptedServer server({c.answer});
            const auto answer =
                client_of(server.url(), {.read_timeout = milliseconds(50)})->fetch({});
            REQUIRE_FALSE(answer);
            CHECK(answer.error().code == c.code);
            CHECK(without_port(answer.error().message, server.url()) == c.message);
        }
    }
}

TEST_CASE("http: nobody listening is said so", "[http]") {
    std::string url;
    {
        ScriptedServer server({});
        url = server.url();
    }
    const auto answer = client_of(url)->fetch({});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::UpstreamUnreachable);
    CHECK(without_port(render_line(answer.error()), url) ==
          "cannot connect to URL: is the address right, and is something listening there?");
}

TEST_CASE("http: https to a server without TLS is said so", "[http]") {
    ScriptedServer server({"HTTP/1.1 400 Bad Request\r\n\r\n"});
    const std::string url = "https" + server.url().substr(4);
    const auto answer = client_of(url, {.read_timeout = milliseconds(500)})->fetch({});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::UpstreamUnreachable);
    CHECK(without_port(render_line(answer.error()), url) ==
          "no TLS connection to URL: does it speak https?");
}

TEST_CASE("http: a base URL that is none makes no client", "[http]") {
    const auto client = BlockingClient::make("ftp://host/");
    REQUIRE_FALSE(client);
    CHECK(render_line(client.error()) ==
          "\"ftp://host/\" is not a usable URL: it does not begin with http:// or https://: write "
          "it like https://host/path");
}
