// What `decide` reads and nothing ever changes: platforms, routes, limits and prices, compiled.
//
// Shape:   made once per configuration from the rooms' own Options and from what the vendor table
//          says of each platform's provider; it knows neither TOML nor vendors.
// Owner:   a request holds the snapshot it was decided by, so a reload can replace it at any time;
//          decisions borrow from it.
// Errors:  Config, with the place in the file: a route to an unknown platform, limits that cannot
//          be told apart, more limits on one call than can be reserved at once, conditions that
//          can't be compiled, a policy of a namespace that is not there.
// Threads: immutable; share by const reference. It can be moved before it is shared, not copied.
// Source:  contracts of the project ("Who observes, who decides, who reserves").
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.h"
#include "base/operation.h"
#include "base/result.h"
#include "identity/namespaces.h"
#include "limits/cells.h"
#include "limits/limit.h"
#include "limits/options.h"
#include "policy/params.h"
#include "policy/policy.h"
#include "pricing/options.h"
#include "pricing/price_book.h"
#include "protocol/request_facts.h"
#include "routing/options.h"
#include "routing/router.h"

namespace aigw::decision {

using routing::PlatformIndex;

// A set of operations.
class Operations {
public:
    constexpr Operations() = default;
    constexpr Operations(std::initializer_list<Operation> operations) {
        for (const Operation operation : operations) add(operation);
    }
    constexpr void add(Operation operation) {
        bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(operation)));
    }
    constexpr bool has(Operation operation) const {
        return ((bits_ >> static_cast<unsigned>(operation)) & 1U) != 0;
    }
    friend bool operator==(const Operations&, const Operations&) = default;

private:
    std::uint8_t bits_ = 0;
};

// What a model of a platform, as its vendor calls it, can't be asked for. Pure; empty: nothing is
// known of any.
using MissingNeeds = std::function<protocol::Needs(std::string_view upstream_model)>;

// What the vendor table says of one platform's provider. The texts must outlive the snapshot; they
// come from a constant table.
struct ProviderFacts {
    std::span<const std::string_view> catalogs{};  // price lists in order of lookup; "*": every one
    std::span<const std::string_view> name_patterns{};  // globs of the models it is known for
    Operations operations{};
    MissingNeeds missing_needs{};
};

struct SnapshotInput {
    std::string config_digest{};
    routing::Options routing{};
    std::vector<ProviderFacts> providers{};  // one per platform, in the order of routing.platforms
    std::vector<limits::Options> limits{};
    pricing::Options pricing{};
    std::vector<identity::NamespaceOptions> namespaces{};
    bool namespaces_required = false;  // who is in none is refused
    std::vector<policy::Options> policies{};
    bool refuses_as_before = false;  // policies refuse with 403, whatever they are
    std::vector<policy::ModelParams> model_params{};
};

// A limit together with what it counts; the claim borrows the subject from its owner.
struct BoundLimit {
    limits::Limit limit{};
    limits::Claim claim{};
};

// One entry of a platform's model table.
struct Model {
    std::string upstream{};  // as the vendor says it
    std::string subject{};   // what limits by model count: "a/qwen-max"
    std::vector<BoundLimit> limits{};
    policy::ParamOptions params{};
    std::string params_reason{};  // whose they are: "platform a"
};

// A policy as one namespace has it.
struct BoundPolicy {
    const policy::Policy* policy = nullptr;
    std::vector<BoundLimit> limits{};       // of this namespace
    const routing::Route* route = nullptr;  // of a policy that chooses one
    std::string reason{};                   // "policy vip-output"
};

// What belongs to a namespace; same index as in Namespaces.
struct Channel {
    std::string_view name{};
    std::vector<BoundPolicy> policies{};  // in the order in which they are asked
};

struct Platform {
    std::string name{};
    std::string provider{};
    bool is_enabled = true;
    bool is_draining = false;
    std::chrono::milliseconds slow_start{};  // once it is back from failing; 0: none
    int priority = 0;
    Decimal discount = 1;
    Operations operations{};
    // Price lists that are asked by name, and whether every list is asked after them.
    std::vector<std::string_view> catalogs{};
    bool asks_every_catalog = false;
    std::vector<BoundLimit> limits{};
    MissingNeeds missing_needs{};

    // The entry of the model table, or nullptr: a table lists what is special, not what is allowed.
    const Model* find_model(std::string_view model) const {
        const auto found = models.find(model);
        return found == models.end() ? nullptr : &found->second;
    }

    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    std::unordered_map<std::string, Model, NameHash, std::equal_to<>> models{};
};

class Snapshot {
public:
    static Result<Snapshot> make(SnapshotInput input);
    Snapshot(Snapshot&&) noexcept = default;
    Snapshot& operator=(Snapshot&&) noexcept = default;

    std::string_view config_digest() const { return config_digest_; }
    std::span<const Platform> platforms() const { return platforms_; }
    const Platform& platform(PlatformIndex index) const { return platforms_[index]; }
    const routing::Router& router() const { return router_; }
    const pricing::PriceBook& prices() const { return prices_; }
    pricing::Missing missing_price() const { return missing_price_; }
    // [[limits]] of callers, those by the same subjects next to each other; those by model, for
    // models that no platform lists; and those by a platform and something of the caller.
    std::span<const limits::Limit> caller_limits() const { return caller_limits_; }
    std::span<const limits::Limit> model_limits() const { return model_limits_; }
    std::span<const limits::Limit> mixed_limits() const { return mixed_limits_; }
    // Any limit of tokens or of money: requests have to be counted before they are decided.
    bool has_token_limits() const { return has_token_limits_; }
    const identity::Namespaces& namespaces() const { return namespaces_; }
    std::span<const Channel> channels() const { return channels_; }
    bool namespaces_required() const { return namespaces_required_; }
    bool refuses_as_before() const { return refuses_as_before_; }

private:
    explicit Snapshot(pricing::PriceBook prices) : prices_(std::move(prices)) {}
    Result<void> add_limits(std::span<const limits::Options> options);
    Result<void> add_policies(const SnapshotInput& input);
    Result<void> add_channels(const SnapshotInput& input);
    Result<void> check_claims() const;
    std::vector<limits::Limit>& list_of(limits::Subjects by);
    void add_platforms(const SnapshotInput& input);
    void note_token_limits(const SnapshotInput& input);
    void bind_limits(const routing::PlatformOptions& options, Platform& platform);

    std::string config_digest_;
    std::vector<Platform> platforms_;
    routing::Router router_;
    pricing::PriceBook prices_;
    pricing::Missing missing_price_ = pricing::Missing::Unpriced;
    std::vector<limits::Limit> caller_limits_;
    std::vector<limits::Limit> platform_limits_;
    std::vector<limits::Limit> model_limits_;
    std::vector<limits::Limit> mixed_limits_;
    identity::Namespaces namespaces_;
    std::vector<policy::Policy> policies_;       // in the order in which they are asked
    std::vector<routing::Route> policy_routes_;  // by policy; of those that choose one
    std::vector<Channel> channels_;
    bool namespaces_required_ = false;
    bool refuses_as_before_ = false;
    bool has_token_limits_ = false;
    std::size_t most_limits_ = 0;  // of [[limits]], on one call
};

}  // namespace aigw::decision
