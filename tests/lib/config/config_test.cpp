// The values a configuration comes to, how it prints, and how findings look.
#include "config/config.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "config/listeners.h"
#include "config/load.h"
#include "config/report.h"
#include "limits/limit.h"
#include "tests/fakes/files.h"

using namespace aigw;
using namespace aigw::config;
using namespace std::chrono_literals;
using fakes::Files;
using fakes::Variables;

namespace {

LoadResult parse(std::string_view text, const Variables& variables = {}) {
    const Files files;
    return parse_config(text, "gateway.toml", {files, variables.environment()});
}

std::string errors(const LoadResult& loaded) {
    return loaded ? "it loaded" : render_lines(loaded.error().diagnostics);
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

const std::filesystem::path kSource(AIGW_SOURCE_DIR);

}  // namespace

TEST_CASE("config: an empty file has every default", "[config]") {
    const LoadResult loaded = parse("");
    REQUIRE(errors(loaded) == "it loaded");
    const Config& config = loaded->config;
    CHECK(config.server == ServerOptions{});
    CHECK(config.log == LogOptions{});
    CHECK(config.metrics == MetricsOptions{});
    CHECK(config.health == HealthOptions{});
    CHECK(config.auth.static_keys.empty());
    CHECK(config.routing.platforms.empty());
    CHECK(config.routing.rules.empty());
    CHECK(config.routing.groups.empty());
    CHECK(config.routing.auto_route);
    CHECK(config.limits.empty());
    CHECK(config.pricing.catalog == pricing::Catalog::Builtin);
    CHECK(config.pricing.missing == pricing::Missing::Unpriced);
}

TEST_CASE("config: every setting reaches its field", "[config]") {
    const Variables variables{{{"SET", "sk-set"}, {"HOST_URL", "https://vendor.test/v1"}}};
    const LoadResult loaded =
        parse(read_text(kSource / "tests/golden/config/everything.good.toml"), variables);
    REQUIRE(errors(loaded) == "it loaded");
    const Config& config = loaded->config;
    CHECK(config.server ==
          ServerOptions{
              .listen = {"127.0.0.1:0", "[::1]:8080", "localhost:8081", "unix:/run/aigw.sock"},
              .workers = 4,
              .drain_timeout = 60s,
              .max_body = 64U << 10,
              .max_buffered = 1U << 30,
              .max_connections = 100,
              .trusted_proxies = {"10.0.0.0/8", "2001:db8::1", "unix"},
              .answer_headers = false,
              .timeouts = {.header = 1500ms, .body = 2min, .idle = 1h, .write = 5s},
              .tls = {.cert = "/etc/aigw/tls.crt",
                      .key = "/etc/aigw/tls.key",
                      .client_ca = "/etc/aigw/clients.crt"},
              .cors = {.origins = {"https://app.test", "http://localhost:3000"}}});
    CHECK(config.log == LogOptions{LogLevel::Debug, LogFormat::Text});
    CHECK(config.metrics ==
          MetricsOptions{.enabled = false, .require_admin = true, .compat = {"s1"}});
    CHECK(config.health == HealthOptions{.enabled = false, .status_word = "ok"});
    CHECK(config.conversion == ConversionOptions{.strict = true,
                                                 .default_max_tokens = 4096,
                                                 .mid_system = protocol::MidSystem::Hoist,
                                                 .keep_alive = 20s});

    REQUIRE(config.auth.static_keys.size() == 2);
    const identity::StaticKeyOptions& key = config.auth.static_keys[0];
    CHECK(key.name == "ci");
    CHECK(key.key.reveal() == "sk-set");
    CHECK(key.key.masked() == "${SET}");
    CHECK(key.tenant == "acme");
    CHECK(key.scopes == std::vector<std::string>{"chat", "completions", "embeddings", "models"});
    CHECK(key.models == std::vector<std::string>{"qwen-*", "gpt-4o"});
    CHECK(key.at.text() == "gateway.toml:36");

    REQUIRE(config.routing.platforms.size() == 2);
    const routing::PlatformOptions& platform = config.routing.platforms[0];
    CHECK(platform.name == "qwen-main");
    CHECK(platform.provider == "dashscope");
    CHECK(platform.base_url == "https://vendor.test/v1");
    CHECK(platform.api_key.reveal() == "sk-set");
    CHECK(platform.priority == 3);
    CHECK_FALSE(platform.is_enabled);
    CHECK(platform.is_draining);
    CHECK(platform.is_default);
    const auto& keyed = config.routing.platforms[1];
    REQUIRE(keyed.keys.size() == 2);
    CHECK(keyed.keys[0].name == "k1");
    CHECK(keyed.keys[0].weight == 2);
    CHECK(keyed.keys[1].key.reveal() == "sk-set");
    CHECK(platform.rpm == 600);
    CHECK(platform.tpm == 2000000);
    CHECK(platform.timeouts ==
          routing::Timeouts{.connect = 1s, .first_byte = 30s, .idle = 20s, .total = 5min});
    CHECK(platform.retry.attempts == 4);
    CHECK(platform.retry.on.words() == std::vector<std::string>{"timeout", "429", "503"});
    CHECK(platform.retry.shortest_pause == 1s);
    CHECK(platform.retry.longest_pause == 1min);
    CHECK(platform.retry.budget_percent == 50);
    CHECK_FALSE(platform.retry.honour_retry_after);
    CHECK(platform.health == routing::HealthOptions{.failures = 2,
                                                    .open_for = 10s,
                                                    .slow_start = 1min,
                                                    .path = "/models?limit=1",
                                                    .every = 5s});
    CHECK(platform.headers ==
          std::vector<std::pair<std::string, std::string>>{
              {"X-Extra", "1"}, {"X-Host", "https://vendor.test/v1"}, {"X-Team-Token", "sk-set"}});
    CHECK(platform.discount.text() == "0.90");
    REQUIRE(platform.models.size() == 2);
    CHECK(platform.models[0].name == "qwen-turbo");
    CHECK(platform.models[0].upstream == "");
    CHECK(platform.models[0].rpm == 0);
    CHECK(platform.models[1].name == "qwen-max");
    CHECK(platform.models[1].upstream == "qwen-max-2025-01-25");
    CHECK(platform.models[1].rpm == 60);
    CHECK(platform.models[1].tpm == 90000);
    CHECK(platform.models[0].caps.empty());
    const protocol::ModelTraits traits = protocol::with_caps({}, platform.models[1].caps);
    CHECK(traits.max_output == 8192);
    CHECK(traits.images);
    CHECK_FALSE(traits.prefill);
    CHECK(traits.efforts == protocol::Efforts{protocol::Effort::Low, protocol::Effort::High});
    CHECK(config.routing.platforms[1].name == "other.vendor");

    using routing::TargetKind;
    using Targets = std::vector<routing::TargetOptions>;
    REQUIRE(config.routing.rules.size() == 4);
    CHECK(config.routing.rules[0].model == "gpt-4o");
    CHECK(config.routing.rules[0].to == Targets{{TargetKind::Platform, "qwen-main"}});
    CHECK(config.routing.rules[1].to ==
          Targets{{TargetKind::Group, "pool"}, {TargetKind::Platform, "qwen-main"}});
    CHECK(config.routing.rules[1].upstream_model == "gpt-4o");
    CHECK(config.routing.rules[1].priority == 10);
    CHECK(config.routing.rules[2].priority == -10);
    CHECK(config.routing.rules[3].model == "");
    CHECK_FALSE(config.routing.auto_route);
    REQUIRE(config.routing.groups.size() == 2);
    CHECK(config.routing.groups[0].name == "pool");
    CHECK(config.routing.groups[0].members ==
          std::vector<routing::MemberOptions>{{"qwen-main"}, {"other.vendor", 3}});
    CHECK(config.routing.groups[0].algorithm == routing::Algorithm::WeightedRoundRobin);
    CHECK(config.routing.groups[0].sticky == routing::Sticky::Tenant);
    CHECK(config.routing.groups[1].algorithm == routing::Algorithm::Failover);
    CHECK(config.routing.groups[1].models == std::vector<std::string>{"claude-*", "o3"});

    REQUIRE(config.limits.size() == 5);
    CHECK(config.limits[0].name == "per-key");
    CHECK(config.limits[0].by == limits::Subject::Key);
    CHECK_FALSE(config.tokens.learns);
    CHECK(config.tokens.max_exact_bytes == 1 << 20);
    REQUIRE(config.tokens.models.size() == 2);
    CHECK(config.tokens.models[0].pattern == "acme-*");
    CHECK(config.tokens.models[0].counter == "qwen");
    CHECK(config.tokens.models[0].factor == 1.5);
    CHECK(config.tokens.models[1].factor == 1);
    CHECK(config.limits[0].rates == limits::Rates{.rpm = 60, .tpm = 200000});
    CHECK(config.limits[0].model == "gpt-*");
    CHECK(config.limits[0].mode == limits::Mode::Monitor);
    CHECK(config.limits[1].by == limits::Subject::Platform);
    CHECK(config.limits[2].by == limits::Subject::Model);
    CHECK(config.limits[2].mode == limits::Mode::Enforce);
    CHECK(config.limits[3].by == limits::Subject::Ip);
    CHECK(limits::name_of(config.limits[4].by) == "tenant,model");
    const limits::Rates& budgets = config.limits[4].rates;
    CHECK(budgets.qps == 5);
    CHECK(budgets.concurrency == 10);
    CHECK(budgets.tokens[1] == limits::Quota{limits::Period::sliding(1h), 40'000, {}});
    CHECK(budgets.money[0] ==
          limits::Quota{limits::Period::month(), 50'000'000'000, Currency::literal("CNY")});
    CHECK(budgets.money[1].max == 1);
    CHECK(config.pricing.catalog == pricing::Catalog::None);
    CHECK(config.pricing.missing == pricing::Missing::WorstCase);
}

TEST_CASE("config: the shipped gateway.toml loads without a warning", "[config]") {
    const DiskFiles disk;
    const Environment environment = Variables().environment();
    const LoadResult loaded = load_config((kSource / "gateway.toml").string(), {disk, environment});
    REQUIRE(errors(loaded) == "it loaded");
    CHECK(render_lines(loaded->warnings) == "");
    CHECK(check_listeners(loaded->config));
    const auto& platforms = loaded->config.routing.platforms;
    REQUIRE(platforms.size() == 3);
    CHECK(platforms[0].name == "openai-main");
    CHECK(platforms[0].base_url == "http://127.0.0.1:9101/v1");
    CHECK(platforms[1].name == "claude-main");
    CHECK(platforms[1].base_url == "http://127.0.0.1:9101/anthropic");
    CHECK(platforms[2].name == "qwen-main");
    CHECK(platforms[2].base_url == "http://127.0.0.1:9101/compatible-mode/v1");
    REQUIRE(loaded->config.auth.static_keys.size() == 1);
    CHECK(loaded->config.auth.static_keys[0].name == "dev");
    CHECK(loaded->config.auth.static_keys[0].key.reveal() == "sk-aigw-dev");
}

TEST_CASE("config: the example of the manual loads without a warning", "[config]") {
    const std::string manual = read_text(kSource / "man/gateway.toml.5");
    constexpr std::string_view kStart = ".Bd -literal -offset indent\n";
    const std::size_t begin = manual.find(kStart);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = manual.find(".Ed\n", begin);
    REQUIRE(end != std::string::npos);
    const std::string example = manual.substr(begin + kStart.size(), end - begin - kStart.size());

    Files files;
    files.content["/run/secrets/gateway-key"] = "sk-gateway\n";
    const Variables variables{{{"OPENAI_API_KEY", "sk-1"}, {"DASHSCOPE_API_KEY", "sk-2"}}};
    const LoadResult loaded =
        parse_config(example, "example.toml", {files, variables.environment()});
    REQUIRE(errors(loaded) == "it loaded");
    CHECK(render_lines(loaded->warnings) == "");
    CHECK(loaded->config.routing.platforms.size() == 2);
}

TEST_CASE("config: the manual names every key and every default", "[config]") {
    const std::string manual = read_text(kSource / "man/gateway.toml.5");
    const LoadResult loaded = parse("");
    REQUIRE(errors(loaded) == "it loaded");
    for (const std::string_view line : split(loaded->effective, '\n')) {
        const std::string_view key = line.substr(0, line.find(" = "));
        if (key == line) continue;
        DYNAMIC_SECTION(key) {
            std::string value(line.substr(key.size() + 3));
            for (std::size_t at = 0; (at = value.find('"', at)) != std::string::npos; at += 4)
                value.replace(at, 1, "\\(dq");
            CHECK(manual.find(" Ic " + std::string(key) + " Li = " + value + "\n") !=
                  std::string::npos);
        }
    }
    for (const char* key :
         {"include", "name",     "key",     "tenant",  "scopes",    "provider", "base_url",
          "api_key", "priority", "default", "limits",  "headers",   "pricing",  "models",
          "match",   "to",       "model",   "members", "algorithm", "by",       "rpm",
          "mode",    "tls",      "retry",   "health"}) {
        DYNAMIC_SECTION("key " << key) {
            CHECK(manual.find(".It Ic " + std::string(key)) != std::string::npos);
        }
    }
}

TEST_CASE("config: the effective file shows every default and no secret", "[config]") {
    const LoadResult loaded = parse(
        "[platforms.a]\nprovider = \"openai\"\napi_key = \"${KEY:-sk-default}\"\n"
        "[platforms.b]\nprovider = \"openai\"\napi_key = \"sk-in-the-clear\"\n"
        "headers = { X-Token = \"sk-in-the-clear\", X-Plain = \"plain\", X-Ref = \"v-${KEY:-1}\" "
        "}\n",
        {{{"GATEWAY_API_KEYS", "sk-client"}}});
    REQUIRE(errors(loaded) == "it loaded");
    CHECK(print_config(*loaded, ShowOrigin::No) == loaded->effective);
    CHECK(loaded->effective == R"([server]
listen = ["127.0.0.1:8080"]
workers = 0
drain_timeout = "30s"
max_body = "32MiB"
max_buffered = "512MiB"
max_connections = 8000
trusted_proxies = []
answer_headers = true
timeouts = { header = "10s", body = "1m", idle = "75s", write = "30s" }
cors = { origins = [] }

[log]
level = "info"
format = "json"

[metrics]
enabled = true
require_admin = false
compat = []

[health]
enabled = true
status_word = "healthy"

[conversion]
strict = false
default_max_tokens = 8192
mid_system = "native"
keep_alive = "15s"

[tokens]
learn = true
max_exact = "4MiB"

# one of GATEWAY_API_KEYS
# [[auth.static_keys]]
# name = "env-1"
# key = "***"

[platforms.a]
provider = "openai"
api_key = "${KEY:-***}"
enabled = true
drain = false
priority = 0
default = false
timeouts = { connect = "3s", first_byte = "1m", idle = "1m", total = "10m" }
retry = { attempts = 2, on = ["connect", "401", "402", "403", "408", "429", "5xx"], backoff = "200ms..2s", budget = "20%", honour_retry_after = true }
health = { failures = 5, open_for = "30s", slow_start = "0s" }
pricing = { discount = "1" }

[platforms.b]
provider = "openai"
api_key = "***"
enabled = true
drain = false
priority = 0
default = false
timeouts = { connect = "3s", first_byte = "1m", idle = "1m", total = "10m" }
retry = { attempts = 2, on = ["connect", "401", "402", "403", "408", "429", "5xx"], backoff = "200ms..2s", budget = "20%", honour_retry_after = true }
health = { failures = 5, open_for = "30s", slow_start = "0s" }
pricing = { discount = "1" }

[platforms.b.headers]
X-Token = "***"
X-Plain = "plain"
X-Ref = "v-${KEY:-1}"

[auto_route]
enabled = true

[pricing]
catalog = "builtin"
missing = "unpriced"
)");
}

TEST_CASE("config: origins name the file and line, the environment or the default", "[config]") {
    const LoadResult loaded =
        parse("[server]\nworkers = 2\n[log]\nlevel = \"info\"\n", {{{"OPENAI_API_KEY", "sk"}}});
    REQUIRE(errors(loaded) == "it loaded");
    const std::string printed = print_config(*loaded, ShowOrigin::Yes);
    const auto line = [&](std::string_view start) {
        const std::size_t at = printed.find("\n" + std::string(start));
        REQUIRE(at != std::string::npos);
        return printed.substr(at + 1, printed.find('\n', at + 1) - at - 1);
    };
    CHECK(line("workers") == "workers = 2                                       # gateway.toml:2");
    CHECK(line("level") == "level = \"info\"                                    # gateway.toml:4");
    CHECK(line("format") == "format = \"json\"                                   # default");
    CHECK(line("api_key") == "api_key = \"${OPENAI_API_KEY}\"                     # environment");
}

TEST_CASE("config: the shipped file round-trips once its variables are set", "[config]") {
    const Variables variables{{{"GATEWAY_KEY", "sk-client"},
                               {"OPENAI_API_KEY", "sk-openai"},
                               {"ANTHROPIC_API_KEY", "sk-anthropic"},
                               {"DASHSCOPE_API_KEY", "sk-dashscope"}}};
    const LoadResult first = parse(read_text(kSource / "gateway.toml"), variables);
    REQUIRE(errors(first) == "it loaded");
    const LoadResult second = parse(first->effective, variables);
    REQUIRE(errors(second) == "it loaded");
    CHECK(second->effective == first->effective);
    CHECK(second->config.auth.static_keys[0].key.reveal() == "sk-client");
    CHECK(second->config.routing.platforms[0].api_key.reveal() == "sk-openai");
    CHECK(second->config.routing.platforms[1].api_key.reveal() == "sk-anthropic");
    CHECK(second->config.routing.platforms[2].api_key.reveal() == "sk-dashscope");
}

TEST_CASE("config: a gateway from the environment alone prints one that is the same", "[config]") {
    const Variables variables{{{"OPENAI_API_KEY", "sk-openai"}, {"GATEWAY_API_KEYS", "one,two"}}};
    const LoadResult first = parse("", variables);
    REQUIRE(errors(first) == "it loaded");
    const LoadResult second = parse(first->effective, variables);
    REQUIRE(errors(second) == "it loaded");
    CHECK(second->effective == first->effective);
    CHECK(second->config.auth.static_keys.size() == 2);
    CHECK(second->config.routing.platforms[0].api_key.reveal() == "sk-openai");
}

TEST_CASE("config: the digest knows settings, not secrets and not layout", "[config]") {
    const auto digest = [](std::string_view text, const Variables& variables = {}) {
        const LoadResult loaded = parse(text, variables);
        REQUIRE(errors(loaded) == "it loaded");
        return loaded->config.digest;
    };
    const std::string empty = digest("");
    CHECK(empty.starts_with("sha256:"));
    CHECK(empty.size() == 7 + 64);
    CHECK(digest("# a remark\n\n[log]\nlevel = 'info'\n") == empty);
    CHECK(digest("[log]\nlevel = \"warn\"\n") != empty);
    constexpr std::string_view kKeyed =
        "[platforms.a]\nprovider = \"openai\"\napi_key = \"${KEY}\"\n";
    CHECK(digest(kKeyed, {{{"KEY", "one"}}}) == digest(kKeyed, {{{"KEY", "two"}}}));
    constexpr std::string_view kAddressed =
        "[platforms.a]\nprovider = \"openai\"\nbase_url = \"${URL}\"\n";
    CHECK(digest(kAddressed, {{{"URL", "http://a"}}}) !=
          digest(kAddressed, {{{"URL", "http://b"}}}));
}

TEST_CASE("config: a failure is one Error for whoever wants one", "[config]") {
    const auto error = [](std::string_view text) { return to_error(parse(text).error()); };
    CHECK(error("servr = 1") == Error{ErrorCode::Config, "gateway.toml:1:1: unknown key \"servr\"",
                                      "did you mean \"server\"?"});
    CHECK(render_line(error("servr = 1\nlogs = 1")) ==
          "gateway.toml:1:1: unknown key \"servr\": did you mean \"server\"? (and 1 more error)");
    CHECK(render_line(error("servr = 1\nlogs = 1\nlimit = 1")) ==
          "gateway.toml:1:1: unknown key \"servr\": did you mean \"server\"? (and 2 more errors)");
}

TEST_CASE("config: an excerpt points at the character", "[config]") {
    const LoadResult loaded = parse("[server]\n\t\"w\u00f6rkers\" = 1\n");
    REQUIRE_FALSE(loaded);
    CHECK(render_excerpt(loaded.error().diagnostics.front()) ==
          "gateway.toml:2:2: unknown key \"w\u00f6rkers\": did you mean \"workers\"?\n"
          "    2 | \t\"w\u00f6rkers\" = 1\n"
          "      | \t^\n");
}

TEST_CASE("config: lines that are shown hold no secret", "[config]") {
    struct Case {
        const char* name;
        const char* line;
        std::uint32_t column;
        const char* want;
        std::uint32_t want_column;
    };
    const Case cases[] = {
        {"nothing to hide", "workers = 4", 11, "workers = 4", 11},
        {"a key", "api_key = \"sk-1\" # remark", 11, "api_key = *** # remark", 11},
        {"a column behind it moves along", "{ key = 'sk-1', nme = 1 }", 17,
         "{ key = ***, nme = 1 }", 14},
        {"a column inside it goes to its start", "key = \"sk-1\"", 10, "key = ***", 7},
        {"an escaped quote does not end it", R"(key = "a\"b" # x)", 1, "key = *** # x", 1},
        {"never closed", "token = \"sk-1", 14, "token = ***", 12},
        {"without quotes", "password = sk-1 # x", 1, "password = ***", 1},
        {"in triple quotes", "secret = '''sk''1''' # x", 1, "secret = *** # x", 1},
        {"a quoted name", "\"X-Api-Key\" = \"sk-1\"", 1, "\"X-Api-Key\" = ***", 1},
        {"several on a line", "a_key = \"1\", b_token = \"2\", c = \"3\"", 28,
         "a_key = ***, b_token = ***, c = \"3\"", 28},
        {"a list of keys", "keys = [\"a\", \"b\"]", 1, "keys = ***", 1},
        {"a password in a URL", "base_url = \"http://u:p@h/v1\"", 12,
         "base_url = \"http://***@h/v1\"", 12},
        {"a URL without one", "base_url = \"http://h/v1@2\"", 12, "base_url = \"http://h/v1@2\"",
         12},
        {"wide letters count once", "{ key = 'schlüssel', ü = 1 }", 22, "{ key = ***, ü = 1 }", 14},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const MaskedLine masked = mask_line(c.line, c.column);
            CHECK(masked.text == c.want);
            CHECK(masked.column == c.want_column);
        }
    }
}

TEST_CASE("config: addresses that can be listened on", "[config]") {
    struct Case {
        const char* address;
        bool is_valid;
        bool is_local;
    };
    const Case cases[] = {
        {"127.0.0.1:8080", true, true},
        {"127.8.9.10:0", true, true},
        {"localhost:80", true, true},
        {"LocalHost:80", true, true},
        {"[::1]:8080", true, true},
        {"unix:/run/aigw.sock", true, true},
        {"0.0.0.0:8080", true, false},
        {"[::]:8080", true, false},
        {"192.168.1.4:65535", true, false},
        {"gateway.internal:443", true, false},
        {"127.evil.example:80", true, false},
        {"127.0.0.1:65536", false, true},
        {"127.0.0.1:-1", false, true},
        {"1.2.3:80", false, false},
        {"[127.0.0.1]:80", false, false},
        {"::1:80", false, false},
        {"[::1:80", false, false},
        {"[", false, false},
        {"[]:80", false, false},
        {"", false, false},
        {"a_b:80", false, false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("address " << c.address) {
            CHECK(check_address(c.address).has_value() == c.is_valid);
            CHECK(is_local_address(c.address) == c.is_local);
        }
    }
    CHECK_FALSE(check_address("unix:/" + std::string(107, 'x')));
    CHECK(check_address("unix:/" + std::string(106, 'x')));
}

TEST_CASE("config: without a key only the own machine is served", "[config]") {
    Config config;
    CHECK(check_listeners(config));
    config.server.listen = {"unix:/run/aigw.sock", "0.0.0.0:8080"};
    const auto checked = check_listeners(config);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::Config);
    CHECK(render_line(checked.error()) ==
          "others can reach 0.0.0.0:8080, and no key says who may call: set GATEWAY_API_KEYS, add "
          "[[auth.static_keys]], or listen on 127.0.0.1");
    config.auth.static_keys.push_back({.name = "ci", .key = Secret("sk", "")});
    CHECK(check_listeners(config));
}
