// The environment of the one-upstream proxy that users come from: a gateway without a file.
//
// Rules:   where there is no file and one of TARGET_API_KEY, TARGET_API_URL, TARGET_KEY, TARGET_URL
//          is set, its variables say everything: one platform `dashscope` that takes every model,
//          a listener on 0.0.0.0:$PORT, a limit per minute by address, level and form of the log.
//          GATEWAY_API_KEYS is read as in every start (environment_layer.h), but required here.
//          Variables of its later version that have a counterpart here are obeyed; the others that
//          are set are named in one warning; those it never knew are not looked at.
// Errors:  one line each, naming the variable; a value is shown only where it is no secret.
// Source:  gateway.toml(5), "ENVIRONMENT".
#pragma once

#include "config/config.h"
#include "config/provenance.h"
#include "config/report.h"
#include "config/variables.h"

namespace aigw::config {

// True when the variables are those of such a proxy.
bool is_of_predecessor(const Variables& variables);

void add_predecessor_environment(Config& config, const Variables& variables, Provenance& provenance,
                                 Report& report);

}  // namespace aigw::config
