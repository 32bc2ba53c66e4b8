#include "config/sections.h"

#include <chrono>

#include "base/text.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/listeners.h"
#include "identity/client_address.h"

namespace aigw::config {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::uint64_t kSmallestBody = 1ULL << 10;
constexpr std::uint64_t kLargestBody = 4ULL << 30;
constexpr std::uint64_t kLargestBuffer = 1ULL << 40;

Result<void> check_predecessor(std::string_view name) {
    if (name == "s1") return {};
    return Error{ErrorCode::Config, "is " + json_string(name) + ", which names no predecessor",
                 "it is one of: s1"};
}

void read_timeouts(TableReader& timeouts, ServerTimeouts& out) {
    timeouts.duration("header", out.header, 1ms, kLongestTimeout);
    timeouts.duration("body", out.body, 1ms, kLongestTimeout);
    timeouts.duration("idle", out.idle, 1ms, kLongestTimeout);
    timeouts.duration("write", out.write, 1ms, kLongestTimeout);
}

void read_tls(TableReader& tls, TlsOptions& out) {
    tls.require("cert", "\"/etc/aigw/tls.crt\"");
    tls.require("key", "\"/etc/aigw/tls.key\"");
    tls.text("cert", out.cert, check_pem_path);
    tls.text("key", out.key, check_pem_path);
    tls.text("client_ca", out.client_ca, check_pem_path);
}

void read_listen(TableReader& server, ServerOptions& out) {
    server.texts("listen", out.listen, check_address);
    const Value* value = server.any("listen");
    if (value != nullptr && value->array() != nullptr && value->array()->empty()) {
        server.error(value->at, "server.listen is empty",
                     "name an address, such as [\"127.0.0.1:8080\"]");
    }
}

}  // namespace

ServerOptions read_server(TableReader& root) {
    ServerOptions out;
    root.table("server", [&](TableReader& server) {
        read_listen(server, out);
        server.integer("workers", out.workers, 0, 1024);
        server.duration("drain_timeout", out.drain_timeout, 0ms, kLongestTimeout);
        server.size("max_body", out.max_body, kSmallestBody, kLargestBody);
        server.size("max_buffered", out.max_buffered, kSmallestBody, kLargestBuffer);
        server.integer("max_connections", out.max_connections, 1, 1'000'000);
        server.texts("trusted_proxies", out.trusted_proxies, identity::check_trusted_proxy);
        server.boolean("answer_headers", out.answer_headers);
        server.table("timeouts",
                     [&](TableReader& timeouts) { read_timeouts(timeouts, out.timeouts); });
        server.table("tls", [&](TableReader& tls) { read_tls(tls, out.tls); });
        server.table("cors", [&](TableReader& cors) {
            cors.texts("origins", out.cors.origins, check_origin);
        });
        if (out.max_buffered < out.max_body) {
            const char* later = server.has("max_buffered") ? "max_buffered" : "max_body";
            server.error(server.context().provenance.place_of(join_path(server.path(), later)),
                         "server.max_buffered (" + render_size(out.max_buffered) +
                             ") is less than server.max_body (" + render_size(out.max_body) + ")",
                         "one body of the largest size must fit");
        }
    });
    return out;
}

LogOptions read_log(TableReader& root) {
    LogOptions out;
    root.table("log", [&](TableReader& log) {
        log.choice<LogLevel>("level", out.level, kLogLevels);
        log.choice<LogFormat>("format", out.format, kLogFormats);
    });
    return out;
}

MetricsOptions read_metrics(TableReader& root) {
    MetricsOptions out;
    root.table("metrics", [&](TableReader& metrics) {
        metrics.boolean("enabled", out.enabled);
        metrics.boolean("require_admin", out.require_admin);
        metrics.texts("compat", out.compat, check_predecessor);
    });
    return out;
}

HealthOptions read_health(TableReader& root) {
    HealthOptions out;
    root.table("health", [&](TableReader& health) {
        health.boolean("enabled", out.enabled);
        health.text("status_word", out.status_word, check_label);
    });
    return out;
}

ConversionOptions read_conversion(TableReader& root) {
    constexpr std::int64_t kMostTokens = 1'000'000;
    ConversionOptions out;
    root.table("conversion", [&](TableReader& conversion) {
        conversion.boolean("strict", out.strict);
        conversion.integer("default_max_tokens", out.default_max_tokens, 1, kMostTokens);
        conversion.choice<protocol::MidSystem>("mid_system", out.mid_system, kMidSystems);
        conversion.duration("keep_alive", out.keep_alive, 10ms, 10min);
    });
    return out;
}

pricing::Options read_pricing(TableReader& root) {
    pricing::Options out;
    root.table("pricing", [&](TableReader& pricing) {
        pricing.choice<pricing::Catalog>("catalog", out.catalog, kCatalogs);
        pricing.choice<pricing::Missing>("missing", out.missing, kMissingPrices);
    });
    return out;
}

tokens::Options read_tokens(TableReader& root) {
    constexpr std::uint64_t kLeast = 64ULL << 10;
    constexpr std::uint64_t kMost = 256ULL << 20;
    tokens::Options out;
    root.table("tokens", [&](TableReader& tokens) {
        tokens.boolean("learn", out.learns);
        tokens.size("max_exact", out.max_exact_bytes, kLeast, kMost);
        tokens.named_tables(
            "models", check_pattern, [&](const std::string& pattern, TableReader& entry) {
                tokens::CounterOverride& row = out.models.emplace_back();
                row.pattern = pattern;
                Decimal factor = 1;
                entry.require("counter", "\"o200k_base\"");
                entry.text("counter", row.counter);
                entry.decimal("factor", factor, Decimal(10));
                row.factor = std::stod(factor.text());
                if (row.counter.empty()) return;
                if (auto made = tokens::ModelCounters::make({&row, 1}); !made)
                    entry.error(entry.at(), made.error().message, made.error().hint);
            });
    });
    return out;
}

Draft read_sections(const Table& table, const TableReader::Context& context) {
    TableReader root(table, "", {}, context);
    root.know("include");
    Draft draft;
    draft.config.server = read_server(root);
    draft.config.log = read_log(root);
    draft.config.metrics = read_metrics(root);
    draft.config.health = read_health(root);
    draft.config.conversion = read_conversion(root);
    draft.config.auth = read_auth(root);
    read_platforms(root, draft.config);
    read_routing(root, draft);
    draft.config.limits = read_limits(root);
    read_namespaces(root, draft);
    draft.config.pricing = read_pricing(root);
    draft.config.tokens = read_tokens(root);
    root.finish();
    return draft;
}

}  // namespace aigw::config
