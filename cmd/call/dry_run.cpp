#include "cmd/call/dry_run.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/decide.h"
#include "cmd/input.h"
#include "cmd/upstream_view.h"

namespace aigw::cmd {
namespace {

Result<void> check_dry(const TargetOptions& options, const http::Request& request,
                       Program& program) {
    if (!find_url(options, program).empty() || !options.key.empty()) {
        return usage_error("--dry-run is for calls in this process, and a running gateway is named",
                           "leave out --url, --key and $AIGW_URL");
    }
    if (request.method != "POST") {
        return usage_error("nothing is decided for a " + json_string(request.method),
                           "--dry-run is for calls that reach a platform, which are POSTs");
    }
    if (!request.body.empty()) return {};
    return usage_error("there is no body to decide by", "add one with -d BODY");
}

}  // namespace

void add_dry_run_option(CLI::App& command, TargetOptions& options) {
    command.add_flag("--dry-run", options.is_dry,
                     "Send nothing: print the decision and the request that would be sent");
}

Result<Exit> run_dry(const TargetOptions& options, const http::Request& request, Program& program) {
    TRY(check_dry(options, request, program));
    const auto loaded = TRY(load_configuration(program));
    const auto question = TRY(Question::ask({.body = request.body,
                                             .path = request.target,
                                             .as = options.as,
                                             .headers = request.headers},
                                            loaded.config, program));
    const Upstream upstream = TRY(question->show_upstream(loaded.provenance, {}));
    if (program.options.json)
        program.out << render_json(*question, upstream) << '\n';
    else
        print_text(*question, upstream, program);
    return Exit::Done;
}

}  // namespace aigw::cmd
