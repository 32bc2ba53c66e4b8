// What a command reads: files, standard input, and values that may be either.
//
// Errors:  usage, naming the file and why it cannot be read.
#pragma once

#include <string>

#include "base/result.h"
#include "cmd/program.h"

namespace aigw::cmd {

// An Error of code `usage`: the command line, or a file that it names, is wrong.
Error usage_error(std::string message, std::string hint);

// The content of a file, or of standard input when it is called "-".
Result<std::string> read_input(const std::string& path, Program& program);
// "@FILE" stands for the file's content, anything else for itself.
Result<std::string> read_text_or_file(const std::string& text, Program& program);
// All of standard input when nobody sits at it; else empty.
std::string read_piped_input(Program& program);

}  // namespace aigw::cmd
