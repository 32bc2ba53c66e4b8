// What may stand where the cursor is: the hidden `aigw __complete WORDS...` that the completion
// scripts ask, the last word being the one that is being typed.
//
// Output:  one candidate per line, a tab and its description where there is one; the line ":files"
//          asks the shell for file names instead. A candidate that ends in = or : goes on.
// Errors:  none: where nothing is known, nothing is printed; a broken configuration offers no
//          models.
#pragma once

#include <string>
#include <vector>

#include "cmd/program.h"

namespace CLI {
class App;
}

namespace aigw::cmd {

// Completes the command's own name.
void print_command_candidates(Program& program);
// Completes the words after the command, `app` being that command with its options declared.
void print_candidates(const CLI::App& app, const std::vector<std::string>& words, Program& program);

}  // namespace aigw::cmd
