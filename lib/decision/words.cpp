#include "decision/words.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace aigw::decision {
namespace {

std::string limit_text(const LimitReading& reading) {
    return limits::label(*reading.limit, reading.claim.key.subject);
}

std::string reached_limits(std::span<const LimitReading> readings) {
    std::string text;
    for (const LimitReading& reading : readings) {
        if (reading.verdict != LimitVerdict::Reject) continue;
        text += (text.empty() ? "" : ", ") + limit_text(reading);
    }
    return text;
}

// What gave the candidate its turn; nullptr: it is where the order of the route puts it.
const Turn* find_turn(const Decision& decision, const Candidate& candidate) {
    for (const Turn& turn : decision.turns)
        if (turn.platform == candidate.platform) return &turn;
    return nullptr;
}

// ", slow start 40%": the part of its share that the candidate gets; empty: all.
std::string warming_text(const Decision& decision, const Candidate& candidate) {
    for (const Turn& turn : decision.turns) {
        if (!turn.warming || turn.warming->platform != candidate.platform) continue;
        return ", slow start " + std::to_string(turn.warming->warmth / 10) + "%";
    }
    return "";
}

std::string weights_text(const routing::Balance& balance) {
    std::string text;
    for (const routing::Member& member : balance.members())
        text += (text.empty() ? "" : ":") + std::to_string(member.weight);
    return text;
}

// "2 < 5": the calls under way at the member whose turn it is, and at the one with the next fewest.
std::string calls_text(const Turn& turn, const Candidate& candidate) {
    const auto members = turn.balance->members();
    const auto load = [&](std::size_t i) {
        return std::pair(turn.in_flight[i], members[i].weight);
    };
    const auto text_of = [](const std::pair<std::uint32_t, std::uint32_t>& calls_and_weight) {
        const auto& [calls, weight] = calls_and_weight;
        return std::to_string(calls) + (weight == 1 ? "" : "/" + std::to_string(weight));
    };
    const auto is_less = [](const auto& a, const auto& b) {
        return std::uint64_t{a.first} * b.second < std::uint64_t{b.first} * a.second;
    };
    std::pair<std::uint32_t, std::uint32_t> own;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> next;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i].platform == candidate.platform) {
            own = load(i);
        } else if (!next || is_less(load(i), *next)) {
            next = load(i);
        }
    }
    return text_of(own) + (is_less(own, *next) ? " < " : " = ") + text_of(*next);
}

// "round-robin 2/3": the second of three members has its turn.
std::string turn_text(const Turn& turn, const Candidate& candidate) {
    const routing::Balance& balance = *turn.balance;
    if (turn.is_sticky) return "sticky by " + std::string(name_of(balance.sticky()));
    const std::string words = std::string(words_of(balance.algorithm())) + " ";
    const auto members = balance.members();
    switch (balance.algorithm()) {
        case routing::Algorithm::WeightedRandom:
        case routing::Algorithm::WeightedRoundRobin:
            return words + weights_text(balance);
        case routing::Algorithm::LeastConnections:
            return words + calls_text(turn, candidate);
        case routing::Algorithm::Failover:
        case routing::Algorithm::RoundRobin:
        case routing::Algorithm::Random:
            break;
    }
    const auto member = std::ranges::find(members, candidate.platform, &routing::Member::platform);
    return words + std::to_string(member - members.begin() + 1) + "/" +
           std::to_string(members.size());
}

std::string order_text(const Decision& decision, const Candidate& candidate) {
    if (const Turn* turn = find_turn(decision, candidate)) return turn_text(*turn, candidate);
    const auto eligible = std::count_if(decision.candidates.begin(), decision.candidates.end(),
                                        [](const Candidate& each) { return each.is_eligible(); });
    return "failover " + std::to_string(candidate.order) + "/" + std::to_string(eligible);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    return verdict == Verdict::Allow ? "allow" : "reject";
}

std::string_view name_of(LimitVerdict verdict) {
    switch (verdict) {
        case LimitVerdict::Allow:
            return "allow";
        case LimitVerdict::Reject:
            return "reject";
        case LimitVerdict::WouldReject:
            return "would_reject";
    }
    return "";
}

std::string_view name_of(policy::Verdict verdict) {
    switch (verdict) {
        case policy::Verdict::Allow:
            return "allow";
        case policy::Verdict::Reject:
            return "reject";
        case policy::Verdict::WouldReject:
            return "would_reject";
    }
    return "";
}

policy::Verdict verdict_of(const Decision& decision, const PolicyReading& reading) {
    policy::Verdict verdict = reading.verdict;
    for (const LimitReading& each : decision.caller_limits()) {
        const bool is_its_own = std::ranges::any_of(
            reading.bound->limits,
            [&](const BoundLimit& bound) { return &bound.limit == each.limit; });
        if (!is_its_own || each.verdict == LimitVerdict::Allow) continue;
        if (each.verdict == LimitVerdict::Reject) return policy::Verdict::Reject;
        verdict = policy::Verdict::WouldReject;
    }
    return verdict;
}

std::string matched_text(const Placement& placement) {
    if (!placement.list) return "default";
    return placement.of->conditions.text(*placement.list);
}

std::string reason_text(const Decision& decision, const Candidate& candidate) {
    switch (candidate.reason) {
        case Reason::InOrder:
            return order_text(decision, candidate) + warming_text(decision, candidate);
        case Reason::SwitchedOff:
            return "switched off";
        case Reason::Draining:
            return "draining";
        case Reason::NotServed:
            return "provider " + decision.platform_of(candidate).provider + " does not serve " +
                   std::string(name_of(decision.facts.operation));
        case Reason::LacksNeed:
            return "model " + json_string(candidate.upstream_model) + " lacks " +
                   protocol::names_of(candidate.missing);
        case Reason::CircuitOpen:
            return "circuit open until " + render_time(candidate.open_until);
        case Reason::LimitReached:
            return "at its limit " + reached_limits(decision.limits_of(candidate));
        case Reason::PriceMissing:
            return "no price for model " + json_string(candidate.upstream_model);
    }
    return "";
}

}  // namespace aigw::decision
