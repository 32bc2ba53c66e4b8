// Conditions, parameters and policies as gateway.toml writes them. For print.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "matching/condition.h"
#include "policy/options.h"
#include "policy/params.h"
#include "routing/options.h"

namespace aigw::config {

// Keys and values of a table, in order; values are TOML.
using Entries = std::vector<std::pair<std::string, std::string>>;

std::string inline_table(const Entries& entries);
std::string inline_conditions(const matching::ConditionLists& lists);
Entries param_entries(const policy::ParamOptions& params);
// All but the targets of one that chooses a route.
Entries policy_entries(const policy::Options& options);
// A route's `match`.
Entries match_entries(const routing::RuleOptions& rule);

}  // namespace aigw::config
