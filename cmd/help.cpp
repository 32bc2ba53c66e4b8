// `aigw help [COMMAND]`: the manual page, or --help where no page or no `man` is at hand.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/text.h"
#include "cmd/program.h"

namespace aigw::cmd {
namespace {

namespace fs = std::filesystem;

// The page that belongs to this very binary: installed beside it, or in the source tree that it
// was built in.
std::optional<fs::path> find_page(std::string_view command) {
    const std::string file = command.empty() ? "aigw.1" : "aigw-" + std::string(command) + ".1";
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return std::nullopt;
    const fs::path folder = program.parent_path();
    for (const fs::path& candidate : {
             folder / "../share/man/man1" / file,
             folder / "man" / file,
             folder / "../man" / file,
             folder / "../../man" / file,
         }) {
        if (fs::is_regular_file(candidate, error)) return fs::weakly_canonical(candidate, error);
    }
    return std::nullopt;
}

// Runs `man` on the page; false when there is no such program or it failed.
bool open_page(const fs::path& page) {
    std::string path = page.string();
    std::array words = {std::string("man"), std::string("-l"), path};
    std::array<char*, 4> argv = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t child = 0;
    if (::posix_spawnp(&child, "man", nullptr, nullptr, argv.data(), environ) != 0) return false;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<Exit> show_help(const std::string& name, Program& program) {
    if (name.empty()) {
        const auto page = find_page("");
        if (!page || !open_page(*page)) run({"--help"}, program);
        return Exit::Done;
    }
    const auto command = find_command(name);
    if (!command) {
        return Error{ErrorCode::Usage, "there is no command " + json_string(name),
                     "see the commands in aigw --help"};
    }
    const auto page = find_page(name);
    if (!page || !open_page(*page)) program.out << render_help(*command, program);
    return Exit::Done;
}

}  // namespace

void add_help(CLI::App& command, Program& program) {
    const auto name = std::make_shared<std::string>();
    command.add_option("COMMAND", *name, "The command; without it, aigw itself")->type_name("");
    constexpr std::array<std::string_view, 2> kExamples = {"aigw help", "aigw help call"};
    add_examples(command, kExamples);
    set_action(command, program, [name, &program] { return show_help(*name, program); });
}

}  // namespace aigw::cmd
