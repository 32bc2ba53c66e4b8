// The words that the JSON and the text of a Decision share. For render_*.cpp alone.
#pragma once

#include <string>
#include <string_view>

#include "decision/decision.h"

namespace aigw::decision {

std::string_view name_of(Verdict verdict);       // "allow", "reject"
std::string_view name_of(LimitVerdict verdict);  // "allow", "reject", "would_reject"

// Why a candidate is in or out: "failover 1/2", "circuit open until 2026-11-20T10:00:12Z".
std::string reason_text(const Decision& decision, const Candidate& candidate);

}  // namespace aigw::decision
