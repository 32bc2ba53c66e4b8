// What the configuration says about where calls can go ([platforms], [[routes]], [[locations]],
// [auto_route], [groups]).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_position.h"
#include "base/money.h"
#include "base/secret.h"
#include "matching/condition.h"
#include "protocol/model_caps.h"
#include "routing/health.h"
#include "routing/retry.h"

namespace aigw::routing {

using PlatformIndex = std::uint16_t;  // position in Options::platforms

struct Timeouts {
    std::chrono::milliseconds connect{3'000};
    std::chrono::milliseconds first_byte{60'000};
    std::chrono::milliseconds idle{60'000};  // between two reads of an answer
    std::chrono::milliseconds total{600'000};
    friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

// One entry of [platforms.X.models].
struct ModelOptions {
    std::string name{};      // as callers say it
    std::string upstream{};  // as the vendor says it; empty: the same
    std::uint64_t rpm = 0;   // 0: no limit of its own
    std::uint64_t tpm = 0;
    std::uint64_t qps = 0;
    std::uint64_t concurrency = 0;
    protocol::Caps caps{};  // what it takes, where the built-in table does not know
    FilePosition at{};
};

// One of the keys of a platform that has several.
struct KeyOptions {
    std::string name{};  // what logs say instead of the key
    Secret key{};
    std::uint32_t weight = 1;
    FilePosition at{};
};

// One [platforms.X]: an account at one vendor.
struct PlatformOptions {
    std::string name{};
    std::string provider{};  // a row of the vendor table; the assembly checks that it exists
    std::string base_url{};  // empty: the provider's default
    std::string dialect{};   // how its server wants chat said; empty: as its provider does
    std::optional<bool> responses{};  // Responses pass as they are; absent: where the vendor has it
    Secret api_key{};
    std::vector<KeyOptions> keys{};  // instead of one: used in turn
    bool is_enabled = true;          // false: it keeps its places, and is asked nothing
    bool is_draining = false;        // it is asked by nobody but who is sticky at it
    int priority = 0;                // higher first
    bool is_default = false;         // takes what no rule and no auto-detection placed
    std::uint64_t rpm = 0;
    std::uint64_t tpm = 0;
    std::uint64_t qps = 0;
    std::uint64_t concurrency = 0;
    Timeouts timeouts{};
    RetryOptions retry{};
    HealthOptions health{};
    std::vector<std::pair<std::string, std::string>> headers{};  // sent with every call
    Decimal discount = 1;                                        // factor on the base price
    std::vector<ModelOptions> models{};
    FilePosition at{};
};

enum class TargetKind : std::uint8_t { Platform, Group };
struct TargetOptions {
    TargetKind kind = TargetKind::Platform;
    std::string name{};
    friend bool operator==(const TargetOptions&, const TargetOptions&) = default;
};

// One [[routes]].
struct RuleOptions {
    std::string
        model{};  // match.model: exact, "gpt-*" (prefix), any other star: glob; empty: every model
    std::vector<matching::ConditionOptions> conditions{};  // the rest of `match`: all must hold
    std::vector<TargetOptions> to{};                       // in order of fallback
    std::string upstream_model{};  // `model`: replaces the name sent upstream; empty: as asked
    int priority = 0;              // higher first
    FilePosition at{};
};

// A path in place of another: from "/api/*" to "/v1/*". A star at the end takes the rest along.
struct RewriteOptions {
    std::string from{};
    std::string to{};
    friend bool operator==(const RewriteOptions&, const RewriteOptions&) = default;
};

// One [[locations]]: requests by their path, whatever their model.
struct LocationOptions {
    std::string path{};  // exact; with a slash at the end a prefix; with a star a glob
    bool is_regex = false;
    std::vector<TargetOptions> to{};
    std::string upstream_model{};
    RewriteOptions rewrite{};
    int priority = 0;  // higher first
    FilePosition at{};
};

// Which member of a group is asked first; the others follow.
enum class Algorithm : std::uint8_t {
    Failover,            // members in order
    RoundRobin,          // in turn
    Random,              // each as likely
    WeightedRandom,      // as likely as its weight
    WeightedRoundRobin,  // in turn, as often as its weight
    LeastConnections,    // the one with the fewest calls under way for its weight
};

// By what the calls of one caller stay at one member.
enum class Sticky : std::uint8_t { No, User, Key, Tenant, Ip };

struct MemberOptions {
    std::string platform{};
    std::uint32_t weight = 1;
    friend bool operator==(const MemberOptions&, const MemberOptions&) = default;
};

// One [groups.X].
struct GroupOptions {
    std::string name{};
    std::vector<std::string> models{};  // patterns: the group is a rule by itself
    Algorithm algorithm = Algorithm::Failover;
    Sticky sticky = Sticky::No;
    std::vector<MemberOptions> members{};
    FilePosition at{};
};

struct Options {
    std::vector<PlatformOptions> platforms{};
    std::vector<RuleOptions> rules{};
    std::vector<LocationOptions> locations{};
    std::vector<GroupOptions> groups{};
    bool auto_route = true;
};

}  // namespace aigw::routing
