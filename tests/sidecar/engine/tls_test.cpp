// TLS towards upstreams: certificates are verified, names are checked, sessions are kept.
#include <cstdlib>

#include <array>
#include <catch2/catch.hpp>

#include "sidecar/engine/upstream.h"
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

}  // namespace

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
