#include "config/cross_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "base/text.h"

namespace aigw::config {
namespace {

using routing::TargetKind;
using routing::TargetOptions;

// ── names ────────────────────────────────────────────────────────────────────

template <class Item>
std::vector<std::string_view> names_of(const std::vector<Item>& items) {
    std::vector<std::string_view> names;
    for (const Item& item : items) names.emplace_back(item.name);
    return names;
}

std::string hint_for(const std::string& name, TargetKind kind,
                     const std::vector<std::string_view>& platforms,
                     const std::vector<std::string_view>& groups) {
    const bool is_group = kind == TargetKind::Group;
    const auto& others = is_group ? platforms : groups;
    if (std::ranges::find(others, name) != others.end()) {
        return is_group ? json_string(name) + " is a platform"
                        : "write \"group:" + name + "\" for the group of that name";
    }
    if (const auto nearest = find_nearest(name, is_group ? groups : platforms)) {
        return "did you mean " + json_string((is_group ? "group:" : "") + std::string(*nearest)) +
               "?";
    }
    return is_group ? "add [groups." + name + "]" : "add [platforms." + name + "]";
}

// ── shadowed patterns ────────────────────────────────────────────────────────

enum class Kind : std::uint8_t { Exact, Group, Pattern, Any };  // in the order they are asked
enum class Form : std::uint8_t { Exact, Prefix, Glob };         // of equally long ones, the same

// A pattern of a rule or of a group, with what decides when it is asked.
struct Pattern {
    Kind kind = Kind::Exact;
    int priority = 0;
    std::size_t conditions = 0;  // beside the model
    std::string text{};          // in lower case where it has a star: such patterns ignore case
    std::string path{};
    FilePosition at{};

    std::size_t stars() const { return static_cast<std::size_t>(std::ranges::count(text, '*')); }
    bool is_literal() const { return stars() == 0; }
    Form form() const {
        if (is_literal()) return Form::Exact;
        return stars() == 1 && text.ends_with('*') ? Form::Prefix : Form::Glob;
    }
    auto order() const {
        const auto letters = static_cast<std::ptrdiff_t>(text.size() - stars());
        const auto fewer = -static_cast<std::ptrdiff_t>(conditions);
        return std::tuple(kind, -priority, fewer, -letters, form());
    }
};

Pattern make_pattern(Kind kind, int priority, const std::string& model, std::string path,
                     FilePosition at) {
    const bool has_star = model.find('*') != std::string::npos;
    return {.kind = kind,
            .priority = priority,
            .text = has_star ? to_lower(model) : model,
            .path = std::move(path),
            .at = std::move(at)};
}

std::vector<Pattern> patterns_in_order(const routing::Options& routing,
                                       const Provenance& provenance) {
    std::vector<Pattern> patterns;
    for (std::size_t i = 0; i < routing.rules.size(); ++i) {
        const routing::RuleOptions& rule = routing.rules[i];
        const bool is_exact = rule.model.find('*') == std::string::npos;
        // A rule without a model takes every model, as "*" does.
        const Kind kind = rule.model.empty() ? Kind::Any : is_exact ? Kind::Exact : Kind::Pattern;
        patterns.push_back(make_pattern(kind, rule.priority, rule.model.empty() ? "*" : rule.model,
                                        join_path("routes", i), rule.at));
        patterns.back().conditions = rule.conditions.size();
    }
    for (const routing::GroupOptions& group : routing.groups) {
        const std::string path = join_path(join_path("groups", group.name), "models");
        for (std::size_t i = 0; i < group.models.size(); ++i) {
            const std::string element = join_path(path, i);
            patterns.push_back(make_pattern(Kind::Group, 0, group.models[i], element,
                                            provenance.place_of(element)));
        }
    }
    std::ranges::stable_sort(patterns, std::less{}, &Pattern::order);
    return patterns;
}

void warn_of_shadowed_patterns(const routing::Options& routing, const Provenance& provenance,
                               Report& report) {
    const std::vector<Pattern> patterns = patterns_in_order(routing, provenance);
    std::map<std::string_view, const Pattern*> literals;
    std::vector<const Pattern*> globs;
    for (const Pattern& pattern : patterns) {
        const Pattern* earlier = nullptr;
        if (const auto same = literals.find(pattern.text); same != literals.end())
            earlier = same->second;
        // A glob that matches another's text, stars and all, matches whatever that one does.
        const std::string text = to_lower(pattern.text);
        const auto covers = [&](const Pattern* p) { return matches_glob(p->text, text); };
        const auto cover = std::ranges::find_if(globs, covers);
        if (earlier == nullptr && cover != globs.end()) earlier = *cover;
        if (earlier != nullptr) {
            report.warning(pattern.at, pattern.path + " never applies",
                           earlier->path + " at " + earlier->at.text_with_column() +
                               " takes the same calls first");
        } else if (pattern.conditions > 0) {
            continue;  // what does not meet them goes on to the next
        } else if (pattern.is_literal()) {
            literals.emplace(pattern.text, &pattern);
        } else {
            globs.push_back(&pattern);
        }
    }
}

// ── what no call reaches ─────────────────────────────────────────────────────

bool takes_every_model(const routing::Options& routing) {
    const auto is_all = [](const std::string& model) { return model == "*"; };
    return std::ranges::any_of(routing.rules,
                               [&](const auto& r) {
                                   return r.conditions.empty() &&
                                          (r.model.empty() || is_all(r.model));
                               }) ||
           std::ranges::any_of(routing.groups, [&](const auto& g) {
               return std::ranges::any_of(g.models, is_all);
           });
}

void warn_of_unreached(const Config& config, Report& report) {
    const routing::Options& routing = config.routing;
    std::set<std::string_view> platforms;
    std::set<std::string_view> groups;
    const auto reach = [&](const std::vector<TargetOptions>& to) {
        for (const TargetOptions& target : to)
            (target.kind == TargetKind::Group ? groups : platforms).insert(target.name);
    };
    for (const routing::RuleOptions& rule : routing.rules) reach(rule.to);
    for (const routing::LocationOptions& location : routing.locations) reach(location.to);
    for (const policy::Options& each : config.policies)
        if (const auto* rule = std::get_if<policy::RoutingRule>(&each.rule)) reach(rule->to);
    for (const routing::GroupOptions& group : routing.groups) {
        if (group.models.empty() && !groups.contains(group.name)) {
            report.warning(group.at, "no call reaches the group " + json_string(group.name),
                           "give it models, or a route to \"group:" + group.name + "\"");
            continue;
        }
        for (const routing::MemberOptions& member : group.members)
            platforms.insert(member.platform);
    }
    const bool is_all_taken = takes_every_model(routing);
    for (const routing::PlatformOptions& platform : routing.platforms) {
        const bool is_fallback = !is_all_taken && (routing.auto_route || platform.is_default);
        if (is_fallback || platforms.contains(platform.name)) continue;
        report.warning(platform.at, "no call reaches the platform " + json_string(platform.name),
                       "name it in a route or a group, or remove it");
    }
}

// ── limits ───────────────────────────────────────────────────────────────────

// Each of `looser` has one of the same window in `strict` that is not greater.
bool are_stricter(const std::vector<limits::Quota>& strict,
                  const std::vector<limits::Quota>& looser) {
    return std::ranges::all_of(looser, [&](const limits::Quota& high) {
        return std::ranges::any_of(strict, [&](const limits::Quota& low) {
            return low.period == high.period && low.currency == high.currency &&
                   low.max <= high.max;
        });
    });
}

// Each number of `looser` has one in `strict` that is not greater.
bool is_stricter(const limits::Rates& strict, const limits::Rates& looser) {
    const auto covers = [](std::uint64_t low, std::uint64_t high) {
        return high == 0 || (low != 0 && low <= high);
    };
    return covers(strict.rpm, looser.rpm) && covers(strict.tpm, looser.tpm) &&
           covers(strict.qps, looser.qps) && covers(strict.concurrency, looser.concurrency) &&
           are_stricter(strict.requests, looser.requests) &&
           are_stricter(strict.tokens, looser.tokens) && are_stricter(strict.money, looser.money);
}

// Why a limit by these subjects never counts a call; nullopt: it may.
std::optional<std::string> why_idle(limits::Subjects by, const Config& config) {
    const auto& keys = config.auth.static_keys;
    if (by.has(limits::Subject::Key) && keys.empty()) {
        return "it counts by key, and there is no key; add [[auth.static_keys]] or set "
               "GATEWAY_API_KEYS";
    }
    const auto has_tenant = [](const auto& key) { return !key.tenant.empty(); };
    if (by.has(limits::Subject::Tenant) && std::ranges::none_of(keys, has_tenant))
        return "it counts by tenant, and no key of [[auth.static_keys]] has a tenant";
    if (by.has(limits::Subject::Namespace) && config.namespaces.empty())
        return "it counts by namespace, and there is none; add [[namespaces]]";
    if (by.has(limits::Subject::User)) return "it counts by user, and static keys name no user";
    return std::nullopt;
}

void warn_of_idle_limits(const Config& config, Report& report) {
    const auto path_of = [](std::size_t i) { return join_path("limits", i); };
    for (std::size_t i = 0; i < config.limits.size(); ++i) {
        const limits::Options& limit = config.limits[i];
        if (const auto why = why_idle(limit.by, config)) {
            report.warning(limit.at, path_of(i) + " never applies", *why);
            continue;
        }
        // Whoever counts at least the same calls against at most the same numbers refuses first.
        for (std::size_t j = 0; j < config.limits.size(); ++j) {
            const limits::Options& other = config.limits[j];
            const bool covers = other.model.empty() || matches_glob(other.model, limit.model);
            const bool is_same = other.model == limit.model && other.rates == limit.rates;
            if (i == j || other.by != limit.by || other.mode != limits::Mode::Enforce || !covers ||
                !is_stricter(other.rates, limit.rates) || (is_same && i < j)) {
                continue;
            }
            report.warning(limit.at, path_of(i) + " never refuses a call",
                           path_of(j) + " at " + other.at.text_with_column() + " refuses it first");
            break;
        }
    }
}

}  // namespace

void check_names(const Draft& draft, Report& report) {
    const routing::Options& routing = draft.config.routing;
    const std::vector<std::string_view> platforms = names_of(routing.platforms);
    const std::vector<std::string_view> groups = names_of(routing.groups);
    for (const NameUse& use : draft.uses) {
        const bool is_group = use.target.kind == TargetKind::Group;
        const auto& known = is_group ? groups : platforms;
        if (std::ranges::find(known, use.target.name) != known.end()) continue;
        report.error(use.at,
                     use.path + " names the " + (is_group ? "group " : "platform ") +
                         json_string(use.target.name) + ", which does not exist",
                     hint_for(use.target.name, use.target.kind, platforms, groups));
    }
}

void warn_of_idle_settings(const Config& config, const Provenance& provenance, Report& report) {
    warn_of_shadowed_patterns(config.routing, provenance, report);
    warn_of_unreached(config, report);
    warn_of_idle_limits(config, report);
}

}  // namespace aigw::config
