// What of a configuration the cases of a suite have reached: routes, locations, groups, platforms,
// limits, namespaces and policies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "decision/decision.h"

namespace aigw::cmd {

class Coverage {
public:
    explicit Coverage(const config::Config& config) : config_(config) {}

    void add(const decision::Decision& decision);
    // "routes[2] (qwen-*) at gateway.toml:12", and so on, in the order of the configuration.
    std::vector<std::string> unreached() const;
    // How many there are, reached or not.
    std::size_t size() const { return items().size(); }

private:
    // A kind and what tells the item from others of its kind: "group pool".
    struct Item {
        std::string id{};
        std::string text{};
    };
    std::vector<Item> items() const;
    void add_route(const routing::Route& route);
    void add_targets(const std::vector<routing::TargetOptions>& to);

    const config::Config& config_;
    std::set<std::string, std::less<>> reached_{};
};

}  // namespace aigw::cmd
