// The program around a subcommand: its streams, its environment, the options that every command
// has.
//
// Shape:   `main` fills one Program, finds the command in its table and hands the command's own
//          CLI::App and the Program to `add_<command>`, which declares options and leaves an
//          `action` behind. Parsing and running are apart: CLI11 throws only while parsing, and
//          `main` catches that.
// Streams: results go to `out`, everything else to `err`; a command never touches std::cout.
// Errors:  an action that fails returns its Error: `main` prints the one line and takes the exit
//          code from the error table. An action that succeeded says its own exit code (0, or 1 when
//          what it checked does not hold).
// Signals: SIGINT ends the process with 130 unless the command (serve, mock) takes the signal for
//          itself. SIGPIPE is ignored: once nobody reads the output, `out` fails and the command
//          may stop.
// Source:  the manual pages; the contract of the command line ("Everywhere").
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace CLI {
class App;
}

namespace aigw::cmd {

// What an action that did its work ends with (Unusable: it has said everything itself); failures
// take theirs from the error table.
enum class Exit : int { Done = 0, CheckFailed = 1, Unusable = 2 };

// A variable of the environment; absent and empty are different things.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct TerminalFacts {
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    int columns = 80;  // of the terminal on err, where there is one
};

// The options of every command that has use for them; declared by the add_ functions below.
struct CommonOptions {
    std::string config{};  // -c: as given; empty: not given
    bool quiet = false;
    bool verbose = false;
    bool json = false;
    bool no_color = false;
};

struct Program {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    Environment environment;
    TimePoint started{};  // when the command began: its "now"
    TerminalFacts terminal{};
    CommonOptions options{};
    std::string name{"aigw"};  // what error lines begin with: "aigw call chat"
    std::function<Result<Exit>()> action{};

    // Colour and progress are for people only: on a terminal, without NO_COLOR, without --no-color,
    // without --json.
    bool colors_out() const;
    bool colors_err() const;
    bool shows_progress() const;
};

// One line on err, never held back by -q: "aigw call chat: message: hint".
void print_error(Program& program, const Error& error);
// The same on err for what does not stop the command; silent with -q.
void print_warning(Program& program, std::string_view text);
// "aigw serve: text" on standard error.
void print_line(Program& program, std::string_view text);

// -c, --config FILE
void add_config_option(CLI::App& command, Program& program);
// --json
void add_json_option(CLI::App& command, Program& program);
// -q, -v, --no-color
void add_output_options(CLI::App& command, Program& program);
// Examples at the end of --help, one command line each, without the "$".
void add_examples(CLI::App& command, std::span<const std::string_view> lines);
// What to do when the command line is `command`; `name` is how its errors name it.
void set_action(CLI::App& command, Program& program, std::function<Result<Exit>()> action);

// One row of the table in main.cpp.
struct Command {
    std::string_view name;
    std::string_view summary;
    // Declares options on the command's own App, which already has its name and summary.
    void (*add)(CLI::App& command, Program& program);
};
std::span<const Command> commands();
std::optional<Command> find_command(std::string_view name);

// Runs one command line (without the program's own name) and gives the exit code.
int run(const std::vector<std::string>& arguments, Program& program);
// The text of `aigw COMMAND --help`.
std::string render_help(const Command& command, Program& program);

void add_call(CLI::App& command, Program& program);
void add_check(CLI::App& command, Program& program);
void add_completion(CLI::App& command, Program& program);
void add_healthcheck(CLI::App& command, Program& program);
void add_help(CLI::App& command, Program& program);
void add_mock(CLI::App& command, Program& program);
void add_price(CLI::App& command, Program& program);
void add_route_test(CLI::App& command, Program& program);
void add_serve(CLI::App& command, Program& program);
void add_tokens(CLI::App& command, Program& program);

}  // namespace aigw::cmd
