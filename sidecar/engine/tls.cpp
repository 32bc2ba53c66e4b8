#include "sidecar/engine/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace aigw::engine {
namespace {

int remember_session(SSL* ssl, SSL_SESSION* session) {
    auto* kept = static_cast<TlsSession*>(SSL_get_app_data(ssl));
    if (kept == nullptr) return 0;
    kept->keep(session);
    return 1;  // ownership taken
}

bool is_address(const std::string& host) {
    return host.find_first_not_of("0123456789.") == std::string::npos ||
           host.find(':') != std::string::npos;
}

}  // namespace

void SslFree::operator()(SSL* ssl) const {
    SSL_free(ssl);
}
void SslFree::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}
void SslFree::operator()(SSL_SESSION* session) const {
    SSL_SESSION_free(session);
}

TlsSession::~TlsSession() = default;
void TlsSession::keep(SSL_SESSION* session) {
    session_.reset(session);
}

TlsClient::~TlsClient() = default;

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                         SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context_.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), &remember_session);
    // A server that closes without close_notify is judged by the HTTP framing, which knows whether
    // the answer is whole.
    SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
}

Result<SslPtr> TlsClient::open(int descriptor, const std::string& host, TlsSession& session) {
    ERR_clear_error();
    SslPtr ssl(SSL_new(context_.get()));
    const bool ready =
        ssl && SSL_set_fd(ssl.get(), descriptor) == 1 &&
        (is_address(host)
             ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1
             : SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
                   SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1);
    if (!ready)
        return Error{ErrorCode::UpstreamUnreachable,
                     "TLS could not be set up: " + tls_failure(nullptr)};
    SSL_set_app_data(ssl.get(), &session);
    if (session.get() != nullptr) SSL_set_session(ssl.get(), session.get());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

std::string tls_failure(SSL* ssl) {
    const unsigned long code = ERR_get_error();
    std::string reason = code == 0                                  ? "the connection was closed"
                         : ERR_reason_error_string(code) != nullptr ? ERR_reason_error_string(code)
                                                                    : "unknown";
    const long verified = ssl != nullptr ? SSL_get_verify_result(ssl) : X509_V_OK;
    if (verified != X509_V_OK)
        reason += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
    ERR_clear_error();
    return reason;
}

}  // namespace aigw::engine
