#include "routing/router.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"

namespace aigw::routing {

// Options → Router. Lives as long as one Router::make.
class RouterBuilder {
public:
    RouterBuilder(const Options& options, std::span<const NamePatterns> name_patterns)
        : options_(options), name_patterns_(name_patterns) {}

    Result<Router> build() {
        order_platforms();
        TRY(add_rules());
        TRY(add_locations());
        TRY(add_groups());
        if (options_.auto_route) {
            add_listed();
            add_detected();
        }
        add_default();
        collect_models();
        return std::move(router_);
    }

private:
    std::uint32_t add(Route route) {
        router_.routes_.push_back(std::move(route));
        return static_cast<std::uint32_t>(router_.routes_.size() - 1);
    }

    void order_platforms() {
        by_priority_.resize(options_.platforms.size());
        std::iota(by_priority_.begin(), by_priority_.end(), PlatformIndex{0});
        std::stable_sort(by_priority_.begin(), by_priority_.end(), [&](auto a, auto b) {
            return options_.platforms[a].priority > options_.platforms[b].priority;
        });
        router_.platform_order_.resize(by_priority_.size());
        for (std::uint32_t rank = 0; rank < by_priority_.size(); ++rank) {
            router_.platform_order_[by_priority_[rank]] = rank;
        }
    }

    Result<void> add_rules() {
        std::vector<PatternIndex::Entry> exact;
        std::vector<PatternIndex::Entry> patterns;
        std::vector<std::uint32_t> any;
        for (std::uint32_t i = 0; i < options_.rules.size(); ++i) {
            const RuleOptions& rule = options_.rules[i];
            const Route route = TRY(compile(rule, i));
            const RouteKind kind = route.kind;
            const std::uint32_t id = add(route);
            if (kind == RouteKind::Any) {
                any.push_back(id);
                continue;
            }
            const auto conditions = static_cast<std::uint32_t>(rule.conditions.size());
            (kind == RouteKind::Exact ? exact : patterns)
                .push_back({rule.model, rule.priority, id, conditions});
        }
        std::ranges::stable_sort(any, std::greater{}, [&](std::uint32_t id) {
            const RuleOptions& rule = options_.rules[id];
            return std::pair(rule.priority, rule.conditions.size());
        });
        router_.any_ = std::move(any);
        router_.exact_rules_ = PatternIndex(std::move(exact));
        router_.pattern_rules_ = PatternIndex(std::move(patterns));
        return {};
    }

    Result<Route> compile(const RuleOptions& rule, std::uint32_t index) {
        Route route{.kind = kind_of_rule(rule.model),
                    .index = index,
                    .pattern = rule.model,
                    .upstream_model = rule.upstream_model,
                    .at = rule.at};
        TRY(append_targets(route, rule.to));
        TRY(append_conditions(route, rule.conditions));
        return route;
    }

    Result<void> append_targets(Route& route, const std::vector<TargetOptions>& to) {
        for (const TargetOptions& target : to) {
            const bool is_group = target.kind == TargetKind::Group;
            route.to += (route.to.empty() ? "" : ", ") + ((is_group ? "group:" : "") + target.name);
            if (is_group) {
                TRY(append_group(route, target.name, route.at));
            } else {
                TRY(append_platform(route.platforms, target.name, route.at));
            }
        }
        return {};
    }

    static Result<void> append_conditions(
        Route& route, const std::vector<matching::ConditionOptions>& conditions) {
        for (const matching::ConditionOptions& options : conditions) {
            auto condition = matching::Condition::make(options);
            if (!condition)
                return Error{ErrorCode::Config, route.at.text() + ": " + condition.error().message,
                             condition.error().hint};
            route.conditions.push_back(std::move(condition).take());
        }
        return {};
    }

    // What is asked of a path: a location is a route whose only condition it is.
    static matching::ConditionOptions condition_of(const LocationOptions& location) {
        using matching::Operator;
        const bool has_star = location.path.find('*') != std::string::npos;
        const Operator op = location.is_regex              ? Operator::Regex
                            : has_star                     ? Operator::Glob
                            : location.path.ends_with('/') ? Operator::Prefix
                                                           : Operator::Eq;
        return {.source = matching::Source::Path, .key = {}, .op = op, .values = {location.path}};
    }

    Result<void> add_locations() {
        std::vector<std::uint32_t> order(options_.locations.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::stable_sort(order, std::greater{}, [&](std::uint32_t i) {
            const LocationOptions& location = options_.locations[i];
            const bool is_exact = condition_of(location).op == matching::Operator::Eq;
            return std::tuple(location.priority, is_exact, literal_length(location.path));
        });
        for (const std::uint32_t i : order) {
            const LocationOptions& location = options_.locations[i];
            Route route{.kind = RouteKind::Location,
                        .index = i,
                        .pattern = location.path,
                        .upstream_model = location.upstream_model,
                        .at = location.at,
                        .rewrite = location.rewrite};
            TRY(append_targets(route, location.to));
            TRY(append_conditions(route, {condition_of(location)}));
            router_.locations_.push_back(add(std::move(route)));
        }
        return {};
    }

    static RouteKind kind_of_rule(std::string_view model) {
        if (model.empty()) return RouteKind::Any;
        switch (kind_of(model)) {
            case PatternKind::Exact:
                return RouteKind::Exact;
            case PatternKind::Prefix:
                return RouteKind::Prefix;
            case PatternKind::Glob:
                return RouteKind::Glob;
        }
        return RouteKind::Any;
    }

    Result<void> append_group(Route& route, std::string_view name, const FilePosition& at) {
        for (const GroupOptions& group : options_.groups) {
            if (group.name != name) continue;
            const std::size_t first = route.platforms.size();
            std::vector<Member> members;
            for (const MemberOptions& member : group.members) {
                const std::size_t before = route.platforms.size();
                TRY(append_platform(route.platforms, member.platform, group.at));
                if (route.platforms.size() > before)
                    members.push_back(
                        {route.platforms.back(), member.weight, hash_of(member.platform)});
            }
            const bool changes_places =
                group.algorithm != Algorithm::Failover || group.sticky != Sticky::No;
            if (changes_places && members.size() > 1)
                route.balances.push_back(TRY(Balance::make(group, std::move(members), first)));
            return {};
        }
        return unknown("group", name, names_of(options_.groups), at);
    }

    Result<void> append_platform(std::vector<PlatformIndex>& platforms, std::string_view name,
                                 const FilePosition& at) {
        for (std::size_t i = 0; i < options_.platforms.size(); ++i) {
            if (options_.platforms[i].name != name) continue;
            const auto platform = static_cast<PlatformIndex>(i);
            if (std::find(platforms.begin(), platforms.end(), platform) == platforms.end()) {
                platforms.push_back(platform);
            }
            return {};
        }
        return unknown("platform", name, names_of(options_.platforms), at);
    }

    template <class Table>
    static std::vector<std::string_view> names_of(const std::vector<Table>& tables) {
        std::vector<std::string_view> names;
        for (const Table& table : tables) names.push_back(table.name);
        return names;
    }

    static Error unknown(std::string_view what, std::string_view name,
                         const std::vector<std::string_view>& known, const FilePosition& at) {
        const std::string kind(what);
        const auto nearest = find_nearest(name, known);
        return Error{
            ErrorCode::Config, at.text() + ": unknown " + kind + " \"" + std::string(name) + "\"",
            nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                    : "define it as [" + kind + "s." + std::string(name) + "], or name another"};
    }

    Result<void> add_groups() {
        std::vector<PatternIndex::Entry> entries;
        for (std::uint32_t i = 0; i < options_.groups.size(); ++i) {
            const GroupOptions& group = options_.groups[i];
            Route route{
                .kind = RouteKind::Group, .index = i, .to = "group:" + group.name, .at = group.at};
            TRY(append_group(route, group.name, group.at));
            for (const std::string& pattern : group.models) {
                route.pattern = pattern;
                entries.push_back({pattern, 0, add(route)});
            }
        }
        router_.groups_ = PatternIndex(std::move(entries));
        return {};
    }

    void add_listed() {
        std::map<std::string_view, Route> by_model;
        for (const PlatformIndex platform : by_priority_) {
            if (!options_.platforms[platform].is_enabled) continue;
            for (const ModelOptions& model : options_.platforms[platform].models) {
                Route& route = by_model[model.name];
                if (route.platforms.empty()) route.at = model.at;
                route.platforms.push_back(platform);
            }
        }
        std::vector<PatternIndex::Entry> entries;
        for (auto& [model, route] : by_model) {
            route.kind = RouteKind::AutoListed;
            route.pattern = model;
            entries.push_back({route.pattern, 0, add(std::move(route))});
        }
        router_.listed_ = PatternIndex(std::move(entries));
    }

    void add_detected() {
        std::map<std::string_view, Route> by_pattern;
        for (const PlatformIndex platform : by_priority_) {
            if (platform >= name_patterns_.size()) continue;
            if (!options_.platforms[platform].is_enabled) continue;
            for (const std::string_view pattern : name_patterns_[platform]) {
                auto& platforms = by_pattern[pattern].platforms;
                if (platforms.empty() || platforms.back() != platform) {
                    platforms.push_back(platform);
                }
            }
        }
        std::vector<PatternIndex::Entry> entries;
        for (auto& [pattern, route] : by_pattern) {
            route.kind = RouteKind::AutoDetected;
            route.pattern = pattern;
            entries.push_back({route.pattern, 0, add(std::move(route))});
        }
        router_.detected_ = PatternIndex(std::move(entries));
    }

    void add_default() {
        Route route{.kind = RouteKind::Default};
        for (const PlatformIndex platform : by_priority_) {
            const PlatformOptions& options = options_.platforms[platform];
            if (!options.is_default || !options.is_enabled) continue;
            if (route.platforms.empty()) route.at = options.at;
            route.to += (route.to.empty() ? "" : ", ") + options.name;
            route.platforms.push_back(platform);
        }
        if (!route.platforms.empty()) router_.default_ = add(std::move(route));
    }

    void collect_models() {
        std::set<std::string_view> names;
        for (const RuleOptions& rule : options_.rules) {
            if (kind_of_rule(rule.model) == RouteKind::Exact) names.insert(rule.model);
        }
        for (const GroupOptions& group : options_.groups) {
            for (const std::string& pattern : group.models) {
                if (kind_of(pattern) == PatternKind::Exact) names.insert(pattern);
            }
        }
        for (const PlatformOptions& platform : options_.platforms) {
            if (!platform.is_enabled) continue;
            for (const ModelOptions& model : platform.models) {
                if (kind_of(model.name) == PatternKind::Exact) names.insert(model.name);
            }
        }
        router_.models_.assign(names.begin(), names.end());
    }

public:
    Result<Route> build_route(RouteKind kind, const std::vector<TargetOptions>& to,
                              const FilePosition& at) {
        Route route{.kind = kind, .at = at};
        TRY(append_targets(route, to));
        return route;
    }

private:
    const Options& options_;
    std::span<const NamePatterns> name_patterns_;
    std::vector<PlatformIndex> by_priority_;
    Router router_;
};

Result<Router> Router::make(const Options& options, std::span<const NamePatterns> name_patterns) {
    return RouterBuilder(options, name_patterns).build();
}

Result<Route> Router::make_route(const Options& options, RouteKind kind,
                                 const std::vector<TargetOptions>& to, const FilePosition& at) {
    return RouterBuilder(options, {}).build_route(kind, to, at);
}

bool Route::holds(const matching::Asked& asked) const {
    return std::ranges::all_of(
        conditions, [&](const matching::Condition& condition) { return condition.holds(asked); });
}

std::string Route::rewritten(std::string_view path) const {
    if (rewrite.from.empty()) return std::string(path);
    std::string_view stem = rewrite.from;
    if (!stem.ends_with('*')) return stem == path ? rewrite.to : std::string(path);
    stem.remove_suffix(1);
    if (!path.starts_with(stem)) return std::string(path);
    if (!rewrite.to.ends_with('*')) return rewrite.to;
    std::string text = rewrite.to;
    text.pop_back();
    return text.append(path.substr(stem.size()));
}

std::optional<Match> Router::find(std::string_view model) const {
    const Principal nobody;
    return find(model, {.request = {}, .principal = nobody});
}

std::optional<Match> Router::find(std::string_view model, const matching::Asked& asked) const {
    const auto holds = [&](std::uint32_t id) { return routes_[id].holds(asked); };
    if (const auto location = find_first(locations_, asked)) return match(location);
    if (const auto rule = exact_rules_.find(model, holds)) return match(rule);
    if (const auto group = groups_.find(model)) return match(group);
    if (const auto rule = pattern_rules_.find(model, holds)) return match(rule);
    if (const auto rule = find_first(any_, asked)) return match(rule);
    if (const auto listed = listed_.find(model)) return match(listed);
    if (auto detected = find_detected(model)) return detected;
    return match(default_);
}

std::optional<std::uint32_t> Router::find_first(const Ids& ids,
                                                const matching::Asked& asked) const {
    const auto found =
        std::ranges::find_if(ids, [&](std::uint32_t id) { return routes_[id].holds(asked); });
    if (found == ids.end()) return std::nullopt;
    return *found;
}

const Route* Router::find_location(std::string_view path) const {
    const Principal nobody;
    const auto found = find_first(locations_, {.request = {.path = path}, .principal = nobody});
    return found ? &routes_[*found] : nullptr;
}

Match Router::match_of(const Route& route) {
    return {&route, InlineVector<PlatformIndex, 16>(std::span(route.platforms))};
}

std::optional<Match> Router::match(std::optional<std::uint32_t> id) const {
    if (!id) return std::nullopt;
    return match_of(routes_[*id]);
}

std::optional<Match> Router::find_detected(std::string_view model) const {
    const auto ids = detected_.find_all(model);
    if (ids.empty()) return std::nullopt;
    if (ids.size() == 1) return match(ids[0]);

    // Several patterns fit: their platforms together, in the order of platforms.
    std::vector<PlatformIndex> platforms;
    for (const std::uint32_t id : ids) {
        const auto& more = routes_[id].platforms;
        platforms.insert(platforms.end(), more.begin(), more.end());
    }
    std::sort(platforms.begin(), platforms.end(),
              [&](auto a, auto b) { return platform_order_[a] < platform_order_[b]; });
    platforms.erase(std::unique(platforms.begin(), platforms.end()), platforms.end());
    return Match{&routes_[*detected_.find(model)],
                 InlineVector<PlatformIndex, 16>(std::span(platforms))};
}

}  // namespace aigw::routing
