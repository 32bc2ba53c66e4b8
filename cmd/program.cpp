#include "cmd/program.h"

#include <CLI/CLI.hpp>

namespace aigw::cmd {
namespace {

bool wants_color(const Program& program, bool is_terminal) {
    const auto no_color = program.environment("NO_COLOR");  // https://no-color.org
    return is_terminal && !program.options.no_color && !program.options.json &&
           (!no_color || no_color->empty());
}

}  // namespace

bool Program::colors_out() const {
    return wants_color(*this, terminal.out_is_terminal);
}

bool Program::colors_err() const {
    return wants_color(*this, terminal.err_is_terminal);
}

bool Program::shows_progress() const {
    return terminal.err_is_terminal && !options.quiet && !options.json;
}

// In one piece: lines of the log may come between two.
void print_line(Program& program, std::string_view text) {
    std::string line(program.name);
    line.append(": ").append(text).push_back('\n');
    program.err << line << std::flush;
}

void print_error(Program& program, const Error& error) {
    program.out.flush();
    print_line(program, render_line(error));
}

void print_warning(Program& program, std::string_view text) {
    if (!program.options.quiet) print_line(program, text);
}

void add_config_option(CLI::App& command, Program& program) {
    command
        .add_option("-c,--config", program.options.config,
                    "The configuration (else $AIGW_CONFIG, ./gateway.toml, …)")
        ->type_name("FILE");
}

void add_json_option(CLI::App& command, Program& program) {
    command.add_flag("--json", program.options.json, "Print JSON, for programs");
}

void add_output_options(CLI::App& command, Program& program) {
    command.add_flag("-q,--quiet", program.options.quiet, "No progress and no warnings");
    command.add_flag("-v,--verbose", program.options.verbose, "Explain what is done");
    command.add_flag("--no-color", program.options.no_color, "Never use colour (or set NO_COLOR)");
}

void add_examples(CLI::App& command, std::span<const std::string_view> lines) {
    std::string text = "Examples:";
    for (const std::string_view line : lines) text.append("\n  ").append(line);
    command.footer(text);
}

void set_action(CLI::App& command, Program& program, std::function<Result<Exit>()> action) {
    command.callback([&program, action = std::move(action)] { program.action = action; });
}

}  // namespace aigw::cmd
