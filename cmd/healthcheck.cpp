// `aigw healthcheck`: is a running gateway ready? For containers without curl.

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <memory>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "http/client.h"

namespace aigw::cmd {
namespace {

using namespace std::chrono_literals;

// Where a listener is reached from this machine.
Result<std::string> url_of_listener(std::string_view listener, bool is_tls) {
    if (listener.starts_with("unix:")) {
        return Error{ErrorCode::Usage,
                     "the first listener is the Unix socket " + json_string(listener.substr(5)),
                     "name an address with --url"};
    }
    const std::size_t colon = listener.rfind(':');
    std::string host(listener.substr(0, colon));
    if (host == "0.0.0.0" || host.empty()) host = "127.0.0.1";
    if (host == "[::]") host = "[::1]";
    return (is_tls ? "https://" : "http://") + host + std::string(listener.substr(colon));
}

Result<std::string> find_url(const std::string& given, Program& program) {
    if (!given.empty()) return given;
    const auto loaded = TRY(load_configuration(program));
    const config::ServerOptions& server = loaded.config.server;
    return url_of_listener(server.listen.front(), !server.tls.cert.empty());
}

Result<Exit> check_health(const std::string& given, Program& program) {
    const std::string url = TRY(find_url(given, program));
    const auto client = TRY(http::BlockingClient::make(
        url, {.connect_timeout = 3s,
              .read_timeout = 5s,
              .write_timeout = 3s,
              // A listener of this machine has a certificate for the name that others call it by.
              .verifies_certificate = !given.empty()}));
    const auto answer = client->fetch({.method = "GET", .target = "/health/ready"});
    if (!answer) {
        print_error(program, answer.error());
        return Exit::CheckFailed;
    }
    if (answer->status != 200) {
        print_warning(program, url + " is not ready: status " + std::to_string(answer->status));
        return Exit::CheckFailed;
    }
    if (program.options.verbose) program.err << program.name << ": " << url << " is ready\n";
    return Exit::Done;
}

}  // namespace

void add_healthcheck(CLI::App& command, Program& program) {
    const auto url = std::make_shared<std::string>();
    command
        .add_option("--url", *url, "The gateway (else the configuration's first listener, here)")
        ->type_name("URL");
    add_config_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 2> kExamples = {
        "aigw healthcheck",
        "aigw healthcheck --url http://127.0.0.1:8080",
    };
    add_examples(command, kExamples);
    set_action(command, program, [url, &program] { return check_health(*url, program); });
}

}  // namespace aigw::cmd
