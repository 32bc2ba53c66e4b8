// `aigw serve`: the gateway, until a signal ends it.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>
#include <random>

#include "cmd/configuration.h"
#include "cmd/signals.h"
#include "cmd/terminal/count.h"
#include "config/diagnostic.h"
#include "config/listeners.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/gateway.h"
#include "sidecar/simulated/simulated.h"

namespace aigw::cmd {
namespace {

struct ServeOptions {
    std::vector<std::string> listen{};
    std::optional<std::uint32_t> workers{};
    bool is_demo = false;
};

// The simulated vendors of --demo, on a port of their own.
class Demo {
public:
    static Result<std::unique_ptr<Demo>> start() {
        std::unique_ptr<Demo> demo(new Demo());
        demo->server_ = TRY(engine::Server::listen({.listen = {"127.0.0.1:0"}}, demo->loops_,
                                                   simulated::make_handler(simulated::Options{})));
        return demo;
    }
    ~Demo() {
        if (server_) server_->stop();
    }
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;

    // A platform that takes every model that no other takes.
    routing::PlatformOptions platform() const {
        routing::PlatformOptions platform{
            .name = "demo",
            .provider = "simulated",
            .base_url = "http://" + server_->addresses().front() + "/v1",
            .is_default = true};
        for (const char* name : {"gpt-4o", "gpt-4o-mini", "text-embedding-3-small"})
            platform.models.push_back({.name = name});
        return platform;
    }

private:
    Demo() : loops_(1, 1) {}

    engine::LoopSet loops_;
    std::unique_ptr<engine::Server> server_{};
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
std::optional<config::Config> read_configuration(const ServeOptions& options, const Demo* demo,
                                                 Program& program) {
    const bool is_empty = demo != nullptr && program.options.config.empty();
    config::LoadResult loaded = is_empty ? load_nothing(program) : find_and_load(program);
    print_all(loaded ? loaded->warnings : loaded.error().diagnostics, program);
    if (!loaded) return std::nullopt;
    config::Config config = std::move(loaded->config);
    if (!options.listen.empty()) config.server.listen = options.listen;
    if (options.workers) config.server.workers = *options.workers;
    if (demo != nullptr) config.routing.platforms.push_back(demo->platform());
    return config;
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
    program.err << program.name << ": ready on";
    for (const std::string& address : gateway.addresses()) program.err << ' ' << address;
    program.err << ", " << render_count(gateway.models(), "model") << ", "
                << render_count(gateway.platforms(), "platform") << std::endl;
}

// A bad file changes nothing and is reported.
void reload(sidecar::Gateway& gateway, const ServeOptions& options, const Demo* demo,
            Program& program) {
    auto config = read_configuration(options, demo, program);
    if (config) {
        const auto reloaded = gateway.reload(std::move(*config));
        if (reloaded) return;
        print_error(program, reloaded.error());
    }
    print_warning(program, "the configuration stays as it was");
}

Result<Exit> serve(const ServeOptions& options, Program& program) {
    TRY(check_options(options));
    HeldSignals signals{SIGINT, SIGTERM, SIGHUP};
    std::unique_ptr<Demo> demo;
    if (options.is_demo) demo = TRY(Demo::start());
    auto config = read_configuration(options, demo.get(), program);
    if (!config) return Exit::Unusable;
    const std::uint64_t seed = std::random_device()() * 0x1'0000'0000ULL + std::random_device()();
    const auto gateway = TRY(sidecar::Gateway::start(std::move(*config), {.seed = seed}));
    print_ready(*gateway, program);

    int signal = signals.wait();
    for (; signal == SIGHUP; signal = signals.wait())
        reload(*gateway, options, demo.get(), program);
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
                     "Add simulated vendors, so that everything works without any key; without -c "
                     "there is nothing else");
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
