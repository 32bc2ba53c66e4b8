// TLS towards upstreams: one context per loop, made when the first call needs it; certificates
// verified against the system's roots, sessions resumed.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_session_st SSL_SESSION;

namespace aigw::engine {

struct SslFree {
    void operator()(SSL* ssl) const;
    void operator()(SSL_CTX* context) const;
    void operator()(SSL_SESSION* session) const;
};
using SslPtr = std::unique_ptr<SSL, SslFree>;

// The last session of one upstream; the context's callback fills it as tickets arrive.
class TlsSession {
public:
    ~TlsSession();
    void keep(SSL_SESSION* session);
    SSL_SESSION* get() const { return session_.get(); }

private:
    std::unique_ptr<SSL_SESSION, SslFree> session_;
};

class TlsClient {
public:
    // Reads the system's roots ($SSL_CERT_FILE and $SSL_CERT_DIR replace them).
    TlsClient();
    ~TlsClient();

    // A client handle on a connected, non-blocking descriptor: SNI and host name (or address)
    // verification set.
    Result<SslPtr> open(int descriptor, const std::string& host, TlsSession& session);

private:
    std::unique_ptr<SSL_CTX, SslFree> context_;
};

// The reason of the last failure on this thread, without secrets: "certificate verify failed
// (self-signed certificate)".
std::string tls_failure(SSL* ssl);

}  // namespace aigw::engine
