// May this call go, where to, and what will it cost? The one answer that `serve` acts on and every
// other command prints.
//
// Pure:    decide() has no I/O and no side effect: the same snapshot, facts, principal, observation
//          and time give the same Decision, byte for byte when rendered. Each observed value is
//          read once and kept, so what is printed is what was used.
// Shape:   indexes, enums and views, inline; words are made when it is rendered (render.h), prices
//          when they are asked for, an Error when it is refused.
// Halves:  match() finds the route; rank() looks at its platforms. Between them balance() draws a
//          ticket for each balanced group of the route and puts its members in order. decide() only
//          looks at the ticket that would come next.
// Order:   a refusal is for the first of: what the principal may do, its namespace, the policies
//          there, an unknown model, the limits of its caller, no platform left. All the rest is
//          looked at all the same, so that one can see what would be next.
// Borrows: the snapshot, the principal, the body, and the text behind the facts' views must outlive
//          it; the request that match() is given, that call alone.
// Errors:  none of its own; `error(decision)` is what the caller of the gateway is told.
// Source:  contracts of the project; the project's Decision.
#pragma once

#include <cstdint>
#include <forward_list>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/inline_vector.h"
#include "base/principal.h"
#include "base/result.h"
#include "base/time.h"
#include "decision/observed.h"
#include "decision/snapshot.h"
#include "limits/cells.h"
#include "matching/request.h"
#include "policy/params.h"
#include "pricing/cost.h"
#include "pricing/price_row.h"
#include "protocol/request_facts.h"
#include "protocol/splice.h"
#include "routing/router.h"

namespace aigw::decision {

// What an estimate assumes of an answer when the request sets no bound of its own.
inline constexpr std::int64_t kAssumedMaxOutput = 4096;

enum class Verdict : std::uint8_t { Allow, Reject };
enum class LimitVerdict : std::uint8_t {
    Allow,
    Reject,
    WouldReject,  // over, but the limit only monitors
};

// Why a candidate is in or out.
enum class Reason : std::uint8_t {
    InOrder,       // in
    SwitchedOff,   // by the configuration
    Draining,      // likewise: it keeps its sticky callers, and this is none
    NotServed,     // its provider does not serve the operation
    LacksNeed,     // its model can't take what the request holds (`missing`)
    CircuitOpen,   // it failed lately and is left alone
    LimitReached,  // one of its limits has no room
    PriceMissing,  // nothing is known of its price, and `pricing.missing` is "reject"
};

// Why the call is refused.
enum class Refusal : std::uint8_t {
    None,
    Forbidden,          // the principal may not use this operation or model
    NamespaceNotFound,  // it has to be in one
    NamespaceDisabled,
    Unauthenticated,  // no credential, and its namespace wants one
    Policy,           // one of its namespace is against it
    ModelNotFound,    // no route takes the model
    CallerLimit,      // of its key, user, tenant, namespace or address, or of all callers
    NotServed,        // no candidate serves the operation
    LacksNeed,        // no candidate's model can take what the request holds
    PlatformLimit,    // at least one candidate is out for its limits alone
    PriceMissing,
    AllOpen,
    AllSwitchedOff,  // or draining
};

// One limit as it stood when it was read.
struct LimitReading {
    const limits::Limit* limit = nullptr;  // the snapshot's
    limits::Claim claim{};                 // what would be taken; names the subject
    limits::Reading reading{};
    LimitVerdict verdict = LimitVerdict::Allow;
};

// What a policy that applies says of the call. Of those that limit what a namespace uses, what
// their limits say.
struct PolicyReading {
    const BoundPolicy* bound = nullptr;  // the snapshot's
    policy::Verdict verdict = policy::Verdict::Allow;

    const policy::Policy& policy() const { return *bound->policy; }
};
using PolicyReadings = InlineVector<PolicyReading, 4>;

// How long an answer may be by the policies: what is said upstream, and where an answer is cut that
// is longer all the same.
struct OutputLimit {
    std::int64_t max_tokens = 0;
    bool is_cut = false;
    std::string_view notice{};  // where it is cut
    std::string_view reason{};  // whose limit it is: "policy vip-output"
};

// Where a candidate's price comes from.
enum class PriceBasis : std::uint8_t { None, Listed, WorstCase };

struct Candidate {
    PlatformIndex platform = 0;
    Reason reason = Reason::InOrder;
    std::uint16_t order = 0;        // 1, 2, … among the eligible; 0: out
    std::uint32_t first_limit = 0;  // its limits, as a part of the Decision's
    std::uint32_t limit_count = 0;
    std::string_view upstream_model{};
    PriceBasis basis = PriceBasis::None;
    const pricing::PriceRow* row = nullptr;
    TimePoint open_until{};     // CircuitOpen
    protocol::Needs missing{};  // LacksNeed
    // With the parameters that it would be asked with; `first_change` and `change_count` are those
    // of the Decision's that made them.
    std::optional<std::int64_t> max_output{};
    std::uint32_t first_change = 0;
    std::uint32_t change_count = 0;

    bool is_eligible() const { return reason == Reason::InOrder; }
};

// A member that gets only a part of its share, being just back from failing.
struct Warming {
    PlatformIndex platform = 0;
    std::uint32_t warmth = 0;  // per mille of its share
};

// What put the members of one balanced group in order.
struct Turn {
    const routing::Balance* balance = nullptr;  // the route's
    bool is_sticky = false;                     // by the caller: no ticket was drawn
    std::uint64_t ticket = 0;
    PlatformIndex platform = 0;              // whose turn it is
    std::optional<Warming> warming{};        // the first that may be called, where it is one
    std::vector<std::uint32_t> in_flight{};  // by member, where the algorithm reads it
};
using Turns = std::vector<Turn>;  // in the route's order; most routes have none

// Which namespace the call is in.
struct Placement {
    const Channel* channel = nullptr;  // nullptr: in none
    const identity::Namespace* of = nullptr;
    std::optional<std::uint32_t> list{};  // of its conditions; none: it is the default

    std::string_view name() const { return channel != nullptr ? channel->name : ""; }
};

// The first half's result: what the configuration alone says.
struct Selection {
    const Snapshot* snapshot = nullptr;
    const Principal* principal = nullptr;
    protocol::RequestFacts facts{};
    TimePoint at{};
    bool is_permitted = true;
    Placement placement{};
    PolicyReadings policies{};
    std::optional<OutputLimit> output_limit{};
    std::string_view body{};
    std::optional<routing::Match> match{};
    Turns turns{};  // by balance()
};

struct Decision {
    const Snapshot* snapshot = nullptr;
    const Principal* principal = nullptr;
    protocol::RequestFacts facts{};
    TimePoint at{};
    Placement placement{};
    PolicyReadings policies{};
    std::optional<OutputLimit> output_limit{};
    std::string_view body{};
    const routing::Route* route = nullptr;  // nullptr: none takes the model
    Turns turns{};
    InlineVector<Candidate, 8> candidates{};
    std::vector<policy::ParamChange> changes{};  // of parameters, by candidate
    Refusal refusal = Refusal::None;

    Verdict verdict() const { return refusal == Refusal::None ? Verdict::Allow : Verdict::Reject; }
    // 200, or the status of the refusal.
    int status() const;
    // Those of its key, user, tenant, namespace and address, and of all callers.
    std::span<const LimitReading> caller_limits() const;
    std::span<const LimitReading> limits_of(const Candidate& candidate) const;
    // What is done to its parameters.
    std::span<const policy::ParamChange> changes_of(const Candidate& candidate) const;
    // The eligible candidate of that order, 1 being the first; nullptr past the last.
    const Candidate* find_candidate(std::size_t order) const;
    const Platform& platform_of(const Candidate& candidate) const {
        return snapshot->platform(candidate.platform);
    }

    // The caller's limits first, then each candidate's.
    InlineVector<LimitReading, 12> readings{};
    std::uint32_t caller_limit_count = 0;
    // Subjects that had to be put together for this call; a list, so that views of them survive a
    // move of the Decision.
    std::forward_list<std::string> made_subjects{};

    Decision() = default;
    Decision(Decision&&) = default;
    Decision& operator=(Decision&&) = default;
    ~Decision() = default;
};

Selection match(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, TimePoint now, const matching::Request& request = {});
// Orders the members of each balanced group of the route: where it is sticky and the caller has
// what it goes by, by that; else by a ticket that `draw` gives: the next of the group's, or any
// number where the balance is random. Of a member that is warming up the ticket tells as well
// whether it takes its turn, or the next one does that may be called.
using DrawTicket = std::function<std::uint64_t(const routing::Balance&)>;
void balance(Selection& selection, const Observed& observed, const DrawTicket& draw);
Decision rank(const Selection& selection, const Observed& observed);
// The halves and what is between them, with the ticket that would come next.
Decision decide(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, const Observed& observed, TimePoint now,
                const matching::Request& request = {});

// The same call, by what is observed now; the order of its candidates stays.
Decision decide_again(const Decision& before, const Observed& observed, TimePoint now);

// What turns the call's body into what a candidate is asked; empty: it stays as it is.
std::vector<protocol::Edit> edits(const Decision& decision, const Candidate& candidate);

// Whether a caller without credentials may be served, as far as can be told before the body is
// read: false is final.
bool may_be_anonymous(const Snapshot& snapshot, const matching::Request& request,
                      std::string_view client_ip);

// What a caller is refused with whatever it asks for: a limit of its own, for all models, has no
// room. For a call whose body would have to be waited for; it may be refused for
// another reason once it is known.
std::optional<Error> find_early_refusal(const Snapshot& snapshot, const Principal& principal,
                                        std::string_view client_ip, const Observed& observed,
                                        TimePoint now);

// What a refused call is answered with.
Error error(const Decision& decision);
// The same where one limit of its caller had no room by the time it was to be reserved.
Error limit_error(const Decision& decision, const LimitReading& reading,
                  std::chrono::milliseconds retry_after);

// What the call would cost at that candidate: the counted input, and as much output as the request
// allows, or kAssumedMaxOutput. not_found when nothing is known of its price.
Result<pricing::Price> estimate(const Decision& decision, const Candidate& candidate);

// What must be reserved before the call: by the caller alone, by a candidate alone, by both at
// once.
using Claims = InlineVector<limits::Claim, 12>;
Claims caller_claims(const Decision& decision);
Claims candidate_claims(const Decision& decision, const Candidate& candidate);
Claims claims(const Decision& decision, const Candidate& candidate);

}  // namespace aigw::decision
