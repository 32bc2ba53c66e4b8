#include "http/client.h"

#include <httplib.h>

#include "base/time.h"
#include "http/url.h"

namespace aigw::http {
namespace {

using Clock = std::chrono::steady_clock;

// Collects an answer that nobody watches.
class Collector : public ReplySink {
public:
    void on_head(int status, const Headers& headers) override {
        response_.status = status;
        response_.headers = headers;
    }
    bool on_bytes(std::string_view bytes) override {
        response_.body.append(bytes);
        return true;
    }
    Response take() { return std::move(response_); }

private:
    Response response_;
};

httplib::Request to_wire(const Request& request, std::string_view path_prefix) {
    httplib::Request wire;
    wire.method = request.method;
    wire.path = std::string(path_prefix) + request.target;
    for (const Header& field : request.headers) wire.headers.emplace(field.name, field.value);
    wire.body = request.body;
    return wire;
}

Headers from_wire(const httplib::Headers& wire) {
    Headers headers;
    for (const auto& [name, value] : wire) headers.add(name, value);
    return headers;
}

Error unreachable(std::string message, std::string hint = {}) {
    return Error{ErrorCode::UpstreamUnreachable, std::move(message), std::move(hint)};
}

// httplib tells a silent peer and one that hung up alike; the time since its last byte does not.
Error cut_off(const std::string& origin, bool was_silent, std::chrono::milliseconds limit) {
    if (was_silent) {
        return Error{ErrorCode::UpstreamTimeout,
                     origin + " sent nothing for " + render_duration(limit)};
    }
    return Error{ErrorCode::UpstreamInvalid,
                 origin + " closed the connection before its answer was complete"};
}

}  // namespace

struct BlockingClient::Connection {
    Connection(const Url& base, ClientOptions its_options)
        : options(std::move(its_options)),
          origin((base.is_tls ? "https://" : "http://") + base.authority()),
          path_prefix(base.target.ends_with('/') ? base.target.substr(0, base.target.size() - 1)
                                                 : base.target),
          wire(origin) {
        wire.set_keep_alive(true);
        wire.set_url_encode(false);
        wire.set_connection_timeout(options.connect_timeout);
        wire.set_read_timeout(options.read_timeout);
        wire.set_write_timeout(options.write_timeout);
        if (base.is_tls) {
            wire.enable_server_certificate_verification(options.verifies_certificate);
            if (!options.ca_file.empty()) wire.set_ca_cert_path(options.ca_file);
        }
    }

    Error error_of(httplib::Error error, Clock::time_point last_byte) const {
        const bool was_silent = Clock::now() - last_byte >= options.read_timeout;
        switch (error) {
            case httplib::Error::Connection:
            case httplib::Error::BindIPAddress:
                return unreachable("cannot connect to " + origin,
                                   "is the address right, and is something listening there?");
            case httplib::Error::ConnectionTimeout:
                return Error{ErrorCode::UpstreamTimeout,
                             "connecting to " + origin + " took longer than " +
                                 render_duration(options.connect_timeout)};
            case httplib::Error::SSLConnection:
                return unreachable("no TLS connection to " + origin, "does it speak https?");
            case httplib::Error::SSLLoadingCerts:
                return unreachable("the certificates in \"" + options.ca_file +
                                   "\" cannot be loaded");
            case httplib::Error::SSLServerVerification:
                return unreachable("the certificate of " + origin + " cannot be trusted",
                                   "name its authority's file, or correct the host name");
            case httplib::Error::Canceled:
                return Error{ErrorCode::Cancelled, "the call was cancelled"};
            case httplib::Error::Read:
            case httplib::Error::Write:
                return cut_off(origin, was_silent, options.read_timeout);
            case httplib::Error::Success:
            case httplib::Error::Unknown:
            case httplib::Error::ExceedRedirectCount:
            case httplib::Error::UnsupportedMultipartBoundaryChars:
            case httplib::Error::Compression:
                break;
        }
        return Error{ErrorCode::UpstreamInvalid, origin + " sent an answer that cannot be read"};
    }

    ClientOptions options;
    std::string origin;
    std::string path_prefix;
    httplib::Client wire;
};

BlockingClient::BlockingClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
BlockingClient::~BlockingClient() = default;

Result<std::unique_ptr<BlockingClient>> BlockingClient::make(std::string_view base_url,
                                                             ClientOptions options) {
    const Url base = TRY(parse_url(base_url));
    auto connection = std::make_unique<Connection>(base, std::move(options));
    return std::unique_ptr<BlockingClient>(new BlockingClient(std::move(connection)));
}

Result<void> BlockingClient::send(const Request& request, ReplySink& sink) {
    httplib::Request wire = to_wire(request, connection_->path_prefix);
    auto last_byte = Clock::now();
    bool is_cancelled = false;
    wire.response_handler = [&](const httplib::Response& head) {
        last_byte = Clock::now();
        sink.on_head(head.status, from_wire(head.headers));
        return true;
    };
    wire.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
        last_byte = Clock::now();
        is_cancelled = !sink.on_bytes(std::string_view(data, size));
        return !is_cancelled;
    };
    const httplib::Result result = connection_->wire.send(wire);
    if (is_cancelled) return Error{ErrorCode::Cancelled, "the call was cancelled"};
    if (!result) return connection_->error_of(result.error(), last_byte);
    return {};
}

Result<Response> BlockingClient::fetch(const Request& request) {
    Collector collector;
    TRY(send(request, collector));
    return collector.take();
}

}  // namespace aigw::http
