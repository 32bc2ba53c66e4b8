// [platforms], [[routes]], [groups] and [auto_route]: where calls can go.
#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/conditions.h"
#include "config/params.h"
#include "config/sections.h"
#include "config/targets.h"

namespace aigw::config {
namespace {

using namespace std::chrono_literals;
using routing::TargetOptions;

constexpr std::int64_t kMostWeight = 1'000;

// ── platforms ────────────────────────────────────────────────────────────────

// Of a platform, or of one of its models.
template <class Options>
void read_own_limits(TableReader& reader, Options& out) {
    reader.table("limits", [&](TableReader& limits) {
        limits.integer("rpm", out.rpm, 1, kMostPerMinute);
        limits.integer("tpm", out.tpm, 1, kMostPerMinute);
        limits.integer("qps", out.qps, 1, kMostPerMinute);
        limits.integer("concurrency", out.concurrency, 1, kMostAtATime);
    });
}

void read_timeouts(TableReader& timeouts, routing::Timeouts& out) {
    timeouts.duration("connect", out.connect, 1ms, kLongestTimeout);
    timeouts.duration("first_byte", out.first_byte, 1ms, kLongestTimeout);
    timeouts.duration("idle", out.idle, 1ms, kLongestTimeout);
    timeouts.duration("total", out.total, 1ms, kLongestTimeout);
}

// "200ms..2s": the first pause, and the longest it grows to.
void read_backoff(TableReader& retry, routing::RetryOptions& out) {
    const Value* value = retry.any("backoff");
    if (value == nullptr) return;
    const std::string path = join_path(retry.path(), "backoff");
    constexpr std::string_view kExample = "write it like \"200ms..2s\"";
    const std::string* text = value->string();
    if (text == nullptr) return retry.wrong_type(*value, path, "a string", kExample);
    const std::size_t dots = text->find("..");
    if (dots == std::string::npos)
        return retry.error(value->at, path + " is no range", std::string(kExample));
    const auto shortest = parse_duration(text->substr(0, dots));
    const auto longest = parse_duration(text->substr(dots + 2));
    for (const auto* end : {&shortest, &longest})
        if (!*end)
            return retry.error(value->at, path + ": " + end->error().message, end->error().hint);
    if (*shortest < 1ms || *longest < *shortest || *longest > 1h)
        return retry.error(
            value->at, path + " is " + json_string(*text),
            "the first pause is at least 1ms, the longest no shorter and at most 1h");
    retry.record(path, *value);
    out.shortest_pause = *shortest;
    out.longest_pause = *longest;
}

// "20%"
void read_budget(TableReader& retry, routing::RetryOptions& out) {
    std::string text;
    retry.text("budget", text, check_percentage);
    if (text.empty()) return;
    const auto percent = parse_percentage(text);
    if (percent) out.budget_percent = *percent;
}

void read_retry(TableReader& retry, routing::RetryOptions& out) {
    retry.integer("attempts", out.attempts, 1, 10);
    std::vector<std::string> words;
    retry.texts("on", words, [](std::string_view word) -> Result<void> {
        TRY(routing::RetryOn::parse(word));
        return {};
    });
    if (retry.has("on")) {
        out.on = routing::RetryOn();
        for (const std::string& word : words)
            if (const auto on = routing::RetryOn::parse(word)) out.on.add(*on);
    }
    read_backoff(retry, out);
    read_budget(retry, out);
    retry.boolean("honour_retry_after", out.honour_retry_after);
}

void read_health(TableReader& health, routing::HealthOptions& out) {
    health.integer("failures", out.failures, 0, 1'000'000);
    health.duration("open_for", out.open_for, 1ms, kLongestTimeout);
    health.duration("slow_start", out.slow_start, 0ms, kLongestTimeout);
    health.text("path", out.path, check_probe_path);
    health.duration("every", out.every, 100ms, kLongestTimeout);
}

void read_headers(TableReader& reader, routing::PlatformOptions& platform) {
    for (auto& [name, value] : reader.named_texts("headers")) {
        const auto same = [&](const auto& h) { return equals_ignoring_case(h.first, name); };
        if (const auto checked = check_header_name(name); !checked) {
            reader.error(value.at, value.path + " " + checked.error().message,
                         checked.error().hint);
        } else if (names_a_secret(name) && value.text.find("***") != std::string::npos) {
            reader.error(value.at,
                         value.path + " is the mask that stands for a secret in printed files",
                         "write \"${NAME}\" or \"file:/path\"");
        } else if (const auto text = check_header_value(value.text); !text) {
            reader.error(value.at, value.path + " " + text.error().message, text.error().hint);
        } else if (std::ranges::any_of(platform.headers, same)) {
            reader.error(value.at, value.path + " is said twice",
                         "names of headers compare without case");
        } else {
            platform.headers.emplace_back(name, value.text);
        }
    }
}

// What the configuration says of a model's capabilities, in the table's order.
protocol::Caps read_caps(TableReader& reader) {
    using CapKind = protocol::Capability::Kind;
    constexpr std::int64_t kMostTokens = 100'000'000;
    protocol::Caps caps;
    for (const protocol::Capability& known : protocol::capabilities()) {
        std::optional<std::int64_t> value;
        if (!reader.has(known.name)) {
            reader.know(known.name);
        } else if (known.kind == CapKind::Flag) {
            bool flag = false;
            reader.boolean(known.name, flag);
            value = flag ? 1 : 0;
        } else if (known.kind == CapKind::Tokens) {
            std::int64_t tokens = 0;
            reader.integer(known.name, tokens, 0, kMostTokens);
            value = tokens;
        } else if (known.kind == CapKind::Word) {
            if (const auto word = reader.word(known.name, known.words))
                value = static_cast<std::int64_t>(*word);
        } else if (const auto words = reader.word_set(known.name, known.words)) {
            value = static_cast<std::int64_t>(*words);
        }
        if (value) caps.push_back({&known, *value});
    }
    return caps;
}

// keys = [{ name = "k1", key = "…", weight = 2 }], instead of api_key
void read_keys(TableReader& reader, routing::PlatformOptions& platform) {
    reader.array_of_tables("keys", [&](TableReader& element) {
        routing::KeyOptions key;
        key.at = element.at();
        element.require("name", "\"k1\"");
        element.require("key", "\"${NAME}\"");
        element.text("name", key.name, check_name);
        element.secret("key", key.key);
        element.integer("weight", key.weight, 1, kMostWeight);
        const auto is_twin = [&](const routing::KeyOptions& other) {
            return !key.name.empty() && other.name == key.name;
        };
        if (std::ranges::any_of(platform.keys, is_twin))
            element.error(key.at, element.path() + ".name is said twice", "each key has its own");
        platform.keys.push_back(std::move(key));
    });
    if (!platform.keys.empty() && reader.has("api_key"))
        reader.error(platform.keys.front().at, reader.path() + " has both api_key and keys",
                     "one of them is enough");
}

routing::PlatformOptions read_platform(const std::string& name, TableReader& reader,
                                       std::vector<policy::ModelParams>& params) {
    routing::PlatformOptions platform;
    platform.name = name;
    platform.at = reader.at();
    reader.require("provider", "\"openai\"");
    reader.text("provider", platform.provider, check_name);
    reader.text("base_url", platform.base_url, check_base_url);
    reader.text("dialect", platform.dialect, check_name);
    reader.know("responses");
    if (reader.has("responses")) reader.boolean("responses", platform.responses.emplace(false));
    reader.secret("api_key", platform.api_key);
    read_keys(reader, platform);
    reader.boolean("enabled", platform.is_enabled);
    reader.boolean("drain", platform.is_draining);
    reader.integer("priority", platform.priority, -kHighestPriority, kHighestPriority);
    reader.boolean("default", platform.is_default);
    read_own_limits(reader, platform);
    reader.table("timeouts",
                 [&](TableReader& timeouts) { read_timeouts(timeouts, platform.timeouts); });
    reader.table("retry", [&](TableReader& retry) { read_retry(retry, platform.retry); });
    reader.table("health", [&](TableReader& health) { read_health(health, platform.health); });
    read_headers(reader, platform);
    reader.table("pricing", [&](TableReader& pricing) {
        pricing.decimal("discount", platform.discount, Decimal(100));
    });
    reader.named_tables("models", check_model, [&](const std::string& model, TableReader& entry) {
        routing::ModelOptions& options = platform.models.emplace_back();
        options.name = model;
        options.at = entry.at();
        entry.text("upstream", options.upstream, check_model);
        read_own_limits(entry, options);
        entry.table("caps", [&](TableReader& caps) { options.caps = read_caps(caps); });
        entry.table("params", [&](TableReader& table) {
            policy::ModelParams of{.platform = name, .model = model, .params = {}};
            read_params(table, of.params);
            if (!of.params.empty()) params.push_back(std::move(of));
        });
    });
    return platform;
}

// ── routes and groups ────────────────────────────────────────────────────────

routing::RuleOptions read_rule(TableReader& reader, Draft& draft) {
    routing::RuleOptions rule;
    rule.at = reader.at();
    reader.require("to", "\"platform\"");
    reader.table("match", [&](TableReader& match) {
        match.text("model", rule.model, check_pattern);
        read_route_conditions(match, rule.conditions);
    });
    read_targets(reader, rule.to, draft);
    reader.text("model", rule.upstream_model, check_model);
    reader.integer("priority", rule.priority, -kHighestPriority, kHighestPriority);
    return rule;
}

// [[locations]]
routing::LocationOptions read_location(TableReader& reader, Draft& draft) {
    routing::LocationOptions location;
    location.at = reader.at();
    reader.require("path", "\"/api/chat\"");
    reader.require("to", "\"platform\"");
    reader.text("path", location.path, check_path);
    reader.boolean("regex", location.is_regex);
    read_targets(reader, location.to, draft);
    reader.text("model", location.upstream_model, check_model);
    reader.table("rewrite", [&](TableReader& rewrite) {
        rewrite.require("from", "\"/api/*\"");
        rewrite.require("to", "\"/v1/*\"");
        rewrite.text("from", location.rewrite.from, check_rewrite);
        rewrite.text("to", location.rewrite.to, check_rewrite);
        const bool carries = location.rewrite.to.ends_with('*');
        if (carries && !location.rewrite.from.ends_with('*'))
            rewrite.error(rewrite.at(), rewrite.path() + ".to ends in a star, .from does not",
                          "the star stands for what `from` leaves over");
    });
    reader.integer("priority", location.priority, -kHighestPriority, kHighestPriority);
    if (location.is_regex && !location.path.empty()) {
        const auto made = matching::Condition::make({.source = matching::Source::Path,
                                                     .key = {},
                                                     .op = matching::Operator::Regex,
                                                     .values = {location.path}});
        if (!made) reader.error(location.at, made.error().message, made.error().hint);
    }
    return location;
}

// A member is a platform's name, or { platform = "name", weight = 3 }. Gives the weight.
std::uint32_t read_member(TableReader& group, const Value& value, const std::string& path,
                          std::vector<TargetOptions>& members, Draft& draft) {
    std::uint32_t weight = 1;
    if (const std::string* text = value.string()) {
        if (text->starts_with(kGroupPrefix)) {
            group.error(value.at, path + " is a group", "members are platforms");
        } else {
            add_target(group, value, *text, path, members, draft);
        }
        return weight;
    }
    if (value.table() == nullptr) {
        group.wrong_type(value, path, "a string or a table",
                         R"(write it like members = ["a", { platform = "b", weight = 3 }])");
        return weight;
    }
    TableReader member(*value.table(), path, value.at, group.context());
    member.require("platform", "\"name\"");
    std::string platform;
    member.text("platform", platform, check_name);
    member.integer("weight", weight, 1, kMostWeight);
    member.finish();
    if (!platform.empty()) add_target(group, value, platform, path, members, draft);
    return weight;
}

void read_members(TableReader& reader, routing::GroupOptions& group, Draft& draft) {
    const Value* value = reader.any("members");
    if (value == nullptr) return;
    const std::string path = join_path(reader.path(), "members");
    constexpr std::string_view kExample = R"(write it like members = ["platform-a", "platform-b"])";
    if (value->array() == nullptr) return reader.wrong_type(*value, path, "an array", kExample);
    if (value->array()->empty()) reader.error(value->at, path + " is empty", std::string(kExample));
    std::vector<TargetOptions> members;
    for (std::size_t i = 0; i < value->array()->size(); ++i) {
        const std::uint32_t weight =
            read_member(reader, (*value->array())[i], join_path(path, i), members, draft);
        if (members.size() > group.members.size())
            group.members.push_back({members.back().name, weight});
    }
}

routing::GroupOptions read_group(const std::string& name, TableReader& reader, Draft& draft) {
    routing::GroupOptions group;
    group.name = name;
    group.at = reader.at();
    reader.texts("models", group.models, check_pattern);
    reader.choice<routing::Algorithm>("algorithm", group.algorithm, kAlgorithms);
    reader.table("sticky", [&](TableReader& sticky) {
        sticky.require("by", "\"user\"");
        sticky.choice<routing::Sticky>("by", group.sticky, kStickies);
    });
    reader.require("members", "[\"platform-a\", \"platform-b\"]");
    read_members(reader, group, draft);
    return group;
}

}  // namespace

void read_platforms(TableReader& root, Config& out) {
    root.named_tables("platforms", check_name, [&](const std::string& name, TableReader& reader) {
        out.routing.platforms.push_back(read_platform(name, reader, out.model_params));
    });
}

void read_routing(TableReader& root, Draft& draft) {
    routing::Options& out = draft.config.routing;
    root.array_of_tables(
        "routes", [&](TableReader& reader) { out.rules.push_back(read_rule(reader, draft)); });
    root.array_of_tables("locations", [&](TableReader& reader) {
        out.locations.push_back(read_location(reader, draft));
    });
    root.named_tables("groups", check_name, [&](const std::string& name, TableReader& reader) {
        out.groups.push_back(read_group(name, reader, draft));
    });
    root.table("auto_route",
               [&](TableReader& reader) { reader.boolean("enabled", out.auto_route); });
}

}  // namespace aigw::config
