// What only several sections together show: names that nothing bears (errors), and settings that
// never take effect (warnings).
//
// Source:  the order of routes is that of gateway.toml(5), ROUTING: exact rules, groups by their
//          models, prefix and glob rules, rules without a model; within a kind by priority, then by
//          the number of letters (stars do not count), then prefixes before other globs, then the
//          order of the file. Patterns with a star ignore the case of letters.
#pragma once

#include "config/provenance.h"
#include "config/report.h"
#include "config/sections.h"

namespace aigw::config {

// Errors: a route or group that names a platform or group which does not exist.
void check_names(const Draft& draft, Report& report);

// For a configuration without errors. Warns of routes and patterns that an earlier one shadows,
// groups and platforms that no call reaches, and limits that never refuse.
void warn_of_idle_settings(const Config& config, const Provenance& provenance, Report& report);

}  // namespace aigw::config
