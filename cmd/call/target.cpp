#include "cmd/call/target.h"

#include <CLI/CLI.hpp>

#include "cmd/configuration.h"
#include "cmd/input.h"
#include "cmd/principal.h"
#include "http/client.h"
#include "sidecar/local_transport.h"

namespace aigw::cmd {
namespace {

// Endpoints are written from /v1 on, SDKs' base URLs often end in it.
std::string without_version(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    if (url.ends_with("/v1")) url.resize(url.size() - 3);
    return url;
}

}  // namespace

void add_target_options(CLI::App& command, Program& program, TargetOptions& options) {
    command
        .add_option("--url", options.url,
                    "A running gateway (else $AIGW_URL, else the configuration is used here)")
        ->type_name("URL");
    command.add_option("--key", options.key, "Its key (else $AIGW_KEY)")->type_name("KEY");
    add_as_option(command, options.as);
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
}

std::string find_url(const TargetOptions& options, Program& program) {
    return !options.url.empty() ? options.url : program.environment("AIGW_URL").value_or("");
}

Result<Target> open_target(const TargetOptions& options, Program& program) {
    const std::string url = find_url(options, program);
    if (!url.empty()) {
        if (!options.as.empty()) {
            return usage_error(
                "--as is for calls in this process, and a running gateway is named",
                "give the caller's key with --key, or leave out --url and $AIGW_URL");
        }
        Target target;
        target.transport = TRY(http::BlockingClient::make(without_version(url)));
        target.key = options.key.empty()
                         ? Secret(program.environment("AIGW_KEY").value_or(""), "$AIGW_KEY")
                         : Secret(options.key, "--key");
        return target;
    }
    if (!options.key.empty()) {
        return usage_error("--key is for a running gateway, and none is named",
                           "add --url URL or set $AIGW_URL");
    }
    auto loaded = TRY(load_configuration(program));
    auto caller = TRY(find_principal(options.as, loaded.config.auth));
    Target target;
    target.transport =
        TRY(sidecar::LocalTransport::make(std::move(loaded.config), std::move(caller)));
    return target;
}

http::Request make_request(const Target& target, std::string method, std::string path,
                           std::string body) {
    http::Request request{.method = std::move(method), .target = std::move(path)};
    if (!target.key.empty()) request.headers.add("authorization", "Bearer " + target.key.reveal());
    if (!body.empty()) request.headers.add("content-type", "application/json");
    request.body = std::move(body);
    return request;
}

}  // namespace aigw::cmd
