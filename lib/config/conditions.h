// Conditions on requests, as routes, namespaces and policies say them.
#pragma once

#include <vector>

#include "config/reader.h"
#include "matching/condition.h"

namespace aigw::config {

// The key `match`: [[{ source, key, op, value }, …], …], or one list of them.
matching::ConditionLists read_conditions(TableReader& reader);

// What a route's `match` has beside the model: `path`, `method`, `header`, `query`, `body`. A star
// in a value stands for anything.
void read_route_conditions(TableReader& match, std::vector<matching::ConditionOptions>& out);

}  // namespace aigw::config
