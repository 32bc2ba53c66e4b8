// Which platforms a model may go to: the compiled form of [[routes]], [groups], [auto_route] and
// the platforms' own model tables.
//
// Order:   locations by path > exact rules > groups by their `models` > prefix and glob rules >
// rules without a model >
//          auto_route (platforms that list the model; else those whose provider's name pattern
//          fits) > platforms with `default = true`. Within a kind: higher priority first, then more
//          conditions, then the longer pattern, then file order. The first that fits, and whose
//          conditions all hold, answers alone.
// Targets: platforms in the order of fallback, groups expanded in the order of their members, of
//          duplicates the first; where a group is balanced, the route says which part is it.
//          auto_route and default: by platform priority, then file order.
// Errors:  Config when a rule or a group names a platform or a group that does not exist; the
//          message begins with the place in the file.
// Cost:    find() hashes the name a few times; it does not grow with the number of rules, except by
//          globs that begin with the same characters.
// Threads: immutable; share by const reference. A Match borrows from the Router that made it.
// Source:  gateway.toml(5) ROUTES; contracts of the project ("Routes, in what order").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_position.h"
#include "base/inline_vector.h"
#include "base/result.h"
#include "matching/condition.h"
#include "routing/balance.h"
#include "routing/options.h"
#include "routing/pattern.h"

namespace aigw::routing {

using NamePatterns = std::span<const std::string_view>;

enum class RouteKind : std::uint8_t {
    Policy,        // a namespace's policy has chosen it
    Location,      // a location, by the request's path
    Exact,         // a rule whose model is a name
    Group,         // a group by one of its `models`
    Prefix,        // a rule whose model ends in its only star
    Glob,          // a rule whose model has any other star
    Any,           // a rule without a model
    AutoListed,    // auto_route: the platforms that list the model
    AutoDetected,  // auto_route: the platforms whose provider's name pattern fits
    Default,       // the platforms with `default = true`
};

// "exact", "auto_listed" …, as a Decision shows it.
constexpr std::string_view name_of(RouteKind kind) {
    switch (kind) {
        case RouteKind::Policy:
            return "policy";
        case RouteKind::Location:
            return "location";
        case RouteKind::Exact:
            return "exact";
        case RouteKind::Group:
            return "group";
        case RouteKind::Prefix:
            return "prefix";
        case RouteKind::Glob:
            return "glob";
        case RouteKind::Any:
            return "any";
        case RouteKind::AutoListed:
            return "auto_listed";
        case RouteKind::AutoDetected:
            return "auto_detected";
        case RouteKind::Default:
            return "default";
    }
    return "";
}

// One compiled way from a model name to platforms.
struct Route {
    RouteKind kind = RouteKind::Default;
    std::optional<std::uint32_t> index{};  // which [[routes]] or [groups] table, counted from 0
    std::string pattern{};                 // as written; AutoListed: the model's name
    std::string to{};                      // the targets as written: "group:pool, qwen-main"
    std::string upstream_model{};          // replaces the model's name; empty: as asked
    FilePosition at{};                     // empty line: nothing in the file says so by itself
    std::vector<PlatformIndex> platforms{};
    std::vector<Balance> balances{};                // of groups whose members change places
    std::vector<matching::Condition> conditions{};  // all must hold
    RewriteOptions rewrite{};                       // of a location

    bool holds(const matching::Asked& asked) const;
    // The path as it is seen from here on: of a location that rewrites it, the new one.
    std::string rewritten(std::string_view path) const;
};

struct Match {
    const Route* route = nullptr;  // never null in what find() answers
    // The route's platforms; for AutoDetected those of every pattern that fits.
    InlineVector<PlatformIndex, 16> platforms{};
};

class Router {
public:
    Router() = default;
    // `name_patterns[i]` are the patterns by which the provider of platform i is known ("gpt*",
    // "claude*"); a shorter span: the rest have none. They are copied.
    static Result<Router> make(const Options& options, std::span<const NamePatterns> name_patterns);
    // A route that nothing finds: those who have its index choose it.
    static Result<Route> make_route(const Options& options, RouteKind kind,
                                    const std::vector<TargetOptions>& to, const FilePosition& at);

    std::optional<Match> find(std::string_view model, const matching::Asked& asked) const;
    // Of a request of which nothing else is known.
    std::optional<Match> find(std::string_view model) const;
    // The location that a path belongs to; nullptr: none.
    const Route* find_location(std::string_view path) const;
    bool has_locations() const { return !locations_.empty(); }
    static Match match_of(const Route& route);

    // Every model that the configuration names in full (exact rules, groups' exact models, the
    // platforms' tables), sorted; what can be listed to callers.
    std::span<const std::string> models() const { return models_; }
    // The rules first, in file order: `routes()[i]` is [[routes]] table i.
    std::span<const Route> routes() const { return routes_; }

private:
    // Ids in the order in which they are asked.
    using Ids = std::vector<std::uint32_t>;
    std::optional<Match> match(std::optional<std::uint32_t> id) const;
    std::optional<std::uint32_t> find_first(const Ids& ids, const matching::Asked& asked) const;
    std::optional<Match> find_detected(std::string_view model) const;
    friend class RouterBuilder;

    std::vector<Route> routes_;
    std::vector<std::string> models_;
    PatternIndex exact_rules_;
    PatternIndex groups_;
    PatternIndex pattern_rules_;
    Ids locations_;
    Ids any_;
    PatternIndex listed_;
    PatternIndex detected_;
    std::optional<std::uint32_t> default_;
    std::vector<std::uint32_t> platform_order_;  // platform -> rank by priority, then file order
};

}  // namespace aigw::routing
