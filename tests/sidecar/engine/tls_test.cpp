// TLS both ways. Upstreams: certificates are verified, names are checked. Clients: HTTP/1.1 over
// TLS, client certificates, files read again.
#include <cstdlib>

#include <array>
#include <catch2/catch.hpp>

#include "http/client.h"
#include "sidecar/engine/server.h"
#include "sidecar/engine/upstream.h"
#include "tests/fakes/client.h"
#include "tests/fakes/tls_server.h"
#include "tests/sidecar/engine/on_loop.h"

using namespace aigw;
using namespace aigw::engine;

namespace {

// The bodies of `times` calls in a row, or the message of the first failure.
Task<std::string> fetch(Loop& loop, std::string url, int times) {
    const http::Url target = *http::parse_url(url);
    std::string all;
    for (int i = 0; i < times; ++i) {
        UpstreamCall call(loop.upstreams().pool(target), {});
        const std::array<std::string_view, 1> pieces{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"};
        auto head = co_await call.send(pieces);
        if (!head) co_return head.error().message;
        auto body = co_await call.read_all(1000);
        if (!body) co_return body.error().message;
        all += *body;
    }
    co_return all;
}

std::string fetch_on_loop(const std::string& url, int times) {
    return run_on_loop<std::string>([&](Loop& loop) { return fetch(loop, url, times); });
}

Task<Reply> echo_body(Call& call) {
    auto body = co_await call.body();
    if (!body) co_return Reply{.status = body.error().http_status(), .body = body.error().message};
    co_return Reply{.status = 200, .body = std::string(*body)};
}

// A server with TLS on a loop of its own, asked by a blocking client.
struct TlsListener {
    explicit TlsListener(const TlsFiles& files) : loops(1, 1) {
        auto started = Server::listen({.listen = {"127.0.0.1:0"}, .tls = files}, loops, &echo_body);
        if (!started) FAIL(render_line(started.error()));
        server = std::move(started).take();
    }
    ~TlsListener() {
        server->stop();
        while (server->open_connections() > 0) std::this_thread::yield();
    }
    std::string address() const { return server->addresses().front(); }
    Result<http::Response> ask(const std::string& ca_file,
                               const std::string& body = "hello") const {
        auto client = http::BlockingClient::make("https://" + address(), {.ca_file = ca_file});
        REQUIRE(client);
        return (*client)->fetch({.method = "POST", .target = "/", .body = body});
    }

    LoopSet loops;
    std::unique_ptr<Server> server;
};

}  // namespace

TEST_CASE("tls: a listener with a certificate speaks HTTPS", "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    const TlsListener listener({.cert = files.cert(), .key = files.key()});
    for (const std::string& body : {std::string("hello"), std::string(1 << 20, 'x')}) {
        const auto reply = listener.ask(files.cert(), body);
        REQUIRE(reply);
        CHECK(reply->body == body);
    }
}

TEST_CASE("tls: plain HTTP to an HTTPS listener is told so", "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    const TlsListener listener({.cert = files.cert(), .key = files.key()});
    fakes::RawClient client(listener.address());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string reply = client.read_all();
    CHECK(fakes::status_of(reply) == 400);
    CHECK(reply.find("this address speaks HTTPS") != std::string::npos);
    fakes::RawClient garbage(listener.address());
    garbage.send(std::string("\x16\x03\x01\x00\x05nonsense", 13));
    CHECK(garbage.read_all().find("HTTP/1.1") == std::string::npos);
}

TEST_CASE("tls: a listener that asks for client certificates refuses strangers", "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    const fakes::CertificateFiles clients("DNS:client.example");
    const TlsListener listener(
        {.cert = files.cert(), .key = files.key(), .client_ca = clients.cert()});
    CHECK_FALSE(listener.ask(files.cert()));
    httplib::SSLClient known("127.0.0.1", std::stoi(listener.address().substr(10)), clients.cert(),
                             clients.key());
    known.set_ca_cert_path(files.cert());
    const auto reply = known.Post("/", "hello", "text/plain");
    REQUIRE(reply);
    CHECK(reply->body == "hello");
}

TEST_CASE("tls: certificates are read again, and bad ones change nothing", "[engine]") {
    fakes::CertificateFiles files("IP:127.0.0.1");
    const TlsFiles paths{.cert = files.cert(), .key = files.key()};
    const TlsListener listener(paths);
    CHECK(listener.ask(files.cert()));
    files.renew("IP:127.0.0.1");
    CHECK_FALSE(listener.ask(files.cert()));  // the old one is still shown
    CHECK(listener.server->read_certificates(paths));
    CHECK(listener.ask(files.cert()));
    const auto missing = listener.server->read_certificates({.cert = "/nowhere.crt", .key = ""});
    REQUIRE_FALSE(missing);
    CHECK(render_line(missing.error()) ==
          "cannot use /nowhere.crt: No such file or directory: correct server.tls.cert");
    CHECK(listener.ask(files.cert()));
}

TEST_CASE("tls: files that do not fit are named", "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    const fakes::CertificateFiles others("IP:127.0.0.1");
    struct Row {
        const char* name;
        TlsFiles files;
        std::string error;
    };
    const Row rows[] = {
        {"key of another certificate",
         {.cert = files.cert(), .key = others.key()},
         "cannot use " + others.key() +
             ": it is the key of another certificate: correct server.tls.key"},
        {"certificate for a key",
         {.cert = files.cert(), .key = files.cert()},
         "cannot use " + files.cert() +
             ": it holds no private key in PEM form: correct server.tls.key"},
        {"no file for clients",
         {.cert = files.cert(), .key = files.key(), .client_ca = "/nowhere.crt"},
         "cannot use /nowhere.crt: No such file or directory: correct server.tls.client_ca"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const auto made = TlsServer::make(row.files);
            REQUIRE_FALSE(made);
            CHECK(render_line(made.error()) == row.error);
        }
    }
}

TEST_CASE("tls: an upstream's certificate must be trusted and name its host", "[engine]") {
    const fakes::TlsServer trusted("IP:127.0.0.1");
    const fakes::TlsServer stranger("IP:127.0.0.1");
    const fakes::TlsServer misnamed("DNS:elsewhere.example");
    ::setenv("SSL_CERT_FILE", trusted.ca_file().c_str(), 1);
    CHECK(fetch_on_loop(trusted.url(), 3) == "hellohellohello");
    CHECK(fetch_on_loop(stranger.url(), 1) ==
          "the TLS handshake failed: certificate verify failed (self-signed certificate)");
    ::setenv("SSL_CERT_FILE", misnamed.ca_file().c_str(), 1);
    CHECK(fetch_on_loop(misnamed.url(), 1) ==
          "the TLS handshake failed: certificate verify failed (IP address mismatch)");
    ::unsetenv("SSL_CERT_FILE");
}
