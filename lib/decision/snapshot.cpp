#include "decision/snapshot.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace aigw::decision {
namespace {

// False only when no model can be meant by both. Prefixes and globs are judged by their literal
// heads, which errs on the side of yes.
bool may_overlap(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return true;
    const bool a_is_exact = routing::kind_of(a) == routing::PatternKind::Exact;
    const bool b_is_exact = routing::kind_of(b) == routing::PatternKind::Exact;
    if (a_is_exact) return matches_glob(b, a);
    if (b_is_exact) return matches_glob(a, b);
    const std::string_view head_a = a.substr(0, a.find('*'));
    const std::string_view head_b = b.substr(0, b.find('*'));
    return head_a.starts_with(head_b) || head_b.starts_with(head_a);
}

// No call can meet more of the [[limits]] than the one that overlaps with most of them.
std::size_t most_limits_on_one_call(std::span<const limits::Limit> all) {
    std::size_t most = 0;
    for (const limits::Limit& one : all) {
        const auto overlapping = std::count_if(all.begin(), all.end(), [&](const auto& other) {
            return may_overlap(one.model_glob, other.model_glob);
        });
        most = std::max(most, static_cast<std::size_t>(overlapping));
    }
    return most;
}

BoundLimit bound(const limits::Limit& limit, std::string_view subject) {
    return {limit, limits::claim(limit, subject)};
}

// Of a platform, or of one of its models.
template <class Options>
limits::Rates own_rates(const Options& options) {
    return {.rpm = options.rpm,
            .tpm = options.tpm,
            .qps = options.qps,
            .concurrency = options.concurrency};
}

}  // namespace

Result<Snapshot> Snapshot::make(SnapshotInput input) {
    constexpr std::size_t kMostPlatforms = std::numeric_limits<PlatformIndex>::max();
    if (input.routing.platforms.size() > kMostPlatforms) {
        return Error{ErrorCode::Config, "more than 65535 platforms", "use several gateways"};
    }
    input.providers.resize(input.routing.platforms.size());

    Snapshot snapshot(TRY(pricing::PriceBook::make(input.pricing)));
    snapshot.config_digest_ = std::move(input.config_digest);
    snapshot.missing_price_ = input.pricing.missing;
    std::vector<routing::NamePatterns> patterns;
    for (const ProviderFacts& provider : input.providers) {
        patterns.push_back(provider.name_patterns);
    }
    snapshot.router_ = TRY(routing::Router::make(input.routing, patterns));
    TRY(snapshot.add_limits(input.limits));
    TRY(snapshot.add_policies(input));
    TRY(snapshot.check_claims());
    snapshot.add_platforms(input);
    snapshot.note_token_limits(input);
    return snapshot;
}

Result<void> Snapshot::add_limits(std::span<const limits::Options> options) {
    const std::vector<limits::Limit> all = TRY(limits::compile(options));
    most_limits_ = most_limits_on_one_call(all);
    for (const limits::Limit& limit : all) list_of(limit.by).push_back(limit);
    std::ranges::stable_sort(caller_limits_, {}, &limits::Limit::by);
    return {};
}

Result<void> Snapshot::add_policies(const SnapshotInput& input) {
    namespaces_required_ = input.namespaces_required;
    refuses_as_before_ = input.refuses_as_before;
    namespaces_ = TRY(identity::Namespaces::make(input.namespaces));
    for (const policy::Options& options : input.policies)
        if (options.is_enabled) policies_.push_back(TRY(policy::Policy::make(options)));
    std::ranges::stable_sort(policies_, policy::is_before);
    policy_routes_.resize(policies_.size());
    for (std::size_t i = 0; i < policies_.size(); ++i) {
        const policy::Policy& each = policies_[i];
        const policy::RoutingRule* rule = each.routing();
        if (rule == nullptr) continue;
        policy_routes_[i] = TRY(routing::Router::make_route(
            input.routing, routing::RouteKind::Policy, rule->to, each.options.at));
        policy_routes_[i].pattern = each.name();
        policy_routes_[i].upstream_model = rule->upstream_model;
    }
    return add_channels(input);
}

Result<void> Snapshot::add_channels(const SnapshotInput& input) {
    for (const policy::Options& options : input.policies)
        for (const std::string& name : options.namespaces)
            if (name != "*" &&
                !std::ranges::count(input.namespaces, name, &identity::NamespaceOptions::name))
                return Error{ErrorCode::Config,
                             options.at.text() + ": unknown namespace " + json_string(name),
                             "define it in [[namespaces]], or name another"};
    for (const identity::Namespace& each : namespaces_.all()) {
        Channel& channel = channels_.emplace_back(Channel{.name = each.name});
        for (std::size_t i = 0; i < policies_.size(); ++i) {
            const policy::Policy& policy = policies_[i];
            const auto& of = policy.options.namespaces;
            if (!std::ranges::count(of, "*") && !std::ranges::count(of, each.name)) continue;
            BoundPolicy& here = channel.policies.emplace_back();
            here.policy = &policy;
            here.reason = "policy " + policy.name();
            if (policy.routing() != nullptr) here.route = &policy_routes_[i];
            for (const limits::Limit& limit : policy.limits)
                here.limits.push_back(bound(limit, each.name));
        }
    }
    return {};
}

// All that a call may have to be reserved at once has a place.
Result<void> Snapshot::check_claims() const {
    std::size_t most_of_policies = 0;
    for (const Channel& channel : channels_) {
        std::size_t count = 0;
        for (const BoundPolicy& policy : channel.policies) count += policy.limits.size();
        most_of_policies = std::max(most_of_policies, count);
    }
    constexpr std::size_t kOfPlatformAndModel = 2 * std::size(limits::kPlainKinds);
    if (most_limits_ + most_of_policies + kOfPlatformAndModel <= limits::kMaxClaims) return {};
    return Error{
        ErrorCode::Config,
        "more than " + std::to_string(limits::kMaxClaims - kOfPlatformAndModel) +
            (most_of_policies > 0 ? " [[limits]] and limits of policies may apply to one call"
                                  : " [[limits]] may apply to one call"),
        "join some of them, or give them a `match.model` so that they don't meet"};
}

std::vector<limits::Limit>& Snapshot::list_of(limits::Subjects by) {
    using limits::Subject;
    if (!by.is_of_candidate()) return caller_limits_;
    if (by == Subject::Platform) return platform_limits_;
    return by == Subject::Model ? model_limits_ : mixed_limits_;
}

void Snapshot::note_token_limits(const SnapshotInput& input) {
    const auto counts_tokens = [](const auto& options) { return options.tpm > 0; };
    const auto needs_tokens = [](const limits::Options& limit) {
        const limits::Rates& rates = limit.rates;
        return rates.tpm > 0 || !rates.tokens.empty() || !rates.money.empty();
    };
    has_token_limits_ =
        std::ranges::any_of(input.limits, needs_tokens) ||
        std::ranges::any_of(input.routing.platforms, [&](const auto& platform) {
            return counts_tokens(platform) || std::ranges::any_of(platform.models, counts_tokens);
        });
}

void Snapshot::add_platforms(const SnapshotInput& input) {
    platforms_.resize(input.routing.platforms.size());
    for (std::size_t i = 0; i < platforms_.size(); ++i) {
        const routing::PlatformOptions& options = input.routing.platforms[i];
        const ProviderFacts& provider = input.providers[i];
        Platform& platform = platforms_[i];
        platform.name = options.name;
        platform.provider = options.provider;
        platform.is_enabled = options.is_enabled;
        platform.is_draining = options.is_draining;
        platform.slow_start = options.health.slow_start;
        platform.priority = options.priority;
        platform.discount = options.discount;
        platform.operations = provider.operations;
        platform.missing_needs = provider.missing_needs;
        for (const std::string_view catalog : provider.catalogs) {
            if (catalog == "*") {
                platform.asks_every_catalog = true;
            } else {
                platform.catalogs.push_back(catalog);
            }
        }
        bind_limits(options, platform);
    }
    for (const policy::ModelParams& each : input.model_params) {
        const auto platform = std::ranges::find(platforms_, each.platform, &Platform::name);
        if (platform != platforms_.end()) platform->models[each.model].params = each.params;
    }
}

// The platform is where it will stay: claims borrow the names of it and of its models.
void Snapshot::bind_limits(const routing::PlatformOptions& options, Platform& platform) {
    for (const limits::Limit& limit : limits::platform_limits(platform.name, own_rates(options))) {
        platform.limits.push_back(bound(limit, platform.name));
    }
    for (const limits::Limit& limit : platform_limits_) {
        platform.limits.push_back(bound(limit, platform.name));
    }
    for (const routing::ModelOptions& entry : options.models) {
        Model& model = platform.models[entry.name];
        model.upstream = entry.upstream.empty() ? entry.name : entry.upstream;
        model.subject = limits::model_subject(platform.name, entry.name);
        model.params_reason = "platform " + platform.name;
        for (const limits::Limit& limit :
             limits::model_limits(platform.name, entry.name, own_rates(entry))) {
            model.limits.push_back(bound(limit, model.subject));
        }
        for (const limits::Limit& limit : model_limits_) {
            model.limits.push_back(bound(limit, model.subject));
        }
    }
}

}  // namespace aigw::decision
