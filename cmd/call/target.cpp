#include "cmd/call/target.h"

#include <CLI/CLI.hpp>

#include "cmd/configuration.h"
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
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
}

Result<Target> open_target(const TargetOptions& options, Program& program) {
    const std::string url =
        !options.url.empty() ? options.url : program.environment("AIGW_URL").value_or("");
    if (!url.empty()) {
        Target target;
        target.transport = TRY(http::BlockingClient::make(without_version(url)));
        target.key = options.key.empty()
                         ? Secret(program.environment("AIGW_KEY").value_or(""), "$AIGW_KEY")
                         : Secret(options.key, "--key");
        return target;
    }
    if (!options.key.empty()) {
        return Error{ErrorCode::Usage, "--key is for a running gateway, and none is named",
                     "add --url URL or set $AIGW_URL"};
    }
    auto loaded = TRY(load_configuration(program));
    Target target;
    target.transport = TRY(sidecar::LocalTransport::make(std::move(loaded.config)));
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
