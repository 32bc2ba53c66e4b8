// A Decision with the request that its platform would be sent, as people and programs read them.
//
// Text:    the Decision's page, then the request as on the wire, body included.
// JSON:    the Decision with one member more, `upstream`: {"platform", "method", "url", "headers",
//          "body", "body_made_up"?, "warnings"?}; or {"none": why}. The body stands there byte for
//          byte. Headers of one name are joined by commas (RFC 9110, section 5.3). `passed_over`
//          names platforms to which it can't be said, and why.
// Curl:    one command for a POSIX shell. The key is the environment's variable that the
//          configuration took it from, else "***", as all other secrets are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cmd/decide.h"
#include "cmd/program.h"
#include "sidecar/exchange/shown_request.h"

namespace aigw::cmd {

using Upstream = std::optional<exchange::Shown>;  // absent: nobody asked for it

// Both as --json prints them, with the distribution where the Decision was repeated.
std::string render_json(const Question& question, const Upstream& upstream);
// The page, on standard output.
void print_text(const Question& question, const Upstream& upstream, Program& program);
// The command alone on standard output, so that a shell can take it; what is to be said of it, or
// why there is none, on the other.
void print_curl(const Question& question, const exchange::Shown& shown, Program& program);

}  // namespace aigw::cmd
