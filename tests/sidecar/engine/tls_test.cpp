// TLS both ways. Upstreams: certificates are verified, names are checked. Clients: HTTP/1.1 over
// TLS, client certificates, files read again.
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "http/client.h"
#include "sidecar/engine/server.h"
#include "sidecar/engine/upstream.h"
#include "tests/fakes/client.h"
#include "tests/fakes/tls_server.h"
#include "tests/fakes/upstream.h"
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
    explicit TlsListener(const TlsFiles& files, std::uint64_t max_body = 32 << 20) : loops(1, 1) {
        auto started =
            Server::listen({.listen = {"127.0.0.1:0"}, .max_body_bytes = max_body, .tls = files},
                           loops, &echo_body);
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

namespace {

// Answers one call per connection, over TLS, and remembers what was agreed on with each client.
class Peer {
public:
    struct Agreed {
        std::string name{};      // that the client asked for
        std::string protocol{};  // by ALPN
        bool is_resumed = false;
        friend bool operator==(const Agreed&, const Agreed&) = default;
    };

    explicit Peer(const fakes::CertificateFiles& files)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_use_certificate_chain_file(context_.get(), files.cert().c_str());
        SSL_CTX_use_PrivateKey_file(context_.get(), files.key().c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_set_alpn_select_cb(context_.get(), &choose, nullptr);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(listener_, 8);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] {
            for (int client = accept(); client >= 0; client = accept()) serve(client);
        });
    }
    ~Peer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::string url(const std::string& host) const {
        return "https://" + host + ":" + std::to_string(port_);
    }
    const std::vector<Agreed>& agreed() const { return agreed_; }  // once all calls have ended

private:
    // As a server that prefers HTTP/2.
    static int choose(SSL*, const unsigned char** out, unsigned char* out_size,
                      const unsigned char* in, unsigned in_size, void*) {
        static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
        unsigned char* chosen = nullptr;
        const int found =
            SSL_select_next_proto(&chosen, out_size, kBoth, sizeof(kBoth) - 1, in, in_size);
        *out = chosen;
        return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    int accept() const { return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); }

    void serve(int client) {
        const SslPtr ssl(SSL_new(context_.get()));
        SSL_set_fd(ssl.get(), client);
        if (SSL_accept(ssl.get()) == 1) {
            const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
            const unsigned char* protocol = nullptr;
            unsigned size = 0;
            SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
            agreed_.push_back({name != nullptr ? name : "",
                               {reinterpret_cast<const char*>(protocol), size},
                               SSL_session_reused(ssl.get()) == 1});
            char buffer[1024];
            SSL_read(ssl.get(), buffer, sizeof(buffer));
            constexpr std::string_view kReply =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
            SSL_write(ssl.get(), kReply.data(), static_cast<int>(kReply.size()));
            SSL_shutdown(ssl.get());
        }
        ::close(client);
    }

    std::unique_ptr<SSL_CTX, SslFree> context_;
    int listener_ = -1;
    int port_ = 0;
    std::vector<Agreed> agreed_;
    std::thread thread_;
};

// What a client that offers these protocols ends up with; "refused" when it gets no connection.
std::string agree(const std::string& address, std::string_view offered) {
    const std::unique_ptr<SSL_CTX, SslFree> context(SSL_CTX_new(TLS_client_method()));
    if (!offered.empty()) {
        SSL_CTX_set_alpn_protos(context.get(),
                                reinterpret_cast<const unsigned char*>(offered.data()),
                                static_cast<unsigned>(offered.size()));
    }
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(10))));
    REQUIRE(::connect(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0);
    const SslPtr ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), descriptor);
    std::string outcome = "refused";
    if (SSL_connect(ssl.get()) == 1) {
        const unsigned char* protocol = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
        outcome = size == 0 ? "none" : std::string(reinterpret_cast<const char*>(protocol), size);
    }
    ::close(descriptor);
    return outcome;
}

}  // namespace

TEST_CASE("tls: clients agree on HTTP/1.1, and those who speak only another protocol are refused",
          "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    const TlsListener listener({.cert = files.cert(), .key = files.key()});
    CHECK(agree(listener.address(), "\x08http/1.1") == "http/1.1");
    CHECK(agree(listener.address(), "\x02h2\x08http/1.1") == "http/1.1");
    CHECK(agree(listener.address(), "") == "none");
    CHECK(agree(listener.address(), "\x02h2") == "refused");
    CHECK(agree(listener.address(), "\x08http/1.0") == "refused");
}

TEST_CASE("tls: upstreams are told the name, are offered HTTP/1.1, and resume sessions",
          "[engine]") {
    const fakes::CertificateFiles files("DNS:localhost,IP:127.0.0.1");
    ::setenv("SSL_CERT_FILE", files.cert().c_str(), 1);
    using Agreed = std::vector<Peer::Agreed>;
    {
        const Peer peer(files);
        CHECK(fetch_on_loop(peer.url("localhost"), 3) == "hellohellohello");
        CHECK(peer.agreed() == Agreed{{"localhost", "http/1.1", false},
                                      {"localhost", "http/1.1", true},
                                      {"localhost", "http/1.1", true}});
    }
    {
        const Peer peer(files);  // an address is no name: RFC 6066, section 3
        CHECK(fetch_on_loop(peer.url("127.0.0.1"), 2) == "hellohello");
        CHECK(peer.agreed() == Agreed{{"", "http/1.1", false}, {"", "http/1.1", true}});
    }
    ::unsetenv("SSL_CERT_FILE");
}

TEST_CASE("tls: a refusal reaches a client that is still sending", "[engine]") {
    const fakes::CertificateFiles files("IP:127.0.0.1");
    SECTION("over TLS") {
        const TlsListener listener({.cert = files.cert(), .key = files.key()}, 1000);
        const auto reply = listener.ask(files.cert(), std::string(8 << 20, 'x'));
        REQUIRE(reply);
        CHECK(reply->status == 413);
        CHECK(reply->body == "the request body is larger than 1000 bytes");
    }
    SECTION("plain HTTP to a listener with TLS") {
        const TlsListener listener({.cert = files.cert(), .key = files.key()});
        fakes::RawClient client(listener.address());
        CHECK(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n" +
                          std::string(8 << 20, 'x')));
        client.finish_sending();
        bool ended = false;
        CHECK(fakes::status_of(client.read_all(ended)) == 400);
        CHECK(ended);
    }
}

TEST_CASE("tls: an upstream that does not answer the handshake is given up", "[engine]") {
    // It speaks no TLS, and waits for the end of a request's head that never comes.
    const fakes::Upstream silent({{fakes::hold()}});
    const auto message = run_on_loop<std::string>([&](Loop& loop) -> Task<std::string> {
        const http::Url target =
            *http::parse_url("https://127.0.0.1:" + std::to_string(silent.port()));
        UpstreamCall call(loop.upstreams().pool(target),
                          {.connect = std::chrono::milliseconds(50)});
        const std::array<std::string_view, 1> pieces{"GET / HTTP/1.1\r\nhost: a\r\n\r\n"};
        const auto head = co_await call.send(pieces);
        co_return head ? "answered" : head.error().message;
    });
    CHECK(message == "the TLS handshake took too long");
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
