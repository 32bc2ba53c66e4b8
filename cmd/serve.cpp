// `aigw serve`: the gateway, until a signal ends it.

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <random>

#include "cmd/configuration.h"
#include "cmd/service_manager.h"
#include "cmd/signals.h"
#include "cmd/terminal/count.h"
#include "config/diagnostic.h"
#include "config/listeners.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/gateway.h"
#include "sidecar/simulated/demo.h"

namespace aigw::cmd {
namespace {

struct ServeOptions {
    std::vector<std::string> listen{};
    std::optional<std::uint32_t> workers{};
    bool is_demo = false;
};

void print_all(const std::vector<config::Diagnostic>& diagnostics, Program& program) {
    for (const config::Diagnostic& diagnostic : diagnostics) {
        const std::string line = config::render_line(diagnostic);
        if (diagnostic.severity == config::Severity::Warning)
            print_warning(program, line);
        else
            print_error(program, {ErrorCode::Config, line});
    }
}

// The file or the environment, with what the command line says put over it. Everything that is
// wrong or doubtful has been said when it returns; nothing: it cannot be used.
std::optional<config::Config> read_configuration(const ServeOptions& options,
                                                 const simulated::Demo* demo, Program& program) {
    const bool is_empty = demo != nullptr && !find_file(program);
    config::LoadResult loaded = is_empty ? load_nothing(program) : find_and_load(program);
    print_all(loaded ? loaded->warnings : loaded.error().diagnostics, program);
    if (!loaded) return std::nullopt;
    config::Config config = std::move(loaded->config);
    print_all(assembly::find_doubts(config), program);
    if (!options.listen.empty()) config.server.listen = options.listen;
    if (options.workers) config.server.workers = *options.workers;
    if (demo != nullptr) demo->apply(config);
    return config;
}

// How many files and sockets the process may have open; the limit is raised as far as it goes.
std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return RLIM_INFINITY;
    const rlimit highest{limit.rlim_max, limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &highest) == 0 ? highest.rlim_cur : limit.rlim_cur;
}

// Each connection may need another one upstream. Those beyond are refused at once, instead of
// accepted and then failed.
void fit_connections(config::ServerOptions& server, Program& program) {
    constexpr std::uint64_t kOwn = 48;  // listeners, loops, files of a reload, who is refused
    const std::uint64_t limit = raise_descriptor_limit();
    const std::uint64_t room = limit > kOwn ? (limit - kOwn) / 2 : 0;
    if (server.max_connections <= room) return;
    server.max_connections = static_cast<std::uint32_t>(std::max<std::uint64_t>(room, 1));
    print_warning(program, "the process may open " + std::to_string(limit) + " files, enough for " +
                               render_count(server.max_connections, "connection") +
                               ": raise that limit or lower server.max_connections");
}

Result<void> check_options(const ServeOptions& options) {
    for (const std::string& address : options.listen) {
        if (const auto checked = config::check_address(address); !checked) {
            return Error{ErrorCode::Usage, "--listen " + checked.error().message,
                         checked.error().hint};
        }
    }
    return {};
}

void print_ready(const sidecar::Gateway& gateway, Program& program) {
    if (program.options.quiet) return;
    std::string text = "ready on";
    const char* scheme = gateway.is_tls() ? "https://" : "http://";
    for (const std::string& address : gateway.addresses())
        text.append(" ").append(address.starts_with("unix:") ? "" : scheme).append(address);
    print_line(program, text + " (" + render_count(gateway.platforms(), "platform") + ", " +
                            render_count(gateway.models(), "model") + ")");
}

// A bad file changes nothing and is reported.
void reload(sidecar::Gateway& gateway, const ServeOptions& options, const simulated::Demo* demo,
            Program& program) {
    auto config = read_configuration(options, demo, program);
    if (config) {
        const auto reloaded = gateway.reload(std::move(*config));
        if (reloaded) return;
        print_error(program, reloaded.error());
    }
    print_warning(program, "the configuration stays as it was");
}

// The next signal. Where somebody wants signs of life, the event loops are asked for theirs
// meanwhile.
int wait_for_signal(const HeldSignals& signals, const ServiceManager& manager,
                    sidecar::Gateway& gateway) {
    if (!manager.patience()) return signals.wait();
    const auto interval = *manager.patience() / 2;
    while (true) {
        if (const auto signal = signals.wait_for(interval)) return *signal;
        if (gateway.responds(interval)) manager.tell_alive();
    }
}

Result<Exit> serve(const ServeOptions& options, Program& program) {
    TRY(check_options(options));
    const ServiceManager manager = TRY(ServiceManager::find(program.environment));
    HeldSignals signals{SIGINT, SIGTERM, SIGHUP};
    std::unique_ptr<simulated::Demo> demo;
    if (options.is_demo) demo = TRY(simulated::Demo::start(1));
    auto config = read_configuration(options, demo.get(), program);
    if (!config) return Exit::Unusable;
    if (config->routing.platforms.empty()) {
        return Error{
            ErrorCode::Config, "there is no platform to send calls to",
            "write a gateway.toml, set a vendor's key (OPENAI_API_KEY, ANTHROPIC_API_KEY, …) or "
            "TARGET_API_KEY, or try aigw serve --demo"};
    }
    fit_connections(config->server, program);
    const std::uint64_t seed = std::random_device()() * 0x1'0000'0000ULL + std::random_device()();
    const auto gateway = TRY(sidecar::Gateway::start(
        std::move(*config), {.seed = seed, .inherited_listeners = manager.listeners()}));
    print_ready(*gateway, program);
    manager.tell_ready();

    int signal = wait_for_signal(signals, manager, *gateway);
    for (; signal == SIGHUP; signal = wait_for_signal(signals, manager, *gateway)) {
        manager.tell_reloading();
        reload(*gateway, options, demo.get(), program);
        manager.tell_ready();
    }
    manager.tell_stopping();
    signals.release();  // whoever cannot wait for the streams sends a second one
    if (!gateway->drain())
        print_warning(program, "some answers were cut: the drain timeout passed");
    return signal == SIGINT ? kInterrupted : Exit::Done;
}

}  // namespace

void add_serve(CLI::App& command, Program& program) {
    const auto options = std::make_shared<ServeOptions>();
    command
        .add_option("--listen", options->listen,
                    "Where to listen instead of `server.listen`; may repeat")
        ->type_name("HOST:PORT")
        ->allow_extra_args(false);
    command.add_option("--workers", options->workers, "Event loops (0: one per core)")
        ->type_name("N");
    command.add_flag("--demo", options->is_demo,
                     "Answer from simulated vendors: no key, no network");
    add_config_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 3> kExamples = {
        "aigw serve --demo",
        "aigw serve -c /etc/aigw/gateway.toml --listen 0.0.0.0:8080",
        "kill -HUP $(pidof aigw)    # reads the files again",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return serve(*options, program); });
}

}  // namespace aigw::cmd
