// The program: a table of subcommands, and the one place where CLI11 may throw.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/text.h"
#include "cmd/completion/candidates.h"
#include "cmd/help_formatter.h"
#include "cmd/program.h"
#include "cmd/terminal/descriptor_stream.h"
#include "cmd/terminal/progress.h"
#include "cmd/version.h"

namespace aigw::cmd {
namespace {

constexpr std::array kCommands = {
    Command{"serve", "Run the gateway", &add_serve},
    Command{"call", "Make one call from the shell", &add_call},
    Command{"route-test", "Show what would be decided for a request", &add_route_test},
    Command{"price", "Show what a call costs, line by line", &add_price},
    Command{"tokens", "Count the tokens of texts and requests", &add_tokens},
    Command{"check", "Check a configuration and show what it amounts to", &add_check},
    Command{"mock", "Run simulated vendors", &add_mock},
    Command{"healthcheck", "Ask a running gateway whether it is ready", &add_healthcheck},
    Command{"completion", "Print a shell's completion script", &add_completion},
    Command{"help", "Open the manual page of a command", &add_help},
};

constexpr std::string_view kExamples =
    "Examples:\n"
    "  aigw serve --demo\n"
    "  aigw call chat -m gpt-4o \"Why is the sky blue?\"\n"
    "  aigw check gateway.toml\n"
    "\n"
    "`aigw COMMAND --help` shows a command's options, `aigw help COMMAND` its manual page.\n";

void print_program_help(std::ostream& out) {
    out << "aigw: one door to every model vendor\n\n"
           "Usage: aigw COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n";
    for (const Command& command : kCommands) {
        out << "  " << command.name << std::string(14 - command.name.size(), ' ') << command.summary
            << '\n';
    }
    out << "\nOptions:\n"
           "  -h, --help    Print this help\n"
           "  --version     Print the version, its commit and its libraries\n\n"
        << kExamples;
}

// "what: what to do" for the word that names no command.
Error unknown_command(std::string_view word) {
    if (word.starts_with('-')) {
        return {ErrorCode::Usage, "unknown option " + json_string(word) + " before the command",
                "options follow the command: aigw COMMAND [OPTIONS]"};
    }
    std::vector<std::string_view> names;
    for (const Command& command : kCommands) names.push_back(command.name);
    const auto nearest = find_nearest(word, names);
    return {ErrorCode::Usage, "unknown command " + json_string(word),
            nearest ? "did you mean \"aigw " + std::string(*nearest) + "\"?"
                    : "see the commands in aigw --help"};
}

// The command that the words have led to: `chat` in `aigw call chat`.
const CLI::App& innermost(const CLI::App& command) {
    const CLI::App* at = &command;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

std::string full_name(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::string see_help(const CLI::App& command) {
    return "see " + full_name(command) + " --help";
}

// What CLI11 could not place: an option that does not exist, or a word too many.
Error unknown_word(const CLI::App& command, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    const auto subcommands = command.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* subcommand : subcommands) names.push_back(subcommand->get_name());
    const std::vector<std::string_view> views(names.begin(), names.end());

    const std::string bare = word.substr(0, word.find('='));
    const auto nearest = find_nearest(bare, views);
    std::string what = "unexpected argument ";
    if (word.starts_with('-'))
        what = "unknown option ";
    else if (!subcommands.empty())
        what = "unknown subcommand ";
    return {ErrorCode::Usage, what + json_string(bare),
            nearest ? "did you mean " + json_string(*nearest) + "?" : see_help(command)};
}

// CLI11's words, in ours: it says "--seed: 1 required INT missing" and "Could not convert: --seed =
// x".
std::string reworded(const CLI::ParseError& error) {
    constexpr std::string_view kConvert = "Could not convert: ";
    std::string text = error.what();
    if (const std::size_t at = text.find(": 1 required "); at != std::string::npos)
        return text.substr(0, at) + " needs a value";
    if (text.starts_with(kConvert)) {
        const std::size_t equals = text.find(" = ");
        if (equals != std::string::npos) {
            return text.substr(kConvert.size(), equals - kConvert.size()) + " does not take " +
                   json_string(text.substr(equals + 3));
        }
    }
    return text;
}

Error parse_error(const CLI::App& command, const CLI::ParseError& error) {
    const CLI::App& inner = innermost(command);
    const auto subcommands = inner.get_subcommands([](const CLI::App*) { return true; });
    // A misspelt option is the likelier cause of a missing one, so it is named first.
    for (const std::string& word : command.remaining(true)) {
        const bool is_option = word.starts_with('-') && word != "--";
        const bool is_too_much = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
        if (is_option || is_too_much || !subcommands.empty()) return unknown_word(inner, word);
    }
    if (!subcommands.empty() && inner.get_require_subcommand_min() > 0) {
        std::string names;
        for (const CLI::App* subcommand : subcommands)
            names += (names.empty() ? "" : ", ") + subcommand->get_name();
        return {ErrorCode::Usage, "a subcommand is missing", "one of " + names};
    }
    return {ErrorCode::Usage, reworded(error), see_help(inner)};
}

CLI::App& prepare(CLI::App& app, const Command& command, Program& program) {
    app.formatter(std::make_shared<HelpFormatter>());
    app.get_formatter()->column_width(30);
    app.set_help_flag("-h,--help", "Print this help");
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    command.add(app, program);
    return app;
}

int run_command(const Command& command, std::vector<std::string> words, Program& program) {
    CLI::App app{std::string(command.summary), "aigw " + std::string(command.name)};
    prepare(app, command, program);
    program.name = app.get_name();
    try {
        std::reverse(words.begin(), words.end());  // as CLI11 wants them
        app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        program.out << app.help();
        return 0;
    } catch (const CLI::ParseError& error) {
        const Error usage = parse_error(app, error);
        program.name = full_name(innermost(app));
        print_error(program, usage);
        return error_row(usage.code).exit_code;
    }
    program.name = full_name(innermost(app));

    const Result<Exit> done = program.action();
    if (done) return static_cast<int>(*done);
    print_error(program, done.error());
    return error_row(done.error().code).exit_code;
}

// `aigw __complete WORDS...`, which the completion scripts ask.
int complete(const std::vector<std::string>& words, Program& program) {
    if (words.size() <= 1) {
        print_command_candidates(program);
    } else if (const auto command = find_command(words.front())) {
        CLI::App app{std::string(command->summary), "aigw " + std::string(command->name)};
        prepare(app, *command, program);
        print_candidates(app, {words.begin() + 1, words.end()}, program);
    }
    return 0;
}

}  // namespace

std::span<const Command> commands() {
    return kCommands;
}

std::optional<Command> find_command(std::string_view name) {
    for (const Command& command : kCommands) {
        if (command.name == name) return command;
    }
    return std::nullopt;
}

std::string render_help(const Command& command, Program& program) {
    CLI::App app{std::string(command.summary), "aigw " + std::string(command.name)};
    return prepare(app, command, program).help();
}

int run(const std::vector<std::string>& arguments, Program& program) {
    if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
        print_program_help(program.out);
        return 0;
    }
    if (arguments.front() == "--version") {
        program.out << render_version();
        return 0;
    }
    if (arguments.front() == "__complete")
        return complete({arguments.begin() + 1, arguments.end()}, program);
    if (const auto command = find_command(arguments.front()))
        return run_command(*command, {arguments.begin() + 1, arguments.end()}, program);
    const Error error = unknown_command(arguments.front());
    print_error(program, error);
    return error_row(error.code).exit_code;
}

}  // namespace aigw::cmd

namespace {

std::optional<std::string> read_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

aigw::cmd::TerminalFacts read_terminal() {
    aigw::cmd::TerminalFacts facts{.in_is_terminal = ::isatty(STDIN_FILENO) == 1,
                                   .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                   .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        facts.columns = size.ws_col;
    return facts;
}

extern "C" void end_interrupted(int) {
    aigw::cmd::erase_progress_line();
    ::_exit(130);
}

// A descriptor that the caller closed would be taken by the first file opened here.
void open_missing_descriptors() {
    while (true) {
        const int descriptor = ::open("/dev/null", O_RDWR);
        if (descriptor < 0) return;
        if (descriptor > STDERR_FILENO) {
            ::close(descriptor);
            return;
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    open_missing_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGINT, end_interrupted);

    aigw::cmd::DescriptorBuffer out_buffer(STDOUT_FILENO);
    aigw::cmd::DescriptorBuffer err_buffer(STDERR_FILENO);
    std::ostream out(&out_buffer);
    std::ostream err(&err_buffer);
    err << std::unitbuf;
    aigw::cmd::Program program{
        .in = std::cin,
        .out = out,
        .err = err,
        .environment = read_environment,
        .started = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
        .terminal = read_terminal()};

    const int exit_code = aigw::cmd::run({argv + 1, argv + argc}, program);
    out.flush();
    // Whoever closed the pipe has read enough; anything else has lost a result.
    const int failure = out_buffer.failure();
    if (failure == 0 || failure == EPIPE) return exit_code;
    print_error(program, {aigw::ErrorCode::Usage,
                          "cannot write the result: " + std::string(std::strerror(failure)),
                          "send the output somewhere else"});
    return exit_code != 0 ? exit_code : 2;
}
