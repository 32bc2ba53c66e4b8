#include "cmd/suite_coverage.h"

#include <algorithm>

#include "limits/limit.h"

namespace aigw::cmd {
namespace {

std::string place(const FilePosition& at) {
    return at.line > 0 ? " at " + at.text() : "";
}

std::string id_of(std::string_view kind, std::string_view name) {
    return std::string(kind) + " " + std::string(name);
}

std::string id_of(std::string_view kind, std::size_t index) {
    return id_of(kind, std::to_string(index));
}

std::string element(std::string_view list, std::size_t index, std::string_view what) {
    std::string text = std::string(list) + "[" + std::to_string(index) + "]";
    return what.empty() ? text : text + " (" + std::string(what) + ")";
}

}  // namespace

void Coverage::add_targets(const std::vector<routing::TargetOptions>& to) {
    for (const routing::TargetOptions& target : to)
        if (target.kind == routing::TargetKind::Group) reached_.insert(id_of("group", target.name));
}

void Coverage::add_route(const routing::Route& route) {
    if (!route.index) return;
    const std::uint32_t index = *route.index;
    const routing::Options& routing = config_.routing;
    if (route.kind == routing::RouteKind::Group) {
        reached_.insert(id_of("group", routing.groups[index].name));
    } else if (route.kind == routing::RouteKind::Location) {
        reached_.insert(id_of("location", index));
        add_targets(routing.locations[index].to);
    } else {
        reached_.insert(id_of("route", index));
        add_targets(routing.rules[index].to);
    }
}

void Coverage::add(const decision::Decision& decision) {
    if (decision.placement.of != nullptr)
        reached_.insert(id_of("namespace", decision.placement.name()));
    for (const decision::PolicyReading& reading : decision.policies) {
        reached_.insert(id_of("policy", reading.policy().name()));
        if (const policy::RoutingRule* rule = reading.policy().routing()) add_targets(rule->to);
    }
    for (const decision::LimitReading& reading : decision.readings)
        reached_.insert(id_of("limit", reading.limit->name));
    if (decision.route != nullptr) add_route(*decision.route);
    for (const decision::Candidate& candidate : decision.candidates)
        reached_.insert(id_of("platform", decision.platform_of(candidate).name));
}

std::vector<Coverage::Item> Coverage::items() const {
    std::vector<Item> items;
    const routing::Options& routing = config_.routing;
    for (std::size_t i = 0; i < routing.rules.size(); ++i)
        items.push_back({id_of("route", i), element("routes", i, routing.rules[i].model) +
                                                place(routing.rules[i].at)});
    for (std::size_t i = 0; i < routing.locations.size(); ++i)
        items.push_back({id_of("location", i), element("locations", i, routing.locations[i].path) +
                                                   place(routing.locations[i].at)});
    for (const routing::GroupOptions& group : routing.groups)
        items.push_back({id_of("group", group.name), "groups." + group.name + place(group.at)});
    for (const routing::PlatformOptions& platform : routing.platforms)
        items.push_back(
            {id_of("platform", platform.name), "platforms." + platform.name + place(platform.at)});
    for (std::size_t i = 0; i < config_.limits.size(); ++i) {
        const auto made = limits::compile(std::span(&config_.limits[i], 1));
        if (!made || made->empty()) continue;
        const std::string& name = made->front().name;
        items.push_back(
            {id_of("limit", name), element("limits", i, name) + place(config_.limits[i].at)});
    }
    for (std::size_t i = 0; i < config_.namespaces.size(); ++i) {
        const identity::NamespaceOptions& each = config_.namespaces[i];
        items.push_back(
            {id_of("namespace", each.name), element("namespaces", i, each.name) + place(each.at)});
    }
    for (std::size_t i = 0; i < config_.policies.size(); ++i) {
        const policy::Options& each = config_.policies[i];
        if (!each.is_enabled) continue;
        items.push_back(
            {id_of("policy", each.name), element("policies", i, each.name) + place(each.at)});
    }
    return items;
}

std::vector<std::string> Coverage::unreached() const {
    std::vector<std::string> names;
    for (Item& item : items())
        if (!reached_.contains(item.id)) names.push_back(std::move(item.text));
    return names;
}

}  // namespace aigw::cmd
