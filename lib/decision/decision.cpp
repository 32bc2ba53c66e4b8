#include "decision/decision.h"

#include <algorithm>

#include "base/text.h"
#include "decision/call_cost.h"
#include "decision/caller_subjects.h"
#include "decision/refusals.h"
#include "decision/warm_up.h"
#include "identity/identifier.h"

namespace aigw::decision {
namespace {

void append(Claims& claims, std::span<const LimitReading> readings) {
    for (const LimitReading& reading : readings) claims.push_back(reading.claim);
}

// What the calls that stay together share; empty: this one stays with none.
std::string_view sticky_subject(const routing::Balance& group, const Selection& selection) {
    switch (group.sticky()) {
        case routing::Sticky::No:
            return {};
        case routing::Sticky::User:
            return selection.principal->user;
        case routing::Sticky::Key:
            return selection.principal->key;
        case routing::Sticky::Tenant:
            return selection.principal->tenant;
        case routing::Sticky::Ip:
            return selection.facts.client_ip;
    }
    return {};
}

// The policies that apply, with what they say at once.
void read_policies(Selection& selection, const matching::Asked& asked) {
    for (const BoundPolicy& bound : selection.placement.channel->policies) {
        const policy::Policy& policy = *bound.policy;
        if (!policy.applies_to(asked, selection.facts)) continue;
        selection.policies.push_back({&bound, policy.judge(asked, selection.facts, selection.at)});
    }
}

// The lowest of the policies' bounds, and no more than the request asks for.
void limit_output(Selection& selection) {
    protocol::RequestFacts& facts = selection.facts;
    for (PolicyReading& reading : selection.policies) {
        const policy::RequestTokensRule* rule = reading.policy().request_tokens();
        if (rule == nullptr || rule->max_output == 0 || !writes_text(facts.operation)) continue;
        const bool is_over = facts.max_output && *facts.max_output > rule->max_output;
        if (rule->on_output == policy::OnOutput::Reject && is_over) {
            reading.verdict = reading.policy().is_enforced() ? policy::Verdict::Reject
                                                             : policy::Verdict::WouldReject;
            continue;
        }
        if (!reading.policy().is_enforced()) continue;
        auto& limit = selection.output_limit;
        if (limit && limit->max_tokens <= rule->max_output) continue;
        limit = {.max_tokens = rule->max_output,
                 .is_cut = rule->on_output == policy::OnOutput::Truncate,
                 .notice = rule->notice,
                 .reason = reading.bound->reason};
    }
    if (!selection.output_limit) return;
    std::int64_t& most = selection.output_limit->max_tokens;
    most = std::min(most, facts.max_output.value_or(most));
    facts.max_output = most;
}

// A policy's choice goes before every rule.
std::optional<routing::Match> find_route(const Selection& selection, const matching::Asked& asked) {
    for (const PolicyReading& reading : selection.policies)
        if (reading.bound->route != nullptr && reading.policy().is_enforced())
            return routing::Router::match_of(*reading.bound->route);
    return selection.snapshot->router().find(selection.facts.model, asked);
}

}  // namespace

Selection match(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, TimePoint now, const matching::Request& request) {
    const matching::Asked asked{
        .request = request, .principal = principal, .client_ip = facts.client_ip};
    Selection selection{
        .snapshot = &snapshot,
        .principal = &principal,
        .facts = facts,
        .at = now,
        .is_permitted = identity::check_scope(principal, facts.operation, facts.model).has_value(),
        .body = request.bytes};
    if (const auto found = snapshot.namespaces().find(asked)) {
        selection.placement = {.channel = &snapshot.channels()[found->index],
                               .of = &snapshot.namespaces().all()[found->index],
                               .list = found->list};
        read_policies(selection, asked);
        limit_output(selection);
    }
    selection.match = find_route(selection, asked);
    return selection;
}

void balance(Selection& selection, const Observed& observed, const DrawTicket& draw) {
    if (!selection.match) return;
    for (const routing::Balance& group : selection.match->route->balances) {
        const std::span places(selection.match->platforms.begin() + group.first(),
                               group.members().size());
        const auto subject = sticky_subject(group, selection);
        if (!subject.empty()) {
            group.order_for(subject, places);
            selection.turns.push_back(
                {.balance = &group, .is_sticky = true, .platform = places.front()});
            continue;
        }
        Turn turn{.balance = &group, .ticket = draw(group)};
        if (group.reads_in_flight()) {
            for (const routing::Member& member : group.members())
                turn.in_flight.push_back(
                    observed.in_flight(selection.snapshot->platform(member.platform).name));
        }
        group.order(turn.ticket, turn.in_flight, places);
        turn.platform = places.front();
        if (warms_up(*selection.snapshot, group))
            turn.warming = warm_up(selection, observed, turn.ticket, places);
        selection.turns.push_back(std::move(turn));
    }
}

Decision decide(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, const Observed& observed, TimePoint now,
                const matching::Request& request) {
    Selection selection = match(snapshot, facts, principal, now, request);
    if (selection.match && !selection.match->route->balances.empty()) {
        balance(selection, observed,
                [&](const routing::Balance& group) { return observed.next_ticket(group.group()); });
    }
    return rank(selection, observed);
}

// What the first half has found stands in the Decision.
Decision decide_again(const Decision& before, const Observed& observed, TimePoint now) {
    Selection selection{.snapshot = before.snapshot,
                        .principal = before.principal,
                        .facts = before.facts,
                        .at = now,
                        .is_permitted = before.refusal != Refusal::Forbidden,
                        .placement = before.placement,
                        .policies = before.policies,
                        .output_limit = before.output_limit,
                        .body = before.body,
                        .match = {},
                        .turns = before.turns};
    if (before.route != nullptr) {
        selection.match = routing::Match{before.route, {}};
        for (const Candidate& candidate : before.candidates)
            selection.match->platforms.push_back(candidate.platform);
    }
    return rank(selection, observed);
}

bool may_be_anonymous(const Snapshot& snapshot, const matching::Request& request,
                      std::string_view client_ip) {
    const identity::Namespaces& namespaces = snapshot.namespaces();
    if (!namespaces.has_anonymous()) return false;
    const bool can_change =
        std::ranges::any_of(namespaces.all(), &identity::Namespace::may_read_body);
    if (can_change) return true;
    const Principal anonymous;
    const auto found =
        namespaces.find({.request = request, .principal = anonymous, .client_ip = client_ip});
    return found && namespaces.all()[found->index].is_anonymous;
}

std::optional<Error> find_early_refusal(const Snapshot& snapshot, const Principal& principal,
                                        std::string_view client_ip, const Observed& observed,
                                        TimePoint now) {
    std::optional<Error> slowest;
    std::forward_list<std::string> made;
    CallerSubjects subjects(principal, {.address = client_ip}, made);
    for (const limits::Limit& limit : snapshot.caller_limits()) {
        if (!limit.model_glob.empty() || limit.mode != limits::Mode::Enforce) continue;
        const auto subject = subjects.find(limit.by);
        if (!subject) continue;
        limits::Claim claim = limits::claim(limit, *subject);
        // A call may cost nothing, but not where more was spent than the limit allows.
        if (limit.kind == limits::Kind::Money) claim.cost = 0;
        const limits::Reading reading = observed.read(claim, now);
        if (reading.used + claim.cost <= claim.max) continue;
        if (slowest && *slowest->retry_after >= reading.retry_after) continue;
        slowest = limits::refusal_error(limit, *subject, claim.cost, reading.retry_after);
    }
    return slowest;
}

int Decision::status() const {
    constexpr int kOk = 200;
    return refusal == Refusal::None ? kOk : error_row(code_of(*this)).http;
}

std::span<const LimitReading> Decision::caller_limits() const {
    return {readings.begin(), caller_limit_count};
}

std::span<const LimitReading> Decision::limits_of(const Candidate& candidate) const {
    return {readings.begin() + candidate.first_limit, candidate.limit_count};
}

std::span<const policy::ParamChange> Decision::changes_of(const Candidate& candidate) const {
    return std::span(changes).subspan(candidate.first_change, candidate.change_count);
}

const Candidate* Decision::find_candidate(std::size_t order) const {
    const auto found =
        std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
            return candidate.is_eligible() && candidate.order == order;
        });
    return found == candidates.end() ? nullptr : found;
}

Result<pricing::Price> estimate(const Decision& decision, const Candidate& candidate) {
    if (candidate.row == nullptr) {
        return Error{
            ErrorCode::NotFound,
            "nothing is known of the price of model " + json_string(candidate.upstream_model),
            "see `aigw price --list`"};
    }
    return pricing::estimate(decision.facts.input_tokens,
                             output_bound(decision.facts, candidate.max_output), *candidate.row,
                             decision.platform_of(candidate).discount);
}

Claims caller_claims(const Decision& decision) {
    Claims claims;
    append(claims, decision.caller_limits());
    return claims;
}

Claims candidate_claims(const Decision& decision, const Candidate& candidate) {
    Claims claims;
    append(claims, decision.limits_of(candidate));
    return claims;
}

Claims claims(const Decision& decision, const Candidate& candidate) {
    Claims claims = caller_claims(decision);
    append(claims, decision.limits_of(candidate));
    return claims;
}

}  // namespace aigw::decision
