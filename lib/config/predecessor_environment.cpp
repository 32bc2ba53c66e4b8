#include "config/predecessor_environment.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/text.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/sections.h"

namespace aigw::config {
namespace {

constexpr std::uint64_t kDefaultPort = 8080;
constexpr std::uint64_t kDefaultPerMinute = 60;
constexpr const char* kPlatform = "dashscope";
constexpr const char* kDefaultTarget = "https://dashscope.aliyuncs.com/compatible-mode/v1";

constexpr std::array<std::string_view, 4> kTargets = {"TARGET_API_KEY", "TARGET_API_URL",
                                                      "TARGET_KEY", "TARGET_URL"};

// Known, and without a counterpart here. Service discovery, scaling and their like are the
// platform's that runs the container.
// clang-format off
constexpr std::array<std::string_view, 60> kWithoutCounterpart = {
    "ENABLE_LOCAL_AUTH", "JWT_SECRET", "TOKEN_EXPIRATION", "REQUIRE_HTTPS", "API_KEY_PREFIX", "MAX_API_KEYS_PER_USER",
    "REDIS_ENABLED", "REDIS_ADDR", "REDIS_PASSWORD", "REDIS_DB", "REDIS_POOL_SIZE",
    "SERVICE_DISCOVERY_ENABLED", "SERVICE_DISCOVERY_TYPE", "SERVICE_DISCOVERY_ENDPOINTS",
    "SERVICE_DISCOVERY_NAMESPACE", "SERVICE_DISCOVERY_REFRESH_RATE",
    "PROTOCOL_CONVERSION_ENABLED", "HTTPS_TO_RPC_ENABLED", "GRPC_SUPPORT_ENABLED", "SUPPORTED_PROTOCOLS",
    "RAM_AUTH_ENABLED", "RAM_ACCESS_KEY_ID", "RAM_ACCESS_KEY_SECRET", "RAM_REGION", "RAM_ROLE_ARN",
    "RAM_POLICY_DOCUMENT", "RAM_CACHE_EXPIRATION",
    "CLOUD_INTEGRATION_ENABLED", "CLOUD_PROVIDER", "CLOUD_REGION", "CLOUD_ACCESS_KEY_ID", "CLOUD_ACCESS_KEY_SECRET",
    "CLOUD_SESSION_TOKEN", "CLOUD_SERVICES",
    "AUTO_SCALING_ENABLED", "AUTO_SCALING_MIN_REPLICAS", "AUTO_SCALING_MAX_REPLICAS", "AUTO_SCALING_TARGET_CPU",
    "AUTO_SCALING_TARGET_QPS", "AUTO_SCALING_UP_COOLDOWN", "AUTO_SCALING_DOWN_COOLDOWN",
    "MIN_REPLICAS", "MAX_REPLICAS", "TARGET_CPU", "TARGET_QPS", "UP_COOLDOWN", "DOWN_COOLDOWN",
    "MONITORING_ENABLED", "MONITORING_ALERTS_ENABLED", "MONITORING_METRICS_RETENTION",
    "LOCAL_MODEL_PYTHON_PATH", "LOCAL_MODEL_MODEL_PATH", "LOCAL_MODEL_TIMEOUT", "LOCAL_MODEL_MAX_TOKENS",
    "LOCAL_MODEL_TEMPERATURE", "LOCAL_MODEL_TYPE", "LOCAL_MODEL_SIZE", "LOCAL_MODEL_RETRY_ATTEMPTS",
    "LOCAL_MODEL_RETRY_DELAY", "LOCAL_MODEL_PATH",
};
// Levels of its logger, and ours.
constexpr std::array kLevels = {
    Choice<LogLevel>{"trace", LogLevel::Debug}, Choice<LogLevel>{"debug", LogLevel::Debug},
    Choice<LogLevel>{"info", LogLevel::Info},   Choice<LogLevel>{"warn", LogLevel::Warn},
    Choice<LogLevel>{"warning", LogLevel::Warn},Choice<LogLevel>{"error", LogLevel::Error},
    Choice<LogLevel>{"fatal", LogLevel::Error}, Choice<LogLevel>{"panic", LogLevel::Error},
    Choice<LogLevel>{"off", LogLevel::Off},
};
constexpr std::array kGinModes = {
    Choice<LogLevel>{"release", LogLevel::Info}, Choice<LogLevel>{"test", LogLevel::Info},
    Choice<LogLevel>{"debug", LogLevel::Debug},
};
constexpr std::array kBooleans = {
    Choice<bool>{"true", true}, Choice<bool>{"false", false}, Choice<bool>{"1", true}, Choice<bool>{"0", false},
};
// clang-format on

class PredecessorReader {
public:
    PredecessorReader(Config& config, const Variables& variables, Provenance& provenance,
                      Report& report)
        : config_(config), variables_(variables), provenance_(provenance), report_(report) {}

    void read() {
        read_listener();
        read_target();
        require_client_keys();
        read_local_models();
        read_third_party();
        read_log();
        read_limit();
        read_origins();
        config_.metrics.compat = {"s1"};
        boolean("HEALTH_CHECK_ENABLED", "health.enabled", config_.health.enabled);
        name_what_is_ignored();
    }

private:
    // ── what it says ─────────────────────────────────────────────────────────

    void read_listener() {
        std::uint64_t port = kDefaultPort;
        number("PORT", "server.listen", port, 1, 65535);
        config_.server.listen = {"0.0.0.0:" + std::to_string(port)};
    }

    void read_target() {
        routing::PlatformOptions& platform = add_platform(kPlatform, "dashscope");
        platform.base_url = kDefaultTarget;
        platform.is_default = true;
        url("TARGET_URL", platform);
        url("TARGET_API_URL", platform);
        secret("TARGET_KEY", platform);
        secret("TARGET_API_KEY", platform);
        if (!variables_.find("TARGET_KEY") && !variables_.find("TARGET_API_KEY"))
            report_.error({}, "TARGET_API_KEY is not set",
                          "it is the key of the service at " + platform.base_url);
    }

    // Which keys they are is read elsewhere, as in every start.
    void require_client_keys() {
        const auto keys = variables_.find("GATEWAY_API_KEYS");
        const bool has_any = keys && keys->value.find_first_not_of(", \t") != std::string::npos;
        if (!has_any)
            report_.error({}, "GATEWAY_API_KEYS is not set",
                          "it lists the keys of those who may call, separated by commas");
    }

    void read_local_models() {
        bool is_enabled = false;
        boolean("LOCAL_MODEL_ENABLED", "", is_enabled);
        if (!is_enabled) return;
        std::uint64_t port = 5000;
        number("LOCAL_MODEL_PORT", "", port, 1, 65535);
        const auto host = variables_.find("LOCAL_MODEL_HOST");
        routing::PlatformOptions& platform = add_platform("local", "openai-compatible");
        platform.base_url =
            "http://" + (host ? host->value : "localhost") + ":" + std::to_string(port) + "/v1";
        if (const auto checked = check_base_url(platform.base_url); !checked && host)
            refuse("LOCAL_MODEL_HOST", *host, checked.error().message);
        models("ENABLED_LOCAL_MODELS", platform);
    }

    void read_third_party() {
        bool is_enabled = false;
        boolean("THIRD_PARTY_MODEL_ENABLED", "", is_enabled);
        if (!is_enabled) return;
        const auto provider = variables_.find("THIRD_PARTY_MODEL_PROVIDER");
        const bool is_dashscope = !provider || provider->value == "bailian" ||
                                  provider->value == "dashscope" || provider->value == "aliyun";
        const bool is_openai = provider && provider->value == "openai";
        routing::PlatformOptions& platform =
            add_platform("third-party", is_dashscope ? "dashscope"
                                        : is_openai  ? "openai"
                                                     : "openai-compatible");
        url("THIRD_PARTY_MODEL_BASE_URL", platform);
        if (!is_dashscope && !is_openai && platform.base_url.empty())
            report_.error({}, "THIRD_PARTY_MODEL_BASE_URL is not set",
                          "only bailian and openai have an address of their own");
        secret("BAILIAN_API_KEY", platform);
        secret("THIRD_PARTY_MODEL_API_KEY", platform);
        if (platform.api_key.empty())
            report_.error({}, "THIRD_PARTY_MODEL_API_KEY is not set",
                          "or set THIRD_PARTY_MODEL_ENABLED=false");
        models("THIRD_PARTY_MODEL_DEFAULT", platform);
        if (platform.models.empty()) platform.models.push_back({.name = "qwen-turbo"});
    }

    void read_log() {
        choice<LogLevel>("GIN_MODE", "log.level", config_.log.level, kGinModes);
        choice<LogLevel>("LOG_LEVEL", "log.level", config_.log.level, kLevels);
        choice<LogFormat>("LOG_FORMAT", "log.format", config_.log.format, kLogFormats);
    }

    void read_limit() {
        limits::Options& limit = config_.limits.emplace_back();
        limit.by = limits::Subject::Ip;
        limit.rates.rpm = kDefaultPerMinute;
        number("RATE_LIMIT_REQUESTS_PER_MINUTE", "limits[0].rpm", limit.rates.rpm, 1,
               static_cast<std::uint64_t>(kMostPerMinute));
    }

    void read_origins() {
        std::vector<std::string>& origins = config_.server.cors.origins;
        origins = {"*"};
        const auto variable = variables_.find("CORS_ALLOWED_ORIGINS");
        if (!variable) return;
        origins.clear();
        for (const std::string_view part : split(variable->value, ',')) {
            const std::string origin(trim(part));
            if (origin.empty()) continue;
            if (const auto checked = check_origin(origin); !checked)
                return refuse("CORS_ALLOWED_ORIGINS", *variable, checked.error().message);
            origins.push_back(origin);
        }
        record("server.cors", "CORS_ALLOWED_ORIGINS", *variable);
    }

    void name_what_is_ignored() {
        std::string names;
        for (const std::string_view name : kWithoutCounterpart) {
            if (variables_.find(name)) names += (names.empty() ? "" : ", ") + std::string(name);
        }
        if (!names.empty())
            report_.warning({}, "these variables have no counterpart here: " + names,
                            "remove them, or see gateway.toml(5)");
    }

    // ── one variable ─────────────────────────────────────────────────────────

    routing::PlatformOptions& add_platform(const char* name, const char* provider) {
        routing::PlatformOptions& platform = config_.routing.platforms.emplace_back();
        platform.name = name;
        platform.provider = provider;
        return platform;
    }

    void number(std::string_view name, const char* path, std::uint64_t& out, std::uint64_t least,
                std::uint64_t most) {
        const auto variable = variables_.find(name);
        if (!variable) return;
        const auto value = parse_uint(variable->value);
        if (!value || *value < least || *value > most)
            return refuse(name, *variable,
                          "is " + json_string(variable->value.substr(0, 40)) + ", no number from " +
                              std::to_string(least) + " to " + std::to_string(most));
        out = *value;
        record(path, name, *variable);
    }

    template <class E>
    void choice(std::string_view name, const char* path, E& out,
                std::span<const Choice<E>> choices) {
        const auto variable = variables_.find(name);
        if (!variable) return;
        const auto found = std::ranges::find(choices, to_lower(variable->value), &Choice<E>::name);
        if (found != choices.end()) {
            out = found->value;
            return record(path, name, *variable);
        }
        std::string names;
        for (const Choice<E>& each : choices)
            names += (names.empty() ? "" : ", ") + std::string(each.name);
        refuse(name, *variable,
               "is " + json_string(variable->value.substr(0, 40)) + ", none of " + names);
    }

    void boolean(std::string_view name, const char* path, bool& out) {
        choice<bool>(name, path, out, kBooleans);
    }

    void url(std::string_view name, routing::PlatformOptions& platform) {
        const auto variable = variables_.find(name);
        if (!variable) return;
        if (const auto checked = check_base_url(variable->value); !checked)
            return refuse(name, *variable, checked.error().message);
        platform.base_url = variable->value;
        record(path_of(platform, "base_url"), name, *variable);
    }

    void secret(std::string_view name, routing::PlatformOptions& platform) {
        const auto variable = variables_.find(name);
        if (!variable) return;
        if (const auto checked = check_key_text(variable->value); !checked)
            return refuse(name, *variable, checked.error().message);
        platform.api_key = Secret(variable->value, "${" + std::string(name) + "}");
        record(path_of(platform, "api_key"), name, *variable);
    }

    void models(std::string_view name, routing::PlatformOptions& platform) {
        const auto variable = variables_.find(name);
        if (!variable) return;
        for (const std::string_view part : split(variable->value, ',')) {
            const std::string model(trim(part));
            if (model.empty()) continue;
            if (const auto checked = check_model(model); !checked)
                return refuse(name, *variable, checked.error().message);
            platform.models.push_back({.name = model});
            record(join_path(path_of(platform, "models"), model), name, *variable);
        }
    }

    static std::string path_of(const routing::PlatformOptions& platform, std::string_view key) {
        return join_path(join_path("platforms", platform.name), key);
    }

    void record(const std::string& path, std::string_view name, const EnvironmentValue& variable) {
        if (!path.empty()) provenance_.record_variable(path, std::string(name), variable.at);
    }

    // `what` continues the variable's name; it shows no secret.
    void refuse(std::string_view name, const EnvironmentValue& variable, const std::string& what) {
        report_.error(variable.at, std::string(name) + " " + what);
    }

    Config& config_;
    const Variables& variables_;
    Provenance& provenance_;
    Report& report_;
};

}  // namespace

bool is_of_predecessor(const Variables& variables) {
    return std::ranges::any_of(
        kTargets, [&](std::string_view name) { return variables.find(name).has_value(); });
}

void add_predecessor_environment(Config& config, const Variables& variables, Provenance& provenance,
                                 Report& report) {
    PredecessorReader(config, variables, provenance, report).read();
}

}  // namespace aigw::config
