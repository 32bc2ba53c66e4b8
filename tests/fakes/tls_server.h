// An HTTPS server whose certificate was made for this run, so that none in the tree can expire. It
// says "hello" on "/".
#pragma once

#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace aigw::fakes {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

inline Certificate make_certificate(EVP_PKEY* key, const char* alternative_name) {
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

// A certificate that signs itself, and its key, as PEM files that go with it.
class CertificateFiles {
public:
    explicit CertificateFiles(const char* alternative_name)
        : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
          certificate_(make_certificate(key_.get(), alternative_name)) {
        std::string name = (std::filesystem::temp_directory_path() / "aigw-tls-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        write();
    }
    ~CertificateFiles() { std::filesystem::remove_all(folder_); }
    CertificateFiles(const CertificateFiles&) = delete;
    CertificateFiles& operator=(const CertificateFiles&) = delete;

    std::string cert() const { return (folder_ / "tls.crt").string(); }
    std::string key() const { return (folder_ / "tls.key").string(); }
    // Another certificate and key in the same files.
    void renew(const char* alternative_name) {
        key_.reset(EVP_EC_gen("P-256"));
        certificate_ = make_certificate(key_.get(), alternative_name);
        write();
    }

private:
    void write() const {
        const auto file = [](const std::string& path) {
            std::FILE* opened = std::fopen(path.c_str(), "w");
            REQUIRE(opened != nullptr);
            return opened;
        };
        std::FILE* out = file(cert());
        PEM_write_X509(out, certificate_.get());
        std::fclose(out);
        out = file(key());
        PEM_write_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(out);
    }

    Key key_;
    Certificate certificate_;
    std::filesystem::path folder_;
};

class TlsServer {
public:
    explicit TlsServer(const char* alternative_name)
        : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
          certificate_(make_certificate(key_.get(), alternative_name)),
          server_(certificate_.get(), key_.get()) {
        server_.Get("/", [](const httplib::Request&, httplib::Response& response) {
            response.set_content("hello", "text/plain");
        });
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::jthread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) std::this_thread::yield();  // stop() needs it running
        path_ = std::filesystem::temp_directory_path() /
                ("aigw-client-tls-" + std::to_string(::getpid()) + "-" + std::to_string(port_));
        std::FILE* file = std::fopen(path_.c_str(), "w");
        REQUIRE(file != nullptr);
        PEM_write_X509(file, certificate_.get());
        std::fclose(file);
    }
    ~TlsServer() {
        server_.stop();
        std::filesystem::remove(path_);
    }
    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
    std::string ca_file() const { return path_.string(); }

private:
    Key key_;
    Certificate certificate_;
    httplib::SSLServer server_;
    int port_ = 0;
    std::filesystem::path path_;
    std::jthread thread_;
};

}  // namespace aigw::fakes
