// The words that the JSON and the text of a Decision share. For render_*.cpp alone.
#pragma once

#include <string>
#include <string_view>

#include "decision/decision.h"

namespace aigw::decision {

std::string_view name_of(Verdict verdict);       // "allow", "reject"
std::string_view name_of(LimitVerdict verdict);  // "allow", "reject", "would_reject"

std::string_view name_of(policy::Verdict verdict);  // the same words

// What a policy says in the end; of one that limits, what its limits say.
policy::Verdict verdict_of(const Decision& decision, const PolicyReading& reading);
// Why the call is in its namespace: "header X-Channel-Code eq \"vip\"", "default".
std::string matched_text(const Placement& placement);

// Why a candidate is in or out: "failover 1/2", "circuit open until 2026-11-20T10:00:12Z".
std::string reason_text(const Decision& decision, const Candidate& candidate);

}  // namespace aigw::decision
