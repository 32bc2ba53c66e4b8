// `aigw completion SHELL`: the script that teaches a shell the words of aigw.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>

#include "base/text.h"
#include "cmd/completion/scripts.h"
#include "cmd/program.h"

namespace aigw::cmd {
namespace {

struct Shell {
    std::string_view name;
    std::string_view script;
};

constexpr std::array kShells = {
    Shell{"bash", kBashCompletion},
    Shell{"zsh", kZshCompletion},
    Shell{"fish", kFishCompletion},
};

Result<Exit> print_script(const std::string& name, Program& program) {
    for (const Shell& shell : kShells) {
        if (shell.name != name) continue;
        program.out << shell.script;
        return Exit::Done;
    }
    return Error{ErrorCode::Usage, "there is no completion for " + json_string(name),
                 "one of bash, zsh, fish"};
}

}  // namespace

void add_completion(CLI::App& command, Program& program) {
    const auto name = std::make_shared<std::string>();
    command.add_option("SHELL", *name, "bash, zsh or fish")->type_name("")->required();
    constexpr std::array<std::string_view, 3> kExamples = {
        "source <(aigw completion bash)",
        "aigw completion zsh > ~/.zfunc/_aigw",
        "aigw completion fish > ~/.config/fish/completions/aigw.fish",
    };
    add_examples(command, kExamples);
    set_action(command, program, [name, &program] { return print_script(*name, program); });
}

}  // namespace aigw::cmd
