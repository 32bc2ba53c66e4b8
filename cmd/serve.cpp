// `aigw serve`: the gateway, until a signal ends it.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "cmd/configuration.h"
#include "cmd/program.h"
#include "cmd/signals.h"
#include "config/diagnostic.h"
#include "sidecar/gateway.h"
#include "sidecar/simulated/demo.h"

namespace aigw::cmd {
namespace {

struct ServeOptions {
    std::vector<std::string> listen{};
    std::optional<std::uint32_t> workers{};
    bool demo = false;
};

// With --demo no vendor is called: keys that are not set need not be.
Environment with_demo_keys(Environment environment) {
    return [environment =
                std::move(environment)](const std::string& name) -> std::optional<std::string> {
        const auto value = environment(name);
        if (value || !name.ends_with("_KEY")) return value;
        return "sk-simulated";
    };
}

// Everything that is wrong goes to err, a line each with its excerpt; then the one Error.
Result<config::Config> load(const ServeOptions& given, const simulated::Demo* demo,
                            Program& program) {
    auto loaded = find_and_load(program);
    if (!loaded) {
        const auto& diagnostics = loaded.error().diagnostics;
        for (std::size_t i = 1; i < diagnostics.size(); ++i)
            program.err << config::render_line(diagnostics[i]) << '\n';
        return config::to_error(loaded.error());
    }
    for (const config::Diagnostic& warning : loaded->warnings)
        print_warning(program, config::render_line(warning));
    config::Config config = std::move(loaded->config);
    if (!given.listen.empty()) config.server.listen = given.listen;
    if (given.workers) config.server.workers = *given.workers;
    if (demo != nullptr) demo->apply(config);
    return config;
}

std::string count(std::size_t number, const char* noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void print_ready(const sidecar::Gateway& gateway, Program& program) {
    if (program.options.quiet) return;
    program.err << program.name << ": ready on";
    for (const std::string& address : gateway.addresses()) {
        program.err << ' ' << (address.starts_with("unix:") ? "" : "http://") << address;
    }
    program.err << " (" << count(gateway.platforms(), "platform") << ", "
                << count(gateway.models(), "model") << ")" << std::endl;
}

void reload(sidecar::Gateway& gateway, const ServeOptions& given, const simulated::Demo* demo,
            Program& program) {
    auto config = load(given, demo, program);
    const Result<void> outcome =
        config ? gateway.reload(std::move(config).take()) : Result<void>(config.error());
    if (!outcome)
        print_error(program, Error{outcome.error().code,
                                   "nothing was reloaded: " + render_line(outcome.error())});
}

Result<Exit> serve(const ServeOptions& given, Program& program) {
    Signals signals{SIGINT, SIGTERM, SIGHUP};
    std::unique_ptr<simulated::Demo> demo;
    if (given.demo) {
        program.environment = with_demo_keys(program.environment);
        demo = TRY(simulated::Demo::start(1));
    }
    config::Config config = TRY(load(given, demo.get(), program));
    if (config.routing.platforms.empty()) {
        return Error{ErrorCode::Config, "there is no platform to send calls to",
                     "write a gateway.toml, set OPENAI_API_KEY or DASHSCOPE_API_KEY, or try `aigw "
                     "serve --demo`"};
    }
    const auto gateway =
        TRY(sidecar::Gateway::start(std::move(config), {.seed = std::random_device{}()}));
    print_ready(*gateway, program);

    int signal = signals.wait();
    for (; signal == SIGHUP; signal = signals.wait()) reload(*gateway, given, demo.get(), program);
    signals.release();
    if (!gateway->drain())
        print_warning(program, "the drain timeout has passed, replies under way are cut");
    return signal == SIGINT ? kInterrupted : Exit::Done;
}

}  // namespace

void add_serve(CLI::App& command, Program& program) {
    const auto given = std::make_shared<ServeOptions>();
    add_config_option(command, program);
    command
        .add_option("--listen", given->listen, "Listen here instead of server.listen; may repeat")
        ->type_name("HOST:PORT")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    command.add_option("--workers", given->workers, "Event loops (0: one per core)")
        ->type_name("N");
    command.add_flag("--demo", given->demo, "Answer from simulated vendors: no key, no network");
    add_output_options(command, program);
    constexpr std::array<std::string_view, 3> kExamples = {
        "aigw serve --demo",
        "aigw serve -c gateway.toml --listen 0.0.0.0:8080",
        "kill -HUP $(pidof aigw)",
    };
    add_examples(command, kExamples);
    set_action(command, program, [given, &program] { return serve(*given, program); });
}

}  // namespace aigw::cmd
