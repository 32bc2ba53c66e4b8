// The sections of gateway.toml, each read into its room's Options.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/reader.h"

namespace aigw::config {

// No timeout of any section is longer.
inline constexpr std::chrono::milliseconds kLongestTimeout = std::chrono::hours(24);
// No rate is higher.
inline constexpr std::int64_t kMostPerMinute = 1'000'000'000;
inline constexpr std::int64_t kMostAtATime = 1'000'000;
inline constexpr std::int64_t kHighestPriority = 1'000'000;

// A platform or group that a route or a group names; checked once all sections are read.
struct NameUse {
    routing::TargetOptions target{};
    std::string path{};
    FilePosition at{};
};

struct Draft {
    Config config{};
    std::vector<NameUse> uses{};
};

ServerOptions read_server(TableReader& root);
LogOptions read_log(TableReader& root);
MetricsOptions read_metrics(TableReader& root);
HealthOptions read_health(TableReader& root);
ConversionOptions read_conversion(TableReader& root);
identity::Options read_auth(TableReader& root);
// With the parameters of their models.
void read_platforms(TableReader& root, Config& out);
// Routes, locations, groups and auto_route; the platforms are left as they are.
void read_routing(TableReader& root, Draft& draft);
std::vector<limits::Options> read_limits(TableReader& root);
// [[namespaces]] with their policies, [[policies]], [policy].
void read_namespaces(TableReader& root, Draft& draft);
pricing::Options read_pricing(TableReader& root);
tokens::Options read_tokens(TableReader& root);

// All of them; keys that none asked for are refused.
Draft read_sections(const Table& table, const TableReader::Context& context);

}  // namespace aigw::config
