// What environment variables alone make a gateway of, where the files say nothing.
//
//          What the one-upstream proxy of others had is in predecessor_environment.h.
//
// Rules:   without a [platforms] in the files, each vendor's key in the environment is a platform;
//          without a static key in the files, GATEWAY_API_KEYS (separated by commas, blanks around
//          a key ignored) names the keys env-1, env-2, ….
#pragma once

#include "config/config.h"
#include "config/files.h"
#include "config/report.h"

namespace aigw::config {

void add_environment_layer(Config& config, const Environment& environment, Report& report);

}  // namespace aigw::config
