// The words of gateway.toml for the values of enums; read and printed by the same tables.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "config/config.h"
#include "config/reader.h"

namespace aigw::config {

inline constexpr std::array kLogLevels = {
    Choice<LogLevel>{"debug", LogLevel::Debug}, Choice<LogLevel>{"info", LogLevel::Info},
    Choice<LogLevel>{"warn", LogLevel::Warn},   Choice<LogLevel>{"error", LogLevel::Error},
    Choice<LogLevel>{"off", LogLevel::Off},
};
inline constexpr std::array kLogFormats = {
    Choice<LogFormat>{"json", LogFormat::Json},
    Choice<LogFormat>{"text", LogFormat::Text},
};
inline constexpr std::array kMidSystems = {
    Choice<protocol::MidSystem>{"native", protocol::MidSystem::Native},
    Choice<protocol::MidSystem>{"hoist", protocol::MidSystem::Hoist},
    Choice<protocol::MidSystem>{"user", protocol::MidSystem::User},
};
inline constexpr std::array kModes = {
    Choice<limits::Mode>{"enforce", limits::Mode::Enforce},
    Choice<limits::Mode>{"monitor", limits::Mode::Monitor},
};
inline constexpr std::array kCatalogs = {
    Choice<pricing::Catalog>{"builtin", pricing::Catalog::Builtin},
    Choice<pricing::Catalog>{"none", pricing::Catalog::None},
};
inline constexpr std::array kMissingPrices = {
    Choice<pricing::Missing>{"reject", pricing::Missing::Reject},
    Choice<pricing::Missing>{"worst-case", pricing::Missing::WorstCase},
    Choice<pricing::Missing>{"unpriced", pricing::Missing::Unpriced},
};
// Of several words for one the first is printed; those with hyphens are a predecessor's.
inline constexpr std::array kAlgorithms = {
    Choice<routing::Algorithm>{"failover", routing::Algorithm::Failover},
    Choice<routing::Algorithm>{"round_robin", routing::Algorithm::RoundRobin},
    Choice<routing::Algorithm>{"random", routing::Algorithm::Random},
    Choice<routing::Algorithm>{"weighted_random", routing::Algorithm::WeightedRandom},
    Choice<routing::Algorithm>{"weighted_round_robin", routing::Algorithm::WeightedRoundRobin},
    Choice<routing::Algorithm>{"least_connections", routing::Algorithm::LeastConnections},
    Choice<routing::Algorithm>{"weighted", routing::Algorithm::WeightedRoundRobin},
    Choice<routing::Algorithm>{"round-robin", routing::Algorithm::RoundRobin},
    Choice<routing::Algorithm>{"weighted-random", routing::Algorithm::WeightedRandom},
    Choice<routing::Algorithm>{"weighted-round-robin", routing::Algorithm::WeightedRoundRobin},
    Choice<routing::Algorithm>{"least-connections", routing::Algorithm::LeastConnections},
};
inline constexpr std::array kStickies = {
    Choice<routing::Sticky>{"user", routing::Sticky::User},
    Choice<routing::Sticky>{"key", routing::Sticky::Key},
    Choice<routing::Sticky>{"tenant", routing::Sticky::Tenant},
    Choice<routing::Sticky>{"ip", routing::Sticky::Ip},
};
// Of policies; behind ours the words of a predecessor.
inline constexpr std::array kPolicyTypes = {
    Choice<policy::Type>{"rate", policy::Type::Rate},
    Choice<policy::Type>{"concurrency", policy::Type::Concurrency},
    Choice<policy::Type>{"tokens", policy::Type::Tokens},
    Choice<policy::Type>{"request_tokens", policy::Type::RequestTokens},
    Choice<policy::Type>{"models", policy::Type::Models},
    Choice<policy::Type>{"params", policy::Type::Params},
    Choice<policy::Type>{"content_match", policy::Type::ContentMatch},
    Choice<policy::Type>{"time", policy::Type::Time},
    Choice<policy::Type>{"routing", policy::Type::Routing},
    Choice<policy::Type>{"qps-limit", policy::Type::Rate},
    Choice<policy::Type>{"rate_limit", policy::Type::Rate},
    Choice<policy::Type>{"concurrency-limit", policy::Type::Concurrency},
    Choice<policy::Type>{"concurrent_limit", policy::Type::Concurrency},
    Choice<policy::Type>{"message-matching", policy::Type::ContentMatch},
    Choice<policy::Type>{"matcher", policy::Type::ContentMatch},
};
inline constexpr std::array kActions = {
    Choice<policy::Action>{"allow", policy::Action::Allow},
    Choice<policy::Action>{"deny", policy::Action::Deny},
};
inline constexpr std::array kOnOutputs = {
    Choice<policy::OnOutput>{"truncate", policy::OnOutput::Truncate},
    Choice<policy::OnOutput>{"reject", policy::OnOutput::Reject},
};
inline constexpr std::array kAnswers = {
    Choice<policy::Answers>{"any", policy::Answers::Any},
    Choice<policy::Answers>{"stream", policy::Answers::Streamed},
    Choice<policy::Answers>{"whole", policy::Answers::Whole},
    Choice<policy::Answers>{"auto", policy::Answers::Any},
    Choice<policy::Answers>{"non-stream", policy::Answers::Whole},
};
inline constexpr std::array kPolicyStatuses = {
    Choice<PolicyStatus>{"standard", PolicyStatus::Standard},
    Choice<PolicyStatus>{"compat", PolicyStatus::Compat},
};
// What a static key may be restricted to.
inline constexpr std::array<std::string_view, 4> kScopes = {"chat", "completions", "embeddings",
                                                            "models"};

template <class E>
std::string_view choice_name(std::span<const Choice<E>> choices, E value) {
    return std::ranges::find(choices, value, &Choice<E>::value)->name;
}

}  // namespace aigw::config
