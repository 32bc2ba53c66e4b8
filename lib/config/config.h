// The whole configuration of a gateway as one immutable value: every room's Options side by side.
//
// Shape:   defaults are filled in, references (`${NAME}`, `file:`) resolved, names between sections
// checked. Source:  gateway.toml(5).
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
};

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error, Off };
enum class LogFormat : std::uint8_t { Json, Text };
struct LogOptions {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Json;
};

struct MetricsOptions {
    bool enabled = true;
    bool require_admin = false;
};

struct Config {
    ServerOptions server{};
    LogOptions log{};
    MetricsOptions metrics{};
    identity::Options auth{};
    routing::Options routing{};
    std::vector<limits::Options> limits{};
    pricing::Options pricing{};
    std::string
        digest{};  // "sha256:…" of the effective file with secrets masked; what a Decision names
};

}  // namespace aigw::config
