// The whole configuration of a gateway as one immutable value: every room's Options side by side.
//
// Shape:   defaults are filled in, references (`${NAME}`, `file:`) resolved, names between sections
//          checked; lists keep the order of the file, included files following the including one.
// Source:  gateway.toml(5); `config/load.h` is the way to one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "identity/options.h"
#include "limits/options.h"
#include "pricing/options.h"
#include "routing/options.h"

namespace aigw::config {

struct ServerTimeouts {
    std::chrono::milliseconds header{10'000};
    std::chrono::milliseconds body{60'000};
    std::chrono::milliseconds idle{75'000};
    std::chrono::milliseconds write{30'000};
    friend bool operator==(const ServerTimeouts&, const ServerTimeouts&) = default;
};

struct ServerOptions {
    std::vector<std::string> listen{"127.0.0.1:8080"};  // "host:port", "[v6]:port", "unix:/path"
    std::uint32_t workers = 0;                          // 0: one loop per core
    std::chrono::milliseconds drain_timeout{30'000};
    std::uint64_t max_body = 32ULL << 20;
    std::uint64_t max_buffered = 512ULL << 20;
    std::uint32_t max_connections = 8000;
    bool answer_headers = true;
    ServerTimeouts timeouts{};
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
    friend bool operator==(const MetricsOptions&, const MetricsOptions&) = default;
};

struct Config {
    ServerOptions server{};
    LogOptions log{};
    MetricsOptions metrics{};
    identity::Options auth{};
    routing::Options routing{};
    std::vector<limits::Options> limits{};
    pricing::Options pricing{};
    // "sha256:…" of the effective file with secrets masked; what a Decision names.
    std::string digest{};
};

}  // namespace aigw::config
