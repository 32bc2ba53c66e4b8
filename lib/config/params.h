// `params` of a platform's model or of a policy: rename, default, clamp, drop, set.
#pragma once

#include "config/reader.h"
#include "policy/params.h"

namespace aigw::config {

void read_params(TableReader& reader, policy::ParamOptions& out);

}  // namespace aigw::config
