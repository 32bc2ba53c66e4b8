// The JSON value of the simulated vendors: it keeps the order of keys, so that answers look like
// the vendors' own.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace aigw::simulated {

using Json = nlohmann::ordered_json;

}  // namespace aigw::simulated
