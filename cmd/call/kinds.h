// The kinds of call, one file each.
#pragma once

#include "cmd/program.h"

namespace aigw::cmd {

void add_call_chat(CLI::App& command, Program& program);
void add_call_embed(CLI::App& command, Program& program);
void add_call_models(CLI::App& command, Program& program);
void add_call_raw(CLI::App& command, Program& program);

}  // namespace aigw::cmd
