// What policies and a platform's model do to the parameters of a call. For decision/*.cpp.
#pragma once

#include "decision/decision.h"

namespace aigw::decision {

// Those of policies in their order, how long an answer may be, then those of the model's entry;
// nullptr: the platform has none for it.
void apply_params(const Decision& decision, const Model* entry, policy::ParamEditor& editor);

}  // namespace aigw::decision
