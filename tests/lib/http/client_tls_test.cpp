// Certificates are checked.
#include <catch2/catch.hpp>

#include "http/client.h"
#include "tests/fakes/tls_server.h"

using namespace aigw;
using namespace aigw::http;

namespace {

using fakes::TlsServer;

Result<Response> fetch(const std::string& url, std::string ca_file) {
    const auto client = BlockingClient::make(url, {.ca_file = std::move(ca_file)});
    REQUIRE(client);
    return (*client)->fetch({});
}

}  // namespace

TEST_CASE("http: a certificate must be trusted and name its host", "[http]") {
    const TlsServer server("IP:127.0.0.1");
    const TlsServer stranger("DNS:elsewhere.example");
    const std::string refused =
        " cannot be trusted: name its authority's file, or correct the host name";

    const auto trusted = fetch(server.url(), server.ca_file());
    REQUIRE(trusted);
    CHECK(trusted->body == "hello");

    const auto unknown = fetch(server.url(), "");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == ErrorCode::UpstreamUnreachable);
    CHECK(render_line(unknown.error()) == "the certificate of " + server.url() + refused);

    const auto other_name = fetch(stranger.url(), stranger.ca_file());
    REQUIRE_FALSE(other_name);
    CHECK(render_line(other_name.error()) == "the certificate of " + stranger.url() + refused);

    const auto no_file = fetch(server.url(), "/nowhere/ca.pem");
    REQUIRE_FALSE(no_file);
    CHECK(render_line(no_file.error()) ==
          "the certificates in \"/nowhere/ca.pem\" cannot be loaded");
}
