#include "decision/words.h"

#include <algorithm>

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

std::string failover_text(const Decision& decision, const Candidate& candidate) {
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

std::string reason_text(const Decision& decision, const Candidate& candidate) {
    switch (candidate.reason) {
        case Reason::InOrder:
            return failover_text(decision, candidate);
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
