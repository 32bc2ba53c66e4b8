// What a namespace's policies say of a request: whether it may go on, as what, and where.
//
// Shape:   a policy applies where its models and conditions do; what it then says is one verdict.
//          Those that limit what a namespace uses are limits like any other, by namespace; those
//          that change parameters or choose a route are looked at where that is done.
// Order:   tests of content first, then by priority, then as the configuration has them.
// Pure:    the same request at the same time has the same verdicts.
// Errors:  Config, with the place: conditions that can't be compiled, limits that can't be told
//          apart.
// Source:  gateway.toml(5) POLICIES.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "limits/limit.h"
#include "matching/condition.h"
#include "policy/options.h"
#include "protocol/request_facts.h"

namespace aigw::policy {

enum class Verdict : std::uint8_t {
    Allow,
    Reject,
    WouldReject,  // against it, but it only monitors
};

struct Policy {
    Options options{};
    matching::Conditions conditions{};
    std::vector<limits::Limit> limits{};  // by namespace

    static Result<Policy> make(Options options);

    Type type() const { return options.type(); }
    const std::string& name() const { return options.name; }
    bool is_enforced() const { return options.mode == limits::Mode::Enforce; }
    // Whether it has anything to say of the request.
    bool applies_to(const matching::Asked& asked, const protocol::RequestFacts& facts) const;
    // What it says before anything is counted; limits and request_tokens say Allow.
    Verdict judge(const matching::Asked& asked, const protocol::RequestFacts& facts,
                  TimePoint now) const;
    // The rule where the policy is of that type, else nullptr.
    const RequestTokensRule* request_tokens() const {
        return std::get_if<static_cast<std::size_t>(Type::RequestTokens)>(&options.rule);
    }
    const ParamsRule* params() const {
        return std::get_if<static_cast<std::size_t>(Type::Params)>(&options.rule);
    }
    const RoutingRule* routing() const {
        return std::get_if<static_cast<std::size_t>(Type::Routing)>(&options.rule);
    }
};

// The order in which policies are asked.
bool is_before(const Policy& a, const Policy& b);

// Whether a moment lies in the rule's hours.
bool holds(const TimeRule& rule, TimePoint now);

}  // namespace aigw::policy
