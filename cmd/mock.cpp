// `aigw mock`: simulated vendors behind a listener, until a signal ends them.

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/program.h"
#include "cmd/signals.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulated.h"

namespace aigw::cmd {
namespace {

struct MockOptions {
    std::vector<std::string> listen{};
    std::string profile{"all"};
    std::uint32_t latency_ms = 0;
    std::uint32_t rate = 0;
    std::vector<std::string> faults{};
    std::uint64_t seed = 1;
    std::uint32_t workers = 1;
    bool list_faults = false;
};

Exit list_faults(Program& program) {
    constexpr std::size_t kColumn = 18;
    for (const simulated::FaultRow& row : simulated::fault_rows()) {
        program.out << row.name << std::string(kColumn - row.name.size(), ' ') << row.description
                    << '\n';
    }
    return Exit::Done;
}

Result<simulated::Options> read_options(const MockOptions& given) {
    TRY(simulated::check_profile(given.profile));
    simulated::Options options{.seed = given.seed,
                               .pace = {.latency = std::chrono::milliseconds(given.latency_ms),
                                        .tokens_per_second = given.rate},
                               .profile = given.profile};
    for (const std::string& fault : given.faults) {
        options.faults.push_back(TRY(simulated::parse_fault_share(fault)));
    }
    return options;
}

void print_ready(const MockOptions& given, const std::vector<std::string>& addresses,
                 Program& program) {
    if (program.options.quiet) return;
    program.err << program.name << ": ready on";
    for (const std::string& address : addresses) program.err << ' ' << address;
    for (const simulated::VendorRow& row : simulated::vendor_rows()) {
        if (given.profile != "all" && given.profile != row.name) continue;
        program.err << ", " << row.name << " at " << row.mount;
    }
    program.err << '\n';
}

Result<Exit> serve_mock(const MockOptions& given, Program& program) {
    if (given.list_faults) return list_faults(program);
    const simulated::Options options = TRY(read_options(given));
    const HeldSignals signals{SIGINT, SIGTERM};
    engine::LoopSet loops(given.workers, given.seed);
    const auto server = TRY(
        engine::Server::listen({.listen = given.listen}, loops, simulated::make_handler(options)));
    print_ready(given, server->addresses(), program);
    const int signal = signals.wait();
    server->stop();
    return signal == SIGINT ? kInterrupted : Exit::Done;
}

}  // namespace

void add_mock(CLI::App& command, Program& program) {
    const auto given = std::make_shared<MockOptions>();
    command.add_option("--listen", given->listen, "Where to listen (127.0.0.1:9101); may repeat")
        ->type_name("HOST:PORT")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1)
        ->default_val(std::vector<std::string>{"127.0.0.1:9101"});
    command
        .add_option("--profile", given->profile,
                    "all, or one vendor: openai, dashscope, doubao, gemini, minimax, anthropic")
        ->type_name("NAME");
    command.add_option("--latency", given->latency_ms, "Milliseconds to the first token")
        ->type_name("MS");
    command.add_option("--rate", given->rate, "Tokens per second (0: as fast as possible)")
        ->type_name("TOKENS_PER_S");
    command
        .add_option("--fail", given->faults,
                    "A fault for all requests, or for a share: NAME:P%; may repeat")
        ->type_name("FAULT")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1);
    command.add_option("--seed", given->seed, "Same seed, same answers")->type_name("N");
    command.add_option("--workers", given->workers, "Threads (0: one per core)")->type_name("N");
    command.add_flag("--list-faults", given->list_faults, "Print the faults there are, and end");
    add_output_options(command, program);
    constexpr std::array<std::string_view, 4> kExamples = {
        "aigw mock",
        "aigw mock --latency 300 --rate 50 --profile openai",
        "aigw mock --fail status-429:10% --fail cut-stream:5%",
        "aigw mock --list-faults",
    };
    add_examples(command, kExamples);
    set_action(command, program, [given, &program] { return serve_mock(*given, program); });
}

}  // namespace aigw::cmd
