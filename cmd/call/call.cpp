// `aigw call`: one call from the shell, through a running gateway or through the pipeline in this
// process.

#include <CLI/CLI.hpp>
#include <array>

#include "cmd/call/kinds.h"

namespace aigw::cmd {

void add_call(CLI::App& command, Program& program) {
    add_call_chat(*command.add_subcommand("chat", "Ask a model and print its answer as it comes"),
                  program);
    add_call_embed(*command.add_subcommand("embed", "Turn texts into vectors, one line each"),
                   program);
    add_call_models(*command.add_subcommand("models", "List the models that can be called"),
                    program);
    add_call_raw(*command.add_subcommand("raw", "Send any request and print the answer's body"),
                 program);
    command.require_subcommand(1);
    constexpr std::array<std::string_view, 3> kExamples = {
        "aigw call chat -m gpt-4o \"Why is the sky blue?\"",
        "aigw call models --url http://127.0.0.1:8080 --key \"$KEY\"",
        "aigw call raw GET /health",
    };
    add_examples(command, kExamples);
}

}  // namespace aigw::cmd
