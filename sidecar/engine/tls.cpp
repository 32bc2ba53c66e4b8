#include "sidecar/engine/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

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

// What is common to both directions.
void set_up(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    // A peer that closes without close_notify is judged by the HTTP framing, which knows whether
    // the message is whole.
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
}

// RFC 7301, the list of one: what is offered to upstreams and chosen of what clients offer.
constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A client that offers anything but HTTP/1.1 alone is answered with HTTP/1.1, or refused.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, kHttp11.data(),
                                            static_cast<unsigned>(kHttp11.size()), in, in_size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Error file_error(std::string_view setting, const std::string& path, const std::string& why) {
    return Error{ErrorCode::Config, "cannot use " + path + ": " + why,
                 "correct server.tls." + std::string(setting)};
}

std::string key_failure() {
    const bool is_another = ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH;
    ERR_clear_error();
    return is_another ? "it is the key of another certificate"
                      : "it holds no private key in PEM form";
}

Result<void> check_readable(std::string_view setting, const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return file_error(setting, path, std::strerror(errno));
    ::close(descriptor);
    return {};
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
    set_up(context_.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(context_.get(), kHttp11.data(), static_cast<unsigned>(kHttp11.size()));
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_session_cache_mode(context_.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), &remember_session);
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

TlsServer::TlsServer() : context_(SSL_CTX_new(TLS_server_method())) {
    set_up(context_.get());
    SSL_CTX_set_alpn_select_cb(context_.get(), &choose_protocol, nullptr);
    // Sessions travel in tickets; nothing is kept here. With client certificates a session belongs
    // to this gateway, which the context says.
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    constexpr std::string_view kContext = "aigw";
    SSL_CTX_set_session_id_context(context_.get(),
                                   reinterpret_cast<const unsigned char*>(kContext.data()),
                                   static_cast<unsigned>(kContext.size()));
}
TlsServer::~TlsServer() = default;

Result<std::shared_ptr<const TlsServer>> TlsServer::make(const TlsFiles& files) {
    const std::shared_ptr<TlsServer> server(new TlsServer());
    SSL_CTX* context = server->context_.get();
    ERR_clear_error();
    TRY(check_readable("cert", files.cert));
    if (SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1)
        return file_error("cert", files.cert, "it holds no certificate in PEM form");
    TRY(check_readable("key", files.key));
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
        return file_error("key", files.key, key_failure());
    if (files.client_ca.empty()) return std::shared_ptr<const TlsServer>(server);
    TRY(check_readable("client_ca", files.client_ca));
    if (SSL_CTX_load_verify_file(context, files.client_ca.c_str()) != 1)
        return file_error("client_ca", files.client_ca, "it holds no certificate in PEM form");
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_ca.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return std::shared_ptr<const TlsServer>(server);
}

SslPtr TlsServer::open(int descriptor) const {
    SslPtr ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1) return nullptr;
    SSL_set_accept_state(ssl.get());
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
