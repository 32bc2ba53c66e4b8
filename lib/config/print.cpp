#include "config/print.h"

#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "config/choices.h"
#include "config/print_policies.h"
#include "config/references.h"
#include "config/report.h"
#include "config/toml_text.h"
#include "limits/limit.h"

namespace aigw::config {
namespace {

using std::chrono::milliseconds;

std::string toml_duration(milliseconds duration) {
    return "\"" + render_duration(duration) + "\"";
}

std::string cap_value(const protocol::Cap& cap) {
    using CapKind = protocol::Capability::Kind;
    switch (cap.what->kind) {
        case CapKind::Flag:
            return toml_boolean(cap.value != 0);
        case CapKind::Tokens:
            return std::to_string(cap.value);
        case CapKind::Word:
            return toml_text(cap.what->words[static_cast<std::size_t>(cap.value)]);
        case CapKind::Words:
            break;
    }
    std::vector<std::string> words;
    for (std::size_t i = 0; i < cap.what->words.size(); ++i)
        if (((cap.value >> i) & 1) != 0) words.emplace_back(cap.what->words[i]);
    return toml_list(words);
}

std::string inline_caps(const protocol::Caps& caps) {
    std::string text;
    for (const protocol::Cap& cap : caps)
        text += (text.empty() ? "{ " : ", ") + std::string(cap.what->name) + " = " + cap_value(cap);
    return text + " }";
}

std::string render_factor(double factor) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), factor).ptr;
    return {digits.begin(), end};
}

template <class E>
std::string toml_choice(std::span<const Choice<E>> choices, E value) {
    return "\"" + std::string(choice_name(choices, value)) + "\"";
}

// Of a platform, or of one of its models; empty: it has none.
template <class Options>
std::string inline_limits(const Options& options) {
    std::string inside;
    const auto add = [&](std::string_view key, std::uint64_t value) {
        if (value == 0) return;
        inside.append(inside.empty() ? "" : ", ").append(key) += " = " + std::to_string(value);
    };
    add("qps", options.qps);
    add("rpm", options.rpm);
    add("tpm", options.tpm);
    add("concurrency", options.concurrency);
    return inside.empty() ? "" : "{ " + inside + " }";
}

std::string inline_keys(const std::vector<routing::KeyOptions>& keys) {
    std::string text;
    for (const routing::KeyOptions& key : keys) {
        text += (text.empty() ? "[{ name = " : ", { name = ") + toml_text(key.name) +
                ", key = " + json_string(key.key.masked()) +
                ", weight = " + std::to_string(key.weight) + " }";
    }
    return text + "]";
}

std::string inline_member(const routing::MemberOptions& member) {
    std::string name = toml_text(member.platform);
    if (member.weight == 1) return name;
    return "{ platform = " + name + ", weight = " + std::to_string(member.weight) + " }";
}

std::string quota_maximum(const limits::Quota& quota) {
    constexpr int kMoneyScale = 8;
    if (quota.currency.empty()) return std::to_string(quota.max);
    // A factor of one drops the zeros that the amount does not need.
    const Decimal amount = Decimal::scaled(static_cast<std::int64_t>(quota.max), kMoneyScale);
    return "\"" + amount.times(1)->text() + "\", currency = \"" +
           std::string(quota.currency.text()) + "\"";
}

std::string inline_quotas(const std::vector<limits::Quota>& quotas) {
    std::string list;
    for (const limits::Quota& quota : quotas) {
        list.append(list.empty() ? "" : ", ") +=
            "{ window = \"" + quota.period.text() + "\", max = " + quota_maximum(quota) + " }";
    }
    return "[" + list + "]";
}

std::string inline_retry(const routing::RetryOptions& retry) {
    std::string on;
    for (const std::string& word : retry.on.words())
        on += (on.empty() ? "" : ", ") + toml_text(word);
    return "{ attempts = " + std::to_string(retry.attempts) + ", on = [" + on + "], backoff = " +
           toml_text(render_duration(retry.shortest_pause) + ".." +
                     render_duration(retry.longest_pause)) +
           ", budget = \"" + std::to_string(retry.budget_percent) +
           "%\", honour_retry_after = " + toml_boolean(retry.honour_retry_after) + " }";
}

std::string inline_health(const routing::HealthOptions& health) {
    std::string text = "{ failures = " + std::to_string(health.failures) +
                       ", open_for = " + toml_duration(health.open_for) +
                       ", slow_start = " + toml_duration(health.slow_start);
    if (!health.path.empty())
        text += ", path = " + toml_text(health.path) + ", every = " + toml_duration(health.every);
    return text + " }";
}

class Printer {
public:
    Printer(const Provenance& provenance, ShowOrigin origin)
        : provenance_(provenance), origin_(origin) {}

    void config(const Config& config) {
        if (config.namespaces_required) line("namespaces_required", "true");
        server(config.server);
        table("log");
        line("level", toml_choice<LogLevel>(kLogLevels, config.log.level));
        line("format", toml_choice<LogFormat>(kLogFormats, config.log.format));
        table("metrics");
        line("enabled", toml_boolean(config.metrics.enabled));
        line("require_admin", toml_boolean(config.metrics.require_admin));
        line("compat", toml_list(config.metrics.compat));
        table("health");
        line("enabled", toml_boolean(config.health.enabled));
        line("status_word", text("status_word", config.health.status_word));
        table("conversion");
        line("strict", toml_boolean(config.conversion.strict));
        line("default_max_tokens", std::to_string(config.conversion.default_max_tokens));
        line("mid_system",
             toml_choice<protocol::MidSystem>(kMidSystems, config.conversion.mid_system));
        line("keep_alive", toml_duration(config.conversion.keep_alive));
        table("tokens");
        line("learn", toml_boolean(config.tokens.learns));
        line("max_exact", "\"" + render_size(config.tokens.max_exact_bytes) + "\"");
        if (!config.tokens.models.empty()) table("tokens", "models");
        for (const tokens::CounterOverride& row : config.tokens.models) {
            line(row.pattern, "{ counter = " + toml_text(row.counter) + ", factor = \"" +
                                  render_factor(row.factor) + "\" }");
        }
        static_keys(config.auth.static_keys);
        for (const auto& options : config.routing.platforms) platform(options, config.model_params);
        for (std::size_t i = 0; i < config.routing.rules.size(); ++i)
            rule(config.routing.rules[i], i);
        for (std::size_t i = 0; i < config.routing.locations.size(); ++i)
            location(config.routing.locations[i], i);
        table("auto_route");
        line("enabled", toml_boolean(config.routing.auto_route));
        for (const auto& options : config.routing.groups) group(options);
        for (std::size_t i = 0; i < config.limits.size(); ++i) limit(config.limits[i], i);
        if (!config.policies.empty()) {
            table("policy");
            line("status", toml_choice<PolicyStatus>(kPolicyStatuses, config.policy_status));
        }
        namespaces(config);
        policies(config);
        table("pricing");
        line("catalog", toml_choice<pricing::Catalog>(kCatalogs, config.pricing.catalog));
        line("missing", toml_choice<pricing::Missing>(kMissingPrices, config.pricing.missing));
    }

    std::string take() { return std::move(out_); }

private:
    // ── sections ─────────────────────────────────────────────────────────────

    void server(const ServerOptions& server) {
        table("server");
        line("listen", toml_list(server.listen));
        line("workers", std::to_string(server.workers));
        line("drain_timeout", toml_duration(server.drain_timeout));
        line("max_body", "\"" + render_size(server.max_body) + "\"");
        line("max_buffered", "\"" + render_size(server.max_buffered) + "\"");
        line("max_connections", std::to_string(server.max_connections));
        line("trusted_proxies", toml_list(server.trusted_proxies));
        line("answer_headers", toml_boolean(server.answer_headers));
        const ServerTimeouts& timeouts = server.timeouts;
        line("timeouts", "{ header = " + toml_duration(timeouts.header) +
                             ", body = " + toml_duration(timeouts.body) +
                             ", idle = " + toml_duration(timeouts.idle) +
                             ", write = " + toml_duration(timeouts.write) + " }");
        line("cors", "{ origins = " + toml_list(server.cors.origins) + " }");
        if (!server.tls.cert.empty()) tls(server.tls);
    }

    void tls(const TlsOptions& tls) {
        std::string text = "{ cert = " + toml_text(tls.cert) + ", key = " + toml_text(tls.key);
        if (!tls.client_ca.empty()) text += ", client_ca = " + toml_text(tls.client_ca);
        line("tls", text + " }");
    }

    void static_keys(const std::vector<identity::StaticKeyOptions>& keys) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const identity::StaticKeyOptions& key = keys[i];
            if (key.at.line == 0) {
                out_ += "\n# one of GATEWAY_API_KEYS\n# [[auth.static_keys]]\n# name = " +
                        toml_text(key.name) + "\n# key = \"***\"\n";
                continue;
            }
            element("auth.static_keys", i);
            line("name", text("name", key.name));
            line("key", json_string(key.key.masked()));
            if (!key.tenant.empty()) line("tenant", text("tenant", key.tenant));
            if (!key.scopes.empty()) line("scopes", toml_list(key.scopes));
            if (!key.models.empty()) line("models", toml_list(key.models));
        }
    }

    void platform(const routing::PlatformOptions& platform,
                  const std::vector<policy::ModelParams>& params) {
        table("platforms", platform.name);
        line("provider", text("provider", platform.provider));
        if (!platform.base_url.empty()) line("base_url", text("base_url", platform.base_url));
        if (!platform.dialect.empty()) line("dialect", text("dialect", platform.dialect));
        if (platform.responses) line("responses", toml_boolean(*platform.responses));
        if (!platform.api_key.empty())
            line("api_key", json_string(platform.api_key.masked()), "environment");
        if (!platform.keys.empty()) line("keys", inline_keys(platform.keys));
        line("enabled", toml_boolean(platform.is_enabled));
        line("drain", toml_boolean(platform.is_draining));
        line("priority", std::to_string(platform.priority));
        line("default", toml_boolean(platform.is_default));
        const std::string limits = inline_limits(platform);
        if (!limits.empty()) line("limits", limits);
        const routing::Timeouts& timeouts = platform.timeouts;
        line("timeouts", "{ connect = " + toml_duration(timeouts.connect) +
                             ", first_byte = " + toml_duration(timeouts.first_byte) +
                             ", idle = " + toml_duration(timeouts.idle) +
                             ", total = " + toml_duration(timeouts.total) + " }");
        line("retry", inline_retry(platform.retry));
        line("health", inline_health(platform.health));
        line("pricing", "{ discount = \"" + platform.discount.text() + "\" }");
        if (!platform.headers.empty()) headers(platform);
        if (!platform.models.empty()) models(platform, params);
    }

    void headers(const routing::PlatformOptions& platform) {
        table("platforms", platform.name, "headers");
        for (const auto& [name, value] : platform.headers) {
            const std::string written = written_of(name);
            if (names_a_secret(name)) {
                line(name, json_string(written.empty() ? "***" : mask_reference(written)));
            } else {
                line(name, written.empty() ? toml_text(value) : json_string(written));
            }
        }
    }

    void models(const routing::PlatformOptions& platform,
                const std::vector<policy::ModelParams>& params) {
        table("platforms", platform.name, "models");
        for (const routing::ModelOptions& model : platform.models) {
            std::string inside;
            if (!model.upstream.empty()) inside += "upstream = " + toml_text(model.upstream);
            const std::string limits = inline_limits(model);
            if (!limits.empty()) inside += (inside.empty() ? "" : ", ") + ("limits = " + limits);
            if (!model.caps.empty())
                inside += (inside.empty() ? "" : ", ") + ("caps = " + inline_caps(model.caps));
            for (const policy::ModelParams& each : params)
                if (each.platform == platform.name && each.model == model.name)
                    inside += (inside.empty() ? "" : ", ") +
                              ("params = " + inline_table(param_entries(each.params)));
            line(model.name, inside.empty() ? "{}" : "{ " + inside + " }");
        }
    }

    void targets(const std::vector<routing::TargetOptions>& to) {
        std::vector<std::string> names;
        for (const routing::TargetOptions& target : to) {
            const bool is_group = target.kind == routing::TargetKind::Group;
            names.push_back((is_group ? "group:" : "") + target.name);
        }
        line("to", names.size() == 1 ? toml_text(names.front()) : toml_list(names));
    }

    void location(const routing::LocationOptions& location, std::size_t index) {
        element("locations", index);
        line("path", text("path", location.path));
        line("regex", toml_boolean(location.is_regex));
        targets(location.to);
        if (!location.upstream_model.empty()) line("model", text("model", location.upstream_model));
        if (!location.rewrite.from.empty())
            line("rewrite", "{ from = " + toml_text(location.rewrite.from) +
                                ", to = " + toml_text(location.rewrite.to) + " }");
        line("priority", std::to_string(location.priority));
    }

    void rule(const routing::RuleOptions& rule, std::size_t index) {
        element("routes", index);
        const Entries match = match_entries(rule);
        if (!match.empty()) line("match", inline_table(match));
        targets(rule.to);
        if (!rule.upstream_model.empty()) line("model", text("model", rule.upstream_model));
        line("priority", std::to_string(rule.priority));
    }

    void group(const routing::GroupOptions& group) {
        table("groups", group.name);
        if (!group.models.empty()) line("models", toml_list(group.models));
        line("algorithm", toml_choice<routing::Algorithm>(kAlgorithms, group.algorithm));
        if (group.sticky != routing::Sticky::No)
            line("sticky",
                 "{ by = " + toml_choice<routing::Sticky>(kStickies, group.sticky) + " }");
        std::string members;
        for (const routing::MemberOptions& member : group.members)
            members += (members.empty() ? "" : ", ") + inline_member(member);
        line("members", "[" + members + "]");
    }

    void limit(const limits::Options& limit, std::size_t index) {
        element("limits", index);
        if (!limit.name.empty()) line("name", text("name", limit.name));
        line("by", toml_text(limits::name_of(limit.by)));
        const limits::Rates& rates = limit.rates;
        if (rates.qps != 0) line("qps", std::to_string(rates.qps));
        if (rates.rpm != 0) line("rpm", std::to_string(rates.rpm));
        if (rates.tpm != 0) line("tpm", std::to_string(rates.tpm));
        if (rates.concurrency != 0) line("concurrency", std::to_string(rates.concurrency));
        if (!rates.requests.empty()) line("requests", inline_quotas(rates.requests));
        if (!rates.tokens.empty()) line("tokens", inline_quotas(rates.tokens));
        if (!rates.money.empty()) line("money", inline_quotas(rates.money));
        if (!limit.model.empty()) line("match", "{ model = " + toml_text(limit.model) + " }");
        line("mode", toml_choice<limits::Mode>(kModes, limit.mode));
    }

    // Policies of one namespace stand with it, where they were read.
    void namespaces(const Config& config) {
        for (std::size_t i = 0; i < config.namespaces.size(); ++i) {
            const identity::NamespaceOptions& each = config.namespaces[i];
            element("namespaces", i);
            line("name", text("name", each.name));
            line("priority", std::to_string(each.priority));
            line("enabled", toml_boolean(each.is_enabled));
            line("anonymous", toml_boolean(each.is_anonymous));
            if (!each.match.empty()) line("match", inline_conditions(each.match));
        }
    }

    void policies(const Config& config) {
        for (std::size_t i = 0; i < config.policies.size(); ++i) {
            element("policies", i);
            for (const auto& [key, value] : policy_entries(config.policies[i])) line(key, value);
            if (const auto* rule = std::get_if<policy::RoutingRule>(&config.policies[i].rule))
                targets(rule->to);
        }
    }

    // ── lines ────────────────────────────────────────────────────────────────

    template <class... Keys>
    void table(std::string_view name, const Keys&... keys) {
        path_ = name;
        ((path_ = join_path(path_, std::string_view(keys))), ...);
        head("[" + path_ + "]");
    }

    void element(std::string_view name, std::size_t index) {
        path_ = join_path(name, index);
        head("[[" + std::string(name) + "]]");
    }

    void head(const std::string& text) {
        if (!out_.empty()) out_ += "\n";
        out_ += text + "\n";
    }

    void line(std::string_view key, const std::string& value,
              std::string_view otherwise = "default") {
        std::string text = render_key(key) + " = " + value;
        if (origin_ == ShowOrigin::Yes) {
            constexpr std::size_t kCommentColumn = 48;
            if (text.size() < kCommentColumn) text.append(kCommentColumn - text.size(), ' ');
            const Provenance::Origin* origin = provenance_.find(join_path(path_, key));
            text += "  # " + (origin ? origin->text() : std::string(otherwise));
        }
        out_ += text + "\n";
    }

    std::string written_of(std::string_view key) const {
        const Provenance::Origin* origin = provenance_.find(join_path(path_, key));
        return origin ? origin->written : std::string();
    }

    // A text that would read as a reference of another kind can only be said as it was.
    std::string text(std::string_view key, const std::string& value) const {
        const bool is_ambiguous = value.starts_with("file:") || value.starts_with("enc:");
        const std::string written = written_of(key);
        return is_ambiguous && !written.empty() ? json_string(written) : toml_text(value);
    }

    const Provenance& provenance_;
    ShowOrigin origin_;
    std::string path_{};
    std::string out_{};
};

}  // namespace

std::string render_config(const Config& config, const Provenance& provenance, ShowOrigin origin) {
    Printer printer(provenance, origin);
    printer.config(config);
    return printer.take();
}

}  // namespace aigw::config
