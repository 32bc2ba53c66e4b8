// [[namespaces]], [[policies]] and [policy]: channels, and what may be done in them.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/conditions.h"
#include "config/params.h"
#include "config/sections.h"
#include "config/targets.h"
#include "limits/period.h"

namespace aigw::config {
namespace {

using policy::Type;

constexpr std::int64_t kMostTokensOfOne = 100'000'000;

// ── limits ───────────────────────────────────────────────────────────────────

std::optional<limits::Period> read_window(TableReader& reader, std::string_view key) {
    std::string text;
    reader.text(key, text, [](std::string_view word) -> Result<void> {
        TRY(limits::Period::parse(word));
        return {};
    });
    if (text.empty()) return std::nullopt;
    return *limits::Period::parse(text);
}

// `qps` requests within `window`, a second if it says none; and `rpm`.
policy::RatesRule read_rate(TableReader& reader) {
    policy::RatesRule rule;
    std::uint64_t most = 0;
    if (!reader.has("rpm")) reader.require("qps", "50");
    reader.integer("qps", most, 1, kMostPerMinute);
    reader.integer("rpm", rule.rates.rpm, 1, kMostPerMinute);
    const auto window = read_window(reader, "window");
    if (most == 0) return rule;
    if (!window || *window == limits::kSecond) {
        rule.rates.qps = most;
    } else {
        rule.rates.requests.push_back({.period = *window, .max = most});
    }
    return rule;
}

policy::RatesRule read_concurrency(TableReader& reader) {
    policy::RatesRule rule;
    reader.require("max", "20");
    reader.integer("max", rule.rates.concurrency, 1, kMostAtATime);
    return rule;
}

policy::RatesRule read_tokens_used(TableReader& reader) {
    constexpr std::int64_t kMostTokens = 1'000'000'000'000'000;
    policy::RatesRule rule;
    reader.require("windows", R"([{ window = "1h", max = 40000 }])");
    reader.array_of_tables("windows", [&](TableReader& quota) {
        limits::Quota read;
        quota.require("window", "\"1h\"");
        quota.require("max", "40000");
        const auto window = read_window(quota, "window");
        quota.integer("max", read.max, 1, kMostTokens);
        if (!window || read.max == 0) return;
        read.period = *window;
        if (std::ranges::any_of(rule.rates.tokens, [&](const limits::Quota& other) {
                return other.period == read.period;
            })) {
            quota.error(quota.at(), quota.path() + " has a window that is there already",
                        "keep one of them");
            return;
        }
        rule.rates.tokens.push_back(read);
    });
    return rule;
}

policy::RequestTokensRule read_request_tokens(TableReader& reader) {
    policy::RequestTokensRule rule;
    if (!reader.has("max_output")) reader.require("max_input", "8000");
    reader.integer("max_input", rule.max_input, 1, kMostTokensOfOne);
    reader.integer("max_output", rule.max_output, 1, kMostTokensOfOne);
    reader.choice<policy::OnOutput>("on_output", rule.on_output, kOnOutputs);
    reader.text("notice", rule.notice);
    reader.choice<policy::Answers>("answers", rule.answers, kAnswers);
    return rule;
}

// ── tests ────────────────────────────────────────────────────────────────────

policy::ModelsRule read_models(TableReader& reader) {
    policy::ModelsRule rule;
    if (!reader.has("deny")) reader.require("allow", "[\"gpt-*\"]");
    reader.texts("allow", rule.allow, check_pattern);
    reader.texts("deny", rule.deny, check_pattern);
    return rule;
}

policy::ContentRule read_content(TableReader& reader) {
    policy::ContentRule rule;
    reader.require("match",
                   R"([[{ source = "body", key = "max_tokens", op = "gt", value = 4000 }]])");
    reader.choice<policy::Action>("action", rule.action, kActions);
    return rule;
}

// "09:30"; "24:00" is the end of a day.
std::optional<int> parse_minute(std::string_view text) {
    constexpr int kMinutes = 60;
    constexpr int kHours = 24;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto hour = parse_uint(text.substr(0, colon));
    const auto minute = parse_uint(text.substr(colon + 1));
    if (!hour || !minute || *hour > kHours || *minute >= kMinutes) return std::nullopt;
    const int minutes = static_cast<int>(*hour) * kMinutes + static_cast<int>(*minute);
    return minutes > kHours * kMinutes ? std::nullopt : std::optional(minutes);
}

std::optional<policy::TimeRule::Span> parse_span(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_minute(trim(text.substr(0, dash)));
    const auto to = parse_minute(trim(text.substr(dash + 1)));
    if (!from || !to || *from == *to) return std::nullopt;
    return policy::TimeRule::Span{*from, *to};
}

Result<void> check_span(std::string_view text) {
    if (parse_span(text)) return {};
    return Error{ErrorCode::Config, "is " + json_string(text) + ", which is no span of hours",
                 "write it like \"09:00-18:00\"; \"22:00-06:00\" goes on behind midnight"};
}

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "mon", "mon-fri", "sat-mon"
std::optional<std::bitset<7>> parse_days(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto day_of = [](std::string_view word) { return std::ranges::find(kDays, word); };
    const auto first = day_of(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_of(text.substr(dash + 1));
    if (first == kDays.end() || last == kDays.end()) return std::nullopt;
    std::bitset<7> days;
    const auto begin = static_cast<std::size_t>(first - kDays.begin());
    const auto end = static_cast<std::size_t>(last - kDays.begin());
    for (std::size_t day = begin;; day = (day + 1) % kDays.size()) {
        days.set(day);
        if (day == end) return days;
    }
}

Result<void> check_days(std::string_view text) {
    if (parse_days(text)) return {};
    return Error{ErrorCode::Config, "is " + json_string(text) + ", which is no day",
                 "write \"mon\", or \"mon-fri\""};
}

// "+08:00"
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    constexpr int kMost = 14 * 60;  // of any place on earth
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const auto minutes = parse_minute(text.substr(1));
    if (!minutes || *minutes > kMost) return std::nullopt;
    return std::chrono::minutes(text[0] == '-' ? -*minutes : *minutes);
}

Result<void> check_offset(std::string_view text) {
    if (parse_offset(text)) return {};
    return Error{ErrorCode::Config, "is " + json_string(text) + ", which is no offset of UTC",
                 "write it like \"+08:00\""};
}

policy::TimeRule read_time(TableReader& reader) {
    policy::TimeRule rule;
    std::vector<std::string> spans;
    std::vector<std::string> days;
    std::string offset;
    if (!reader.has("days")) reader.require("between", "[\"09:00-18:00\"]");
    reader.texts("between", spans, check_span);
    reader.texts("days", days, check_days);
    reader.text("offset", offset, check_offset);
    reader.choice<policy::Action>("action", rule.action, kActions);
    for (const std::string& span : spans)
        if (const auto parsed = parse_span(span)) rule.spans.push_back(*parsed);
    if (!days.empty()) rule.days.reset();
    for (const std::string& day : days)
        if (const auto parsed = parse_days(day)) rule.days |= *parsed;
    if (const auto parsed = parse_offset(offset)) rule.offset = *parsed;
    return rule;
}

// ── policies ─────────────────────────────────────────────────────────────────

policy::RoutingRule read_routing_rule(TableReader& reader, Draft& draft) {
    policy::RoutingRule rule;
    reader.require("to", "\"platform\"");
    read_targets(reader, rule.to, draft);
    reader.text("model", rule.upstream_model, check_model);
    return rule;
}

policy::ParamsRule read_params_rule(TableReader& reader) {
    policy::ParamsRule rule;
    read_params(reader, rule.params);
    if (rule.params.empty())
        reader.error(reader.at(), reader.path() + " changes nothing",
                     "add rename, default, clamp, drop or set");
    return rule;
}

void read_rule(TableReader& reader, Type type, policy::Rule& rule, Draft& draft) {
    switch (type) {
        case Type::Rate:
            rule.emplace<0>(read_rate(reader));
            break;
        case Type::Concurrency:
            rule.emplace<1>(read_concurrency(reader));
            break;
        case Type::Tokens:
            rule.emplace<2>(read_tokens_used(reader));
            break;
        case Type::RequestTokens:
            rule = read_request_tokens(reader);
            break;
        case Type::Models:
            rule = read_models(reader);
            break;
        case Type::Params:
            rule = read_params_rule(reader);
            break;
        case Type::ContentMatch:
            rule = read_content(reader);
            break;
        case Type::Time:
            rule = read_time(reader);
            break;
        case Type::Routing:
            rule = read_routing_rule(reader, draft);
            break;
    }
}

// Limits of namespaces are found by their name, so that each needs one: "vip:rate", "vip:rate-2".
std::string name_for(const std::string& channel, Type type,
                     const std::vector<policy::Options>& known) {
    const std::string stem = (channel.empty() ? "" : channel + ":") + std::string(name_of(type));
    const auto is_taken = [&](const std::string& name) {
        return std::ranges::any_of(
            known, [&](const policy::Options& other) { return other.name == name; });
    };
    std::string name = stem;
    for (int n = 2; is_taken(name); ++n) name = stem + "-" + std::to_string(n);
    return name;
}

void read_policy(TableReader& reader, const std::string& channel, Draft& draft) {
    policy::Options options;
    options.at = reader.at();
    reader.require("type", "\"rate\"");
    Type type = Type::Rate;
    reader.choice<Type>("type", type, kPolicyTypes);
    reader.text("name", options.name, check_limit_name);
    reader.boolean("enabled", options.is_enabled);
    reader.integer("priority", options.priority, -kHighestPriority, kHighestPriority);
    reader.choice<limits::Mode>("mode", options.mode, kModes);
    reader.texts("models", options.models, check_pattern);
    options.match = read_conditions(reader);
    if (channel.empty()) {
        reader.require("namespaces", "[\"*\"]");
        reader.texts("namespaces", options.namespaces);
    } else {
        options.namespaces = {channel};
    }
    read_rule(reader, type, options.rule, draft);
    auto& policies = draft.config.policies;
    if (options.name.empty()) options.name = name_for(channel, type, policies);
    const auto twin = std::ranges::find(policies, options.name, &policy::Options::name);
    if (twin != policies.end())
        reader.error(options.at,
                     "two policies are called " + json_string(options.name) + ", first at " +
                         twin->at.text() + ":" + std::to_string(twin->at.column),
                     "give each a name of its own");
    policies.push_back(std::move(options));
}

void read_namespace(TableReader& reader, Draft& draft) {
    identity::NamespaceOptions options;
    options.at = reader.at();
    reader.require("name", "\"vip\"");
    reader.text("name", options.name, check_name);
    reader.integer("priority", options.priority, -kHighestPriority, kHighestPriority);
    reader.boolean("enabled", options.is_enabled);
    reader.boolean("anonymous", options.is_anonymous);
    if (options.name != identity::kDefaultNamespace)
        reader.require("match",
                       R"([[{ source = "header", key = "X-Channel-Code", value = "vip" }]])");
    options.match = read_conditions(reader);
    reader.array_of_tables("policies", [&](TableReader& policy) {
        read_policy(policy, options.name.empty() ? "?" : options.name, draft);
    });
    auto& namespaces = draft.config.namespaces;
    const auto twin =
        std::ranges::find(namespaces, options.name, &identity::NamespaceOptions::name);
    if (!options.name.empty() && twin != namespaces.end())
        reader.error(options.at,
                     "two namespaces are called " + json_string(options.name) + ", first at " +
                         twin->at.text() + ":" + std::to_string(twin->at.column),
                     "give each a name of its own");
    namespaces.push_back(std::move(options));
}

// Counters are found by name: a limit and a policy of one name would count together.
void check_names_of_limits(TableReader& root, const Config& config) {
    for (const policy::Options& policy : config.policies) {
        const bool is_a_limit = policy.type() == Type::Rate || policy.type() == Type::Concurrency ||
                                policy.type() == Type::Tokens;
        if (!is_a_limit) continue;
        const auto twin = std::ranges::find(config.limits, policy.name, &limits::Options::name);
        if (twin == config.limits.end()) continue;
        root.error(policy.at,
                   "a policy and a limit are called " + json_string(policy.name) + ", first at " +
                       twin->at.text() + ":" + std::to_string(twin->at.column),
                   "give each a name of its own");
    }
}

void check_namespaces_of_policies(TableReader& root, const Config& config) {
    std::vector<std::string_view> names;
    for (const identity::NamespaceOptions& each : config.namespaces) names.emplace_back(each.name);
    for (const policy::Options& policy : config.policies) {
        for (const std::string& name : policy.namespaces) {
            if (name == "*" || name == "?" || std::ranges::find(names, name) != names.end())
                continue;
            const auto nearest = find_nearest(name, names);
            root.error(policy.at,
                       "policy " + json_string(policy.name) + " is for the namespace " +
                           json_string(name) + ", which is not there",
                       nearest ? "did you mean " + json_string(*nearest) + "?"
                               : "add it to [[namespaces]]");
        }
    }
}

}  // namespace

void read_namespaces(TableReader& root, Draft& draft) {
    Config& out = draft.config;
    root.boolean("namespaces_required", out.namespaces_required);
    root.table("policy", [&](TableReader& policy) {
        policy.choice<PolicyStatus>("status", out.policy_status, kPolicyStatuses);
    });
    root.array_of_tables("namespaces", [&](TableReader& reader) { read_namespace(reader, draft); });
    root.array_of_tables("policies", [&](TableReader& reader) { read_policy(reader, "", draft); });
    check_namespaces_of_policies(root, out);
    check_names_of_limits(root, out);
}

}  // namespace aigw::config
