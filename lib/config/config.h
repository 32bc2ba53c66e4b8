// The whole configuration of a gateway as one immutable value: every room's Options side by side.
//
// Shape:   defaults are filled in, references (`${NAME}`, `file:`) resolved, names between sections
//          checked; lists keep the order of the file, included files following the including one.
// Source:  gateway.toml(5); `config/load.h` is the way to one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/namespaces.h"
#include "identity/options.h"
#include "limits/options.h"
#include "policy/options.h"
#include "pricing/options.h"
#include "protocol/conversion.h"
#include "routing/options.h"
#include "tokens/options.h"

namespace aigw::config {

struct ServerTimeouts {
    std::chrono::milliseconds header{10'000};
    std::chrono::milliseconds body{60'000};
    std::chrono::milliseconds idle{75'000};
    std::chrono::milliseconds write{30'000};
    friend bool operator==(const ServerTimeouts&, const ServerTimeouts&) = default;
};

// Files in PEM form; empty: the listeners speak plain HTTP.
struct TlsOptions {
    std::string cert{};       // the certificate and those between it and the root
    std::string key{};        // its private key
    std::string client_ca{};  // clients must show a certificate of these; empty: they need none
    friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// Whose pages may read answers; no origins: nobody's but the gateway's own.
struct CorsOptions {
    std::vector<std::string> origins{};  // "https://app.test", or "*" for all
    friend bool operator==(const CorsOptions&, const CorsOptions&) = default;
};

struct ServerOptions {
    std::vector<std::string> listen{"127.0.0.1:8080"};  // "host:port", "[v6]:port", "unix:/path"
    std::uint32_t workers = 0;                          // 0: one loop per core
    std::chrono::milliseconds drain_timeout{30'000};
    std::uint64_t max_body = 32ULL << 20;
    std::uint64_t max_buffered = 512ULL << 20;
    std::uint32_t max_connections = 8000;
    std::vector<std::string>
        trusted_proxies{};  // whose X-Forwarded-For is believed: blocks, "unix"
    bool answer_headers = true;
    ServerTimeouts timeouts{};
    TlsOptions tls{};
    CorsOptions cors{};
    friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
};

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error, Off };
enum class LogFormat : std::uint8_t { Json, Text };
struct LogOptions {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Json;
    friend bool operator==(const LogOptions&, const LogOptions&) = default;
};

struct MetricsOptions {
    bool enabled = true;
    bool require_admin = false;
    std::vector<std::string> compat{};  // predecessors whose names are exported, too: "s1"
    bool exports(std::string_view predecessor) const {
        return std::find(compat.begin(), compat.end(), predecessor) != compat.end();
    }
    friend bool operator==(const MetricsOptions&, const MetricsOptions&) = default;
};

struct HealthOptions {
    bool enabled = true;  // whether /health and / answer; /health/live and /health/ready always do
    std::string status_word = "healthy";  // what their `status` says
    friend bool operator==(const HealthOptions&, const HealthOptions&) = default;
};

// How requests of one protocol are said in another.
struct ConversionOptions {
    bool strict = false;  // refuses what would be lost, where the caller does not say otherwise
    std::int64_t default_max_tokens = 8192;  // for vendors who must be told a limit
    protocol::MidSystem mid_system = protocol::MidSystem::Native;
    // A stream that has said nothing for so long says that it is alive, where its protocol can.
    std::chrono::milliseconds keep_alive{15'000};
    friend bool operator==(const ConversionOptions&, const ConversionOptions&) = default;
};

// What a policy's refusal says.
enum class PolicyStatus : std::uint8_t {
    Standard,  // 429, 413 or 403, by what it is
    Compat,    // 403, whatever it is: what users of channels know
};

struct Config {
    ServerOptions server{};
    LogOptions log{};
    MetricsOptions metrics{};
    HealthOptions health{};
    ConversionOptions conversion{};
    identity::Options auth{};
    routing::Options routing{};
    std::vector<limits::Options> limits{};
    std::vector<policy::ModelParams> model_params{};  // of platforms' models
    std::vector<identity::NamespaceOptions> namespaces{};
    bool namespaces_required = false;         // who is in none is refused
    std::vector<policy::Options> policies{};  // those of namespaces with theirs, then the shared
    PolicyStatus policy_status = PolicyStatus::Standard;
    pricing::Options pricing{};
    tokens::Options tokens{};
    // "sha256:…" of the effective file with secrets masked; what a Decision names.
    std::string digest{};
};

}  // namespace aigw::config
