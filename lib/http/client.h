// The blocking HTTP client of commands, importers and tests; the gateway's own calls run on its
// engine.
//
// Shape:   one client per origin; connections are kept alive between calls.
// TLS:     certificates and host names are verified against the system's store, or against
//          `ca_file` alone.
// Errors:  upstream_unreachable (no address, refused, no route, TLS), upstream_timeout (connecting,
//          waiting for bytes), upstream_invalid (no HTTP, cut off), cancelled (the sink said so).
// Threads: one call at a time; another thread needs another client.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/transport.h"

namespace aigw::http {

struct ClientOptions {
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds read_timeout{300'000};  // between two reads of an answer
    std::chrono::milliseconds write_timeout{60'000};
    std::string ca_file{};  // empty: the system's certificates
    bool verifies_certificate = true;
};

class BlockingClient : public Transport {
public:
    // `base_url` is an origin, with or without a path: a request's target is appended to it.
    static Result<std::unique_ptr<BlockingClient>> make(std::string_view base_url,
                                                        ClientOptions options = {});
    ~BlockingClient() override;

    Result<void> send(const Request& request, ReplySink& sink) override;
    // The whole answer, for calls that do not stream.
    Result<Response> fetch(const Request& request);

private:
    struct Connection;
    explicit BlockingClient(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> connection_;
};

}  // namespace aigw::http
