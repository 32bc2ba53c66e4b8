// `--dry-run` of a call: the Decision and the request that its platform would be sent, and nothing
// is sent.
//
// Errors:  usage: a running gateway is named, whose decision is not known here; a path that nothing
//          is decided for; a request without a body.
#pragma once

#include "base/result.h"
#include "cmd/call/target.h"
#include "cmd/program.h"
#include "http/message.h"

namespace aigw::cmd {

void add_dry_run_option(CLI::App& command, TargetOptions& options);
// Instead of sending the request. A refusal is an answer, too.
Result<Exit> run_dry(const TargetOptions& options, const http::Request& request, Program& program);

}  // namespace aigw::cmd
