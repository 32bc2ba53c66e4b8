// TLS, OpenSSL's handles and contexts behind plain values.
//
// Upstreams: one context per loop, made when the first call needs it; certificates verified against
//            the system's roots, sessions resumed.
// Clients:   one context for all loops; read again from its files by making another. HTTP/1.1 is
//            the only protocol that is agreed on (ALPN).
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

// PEM files; empty: none.
struct TlsFiles {
    std::string cert{};       // and those between it and the root
    std::string key{};        // its private key
    std::string client_ca{};  // clients must show a certificate of these
};

class TlsServer {
public:
    // Errors: config, naming the file and what is wrong with it.
    static Result<std::shared_ptr<const TlsServer>> make(const TlsFiles& files);
    ~TlsServer();

    // A server handle on a connected, non-blocking descriptor; nullptr when memory is out.
    SslPtr open(int descriptor) const;

private:
    TlsServer();
    std::unique_ptr<SSL_CTX, SslFree> context_;
};

// The reason of the last failure on this thread, without secrets: "certificate verify failed
// (self-signed certificate)".
std::string tls_failure(SSL* ssl);

}  // namespace aigw::engine
