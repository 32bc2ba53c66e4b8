// Why a call is refused, as an error. For decision/*.cpp.
#pragma once

#include "base/error.h"
#include "decision/decision.h"

namespace aigw::decision {

// Of a refused call.
ErrorCode code_of(const Decision& decision);

}  // namespace aigw::decision
