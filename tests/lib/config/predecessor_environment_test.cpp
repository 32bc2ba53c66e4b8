// A gateway from the variables of a one-upstream proxy, without a file.
#include <catch2/catch.hpp>

#include "config/load.h"
#include "tests/fakes/files.h"

using namespace aigw;
using namespace aigw::config;
using fakes::Files;

namespace {

using Set = std::map<std::string, std::string, std::less<>>;

Set with(const Set& more) {
    Set all = {{"TARGET_API_KEY", "sk-target"}, {"GATEWAY_API_KEYS", "one, two ,,"}};
    for (const auto& [name, value] : more) all[name] = value;
    return all;
}

LoadResult load(const Set& set, const Files& files = {}) {
    const fakes::Variables variables{set};
    return config_from_environment({files, variables.environment()});
}

std::string findings(const LoadResult& loaded) {
    return render_lines(loaded ? loaded->warnings : loaded.error().diagnostics);
}

Config config_of(const Set& set) {
    LoadResult loaded = load(set);
    if (!loaded) FAIL(findings(loaded));
    return std::move(loaded->config);
}

}  // namespace

TEST_CASE("config: the variables of a one-upstream proxy are a gateway", "[config]") {
    const LoadResult loaded = load(with({}));
    REQUIRE(findings(loaded) == "");
    const Config& config = loaded->config;
    CHECK(config.server.listen == std::vector<std::string>{"0.0.0.0:8080"});
    REQUIRE(config.routing.platforms.size() == 1);
    const routing::PlatformOptions& platform = config.routing.platforms.front();
    CHECK(platform.name == "dashscope");
    CHECK(platform.provider == "dashscope");
    CHECK(platform.base_url == "https://dashscope.aliyuncs.com/compatible-mode/v1");
    CHECK(platform.api_key.reveal() == "sk-target");
    CHECK(platform.is_default);
    REQUIRE(config.auth.static_keys.size() == 2);
    CHECK(config.auth.static_keys[1].key.reveal() == "two");
    REQUIRE(config.limits.size() == 1);
    CHECK(config.limits[0].by == limits::Subject::Ip);
    CHECK(config.limits[0].rates.rpm == 60);
    CHECK(config.log == LogOptions{});
    CHECK(config.health.enabled);
}

TEST_CASE("config: each variable of a one-upstream proxy reaches its setting", "[config]") {
    struct Case {
        Set set;
        std::function<bool(const Config&)> holds;
    };
    const auto level = [](LogLevel wanted) {
        return [wanted](const Config& config) { return config.log.level == wanted; };
    };
    const auto first = [](const Config& config) { return config.routing.platforms.front(); };
    const Case cases[] = {
        {{{"PORT", "9000"}}, [](const Config& c) { return c.server.listen[0] == "0.0.0.0:9000"; }},
        {{{"PORT", "  "}}, [](const Config& c) { return c.server.listen[0] == "0.0.0.0:8080"; }},
        {{{"TARGET_API_URL", "http://up.test/v1"}},
         [&](const Config& c) { return first(c).base_url == "http://up.test/v1"; }},
        {{{"TARGET_URL", "http://up.test/v1"}},
         [&](const Config& c) { return first(c).base_url == "http://up.test/v1"; }},
        {{{"TARGET_URL", "http://a.test"}, {"TARGET_API_URL", "http://b.test"}},
         [&](const Config& c) { return first(c).base_url == "http://b.test"; }},
        {{{"TARGET_API_KEY", ""}, {"TARGET_KEY", "sk-later"}},
         [&](const Config& c) { return first(c).api_key.reveal() == "sk-later"; }},
        {{{"GIN_MODE", "debug"}}, level(LogLevel::Debug)},
        {{{"GIN_MODE", "release"}}, level(LogLevel::Info)},
        {{{"GIN_MODE", "debug"}, {"LOG_LEVEL", "error"}}, level(LogLevel::Error)},
        {{{"LOG_LEVEL", "WARNING"}}, level(LogLevel::Warn)},
        {{{"LOG_LEVEL", "trace"}}, level(LogLevel::Debug)},
        {{{"LOG_FORMAT", "text"}}, [](const Config& c) { return c.log.format == LogFormat::Text; }},
        {{{"RATE_LIMIT_REQUESTS_PER_MINUTE", "100"}},
         [](const Config& c) { return c.limits[0].rates.rpm == 100; }},
        {{{"HEALTH_CHECK_ENABLED", "false"}}, [](const Config& c) { return !c.health.enabled; }},
        {{{"HEALTH_CHECK_ENABLED", "True"}}, [](const Config& c) { return c.health.enabled; }},
        {{{"LOCAL_MODEL_ENABLED", "false"}, {"LOCAL_MODEL_PORT", "nonsense"}},
         [](const Config& c) { return c.routing.platforms.size() == 1; }},
        {{{"LOCAL_MODEL_ENABLED", "true"}, {"ENABLED_LOCAL_MODELS", "llama, phi"}},
         [](const Config& c) {
             const routing::PlatformOptions& local = c.routing.platforms.at(1);
             return local.name == "local" && local.provider == "openai-compatible" &&
                    local.base_url == "http://localhost:5000/v1" && local.models.size() == 2 &&
                    local.models[1].name == "phi" && !local.is_default;
         }},
        {{{"THIRD_PARTY_MODEL_ENABLED", "true"},
          {"THIRD_PARTY_MODEL_PROVIDER", "bailian"},
          {"BAILIAN_API_KEY", "sk-third"}},
         [](const Config& c) {
             const routing::PlatformOptions& third = c.routing.platforms.at(1);
             return third.name == "third-party" && third.provider == "dashscope" &&
                    third.api_key.reveal() == "sk-third" && third.models[0].name == "qwen-turbo";
         }},
        {{{"CORS_ALLOWED_ORIGINS", "http://localhost:3000, http://localhost:5173"}},
         [](const Config& c) {
             return c.server.cors.origins ==
                    std::vector<std::string>{"http://localhost:3000", "http://localhost:5173"};
         }},
        {{{"CORS_ALLOWED_ORIGINS", ""}},
         [](const Config& c) { return c.server.cors.origins == std::vector<std::string>{"*"}; }},
        {{{"NEVER_HEARD_OF", "x"}}, [](const Config&) { return true; }},
    };
    for (const Case& c : cases) {
        std::string name;
        for (const auto& [variable, value] : c.set) name += variable + "=" + value + " ";
        DYNAMIC_SECTION(name) {
            CHECK(c.holds(config_of(with(c.set))));
        }
    }
}

TEST_CASE("config: what is wrong with a proxy's variable is one line that names it", "[config]") {
    struct Case {
        const char* name;
        Set set;
        const char* findings;
    };
    const Case cases[] = {
        {"no key of the target",
         {{"TARGET_API_KEY", ""}, {"TARGET_API_URL", "http://up.test/v1"}},
         "TARGET_API_KEY is not set: it is the key of the service at http://up.test/v1\n"},
        {"no keys of callers",
         {{"GATEWAY_API_KEYS", " , "}},
         "GATEWAY_API_KEYS is not set: it lists the keys of those who may call, separated by "
         "commas\n"},
        {"a port that is none",
         {{"PORT", "http"}},
         "PORT is \"http\", no number from 1 to 65535\n"},
        {"a port too high", {{"PORT", "65536"}}, "PORT is \"65536\", no number from 1 to 65535\n"},
        {"no requests at all",
         {{"RATE_LIMIT_REQUESTS_PER_MINUTE", "0"}},
         "RATE_LIMIT_REQUESTS_PER_MINUTE is \"0\", no number from 1 to 1000000000\n"},
        {"a fraction",
         {{"RATE_LIMIT_REQUESTS_PER_MINUTE", "1.5"}},
         "RATE_LIMIT_REQUESTS_PER_MINUTE is \"1.5\", no number from 1 to 1000000000\n"},
        {"an unknown level",
         {{"LOG_LEVEL", "loud"}},
         "LOG_LEVEL is \"loud\", none of trace, debug, info, warn, warning, error, fatal, panic, "
         "off\n"},
        {"an unknown form", {{"LOG_FORMAT", "xml"}}, "LOG_FORMAT is \"xml\", none of json, text\n"},
        {"neither true nor false",
         {{"HEALTH_CHECK_ENABLED", "maybe"}},
         "HEALTH_CHECK_ENABLED is \"maybe\", none of true, false, 1, 0\n"},
        {"an address with a password",
         {{"TARGET_API_URL", "http://me:sk-secret@up.test"}},
         "TARGET_API_URL names a user or a password\n"},
        {"an origin with a path",
         {{"CORS_ALLOWED_ORIGINS", "http://localhost:3000/app"}},
         "CORS_ALLOWED_ORIGINS has a path\n"},
        {"a key with a blank",
         {{"TARGET_API_KEY", "sk secret"}},
         "TARGET_API_KEY holds a blank, a control character or a letter beyond ASCII\n"},
        {"a third party without a key",
         {{"THIRD_PARTY_MODEL_ENABLED", "true"}},
         "THIRD_PARTY_MODEL_API_KEY is not set: or set THIRD_PARTY_MODEL_ENABLED=false\n"},
        {"a third party without an address",
         {{"THIRD_PARTY_MODEL_ENABLED", "true"},
          {"THIRD_PARTY_MODEL_PROVIDER", "acme"},
          {"THIRD_PARTY_MODEL_API_KEY", "sk-third"}},
         "THIRD_PARTY_MODEL_BASE_URL is not set: only bailian and openai have an address of their "
         "own\n"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const LoadResult loaded = load(with(c.set));
            CHECK_FALSE(loaded);
            CHECK(findings(loaded) == c.findings);
        }
    }
}

TEST_CASE("config: a proxy's variables without a counterpart are named once", "[config]") {
    const LoadResult loaded =
        load(with({{"REDIS_ADDR", "r:6379"}, {"JWT_SECRET", "sk-secret"}, {"RAM_REGION", " "}}));
    REQUIRE(loaded);
    CHECK(findings(loaded) ==
          "warning: these variables have no counterpart here: JWT_SECRET, REDIS_ADDR: remove them, "
          "or see gateway.toml(5)\n");
}

TEST_CASE("config: .env says the same as the environment, with its lines", "[config]") {
    Files files;
    files.content[".env"] =
        "TARGET_API_KEY=sk-target\nGATEWAY_API_KEYS='one,two'\nPORT=9000\nLOG_LEVEL=loud\n";
    CHECK(findings(load({}, files)) ==
          ".env:4:1: LOG_LEVEL is \"loud\", none of trace, debug, info, warn, warning, error, "
          "fatal, panic, off\n");
    const LoadResult loaded = load({{"LOG_LEVEL", "info"}}, files);
    REQUIRE(findings(loaded) == "");
    const std::string printed = print_config(*loaded, ShowOrigin::Yes);
    const auto line = [&](std::string_view start) {
        const std::size_t at = printed.find("\n" + std::string(start));
        REQUIRE(at != std::string::npos);
        return printed.substr(at + 1, printed.find('\n', at + 1) - at - 1);
    };
    CHECK(line("listen = ") ==
          "listen = [\"0.0.0.0:9000\"]                         # $PORT in .env:3");
    CHECK(line("level = ") == "level = \"info\"                                    # $LOG_LEVEL");
    CHECK(line("api_key = ") ==
          "api_key = \"${TARGET_API_KEY}\"                     # $TARGET_API_KEY in .env:1");
    CHECK(printed.find("sk-target") == std::string::npos);
}

TEST_CASE("config: with a file the variables of a proxy say nothing", "[config]") {
    Files files;
    files.content["gateway.toml"] = "[platforms.mine]\nprovider = \"openai\"\n";
    files.content[".env"] = "nonsense\n";
    const fakes::Variables variables{with({{"PORT", "nonsense"}})};
    const LoadResult loaded = load_config("gateway.toml", {files, variables.environment()});
    REQUIRE(findings(loaded) == "");
    CHECK(loaded->config.server.listen == ServerOptions{}.listen);
    CHECK(loaded->config.routing.platforms.size() == 1);
    CHECK(loaded->config.limits.empty());
}

TEST_CASE("config: what a proxy's variables amount to prints as a file that says the same",
          "[config]") {
    const Set set = with({{"PORT", "9000"}, {"HEALTH_CHECK_ENABLED", "false"}});
    const LoadResult first = load(set);
    REQUIRE(findings(first) == "");
    const fakes::Variables variables{set};
    const LoadResult second =
        parse_config(first->effective, "printed.toml", {Files(), variables.environment()});
    REQUIRE(findings(second) == "");
    CHECK(second->effective == first->effective);
}
