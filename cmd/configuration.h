// The configuration of a command: -c FILE, else where it is usually found, else the environment.
#pragma once

#include "base/result.h"
#include "cmd/program.h"
#include "config/load.h"
#include "config/suite.h"

namespace aigw::cmd {

// The file that a command would use: -c, else where one is usually found; absent: none.
std::optional<std::string> find_file(Program& program);
// Everything the loader found, errors included; `file` overrides -c (`aigw check FILE`).
config::LoadResult find_and_load(Program& program, const std::string& file = {});
// As an empty file would be: defaults only.
config::LoadResult load_nothing(Program& program);
// For commands that only want the value: the first error is the Error. Warnings show with -v.
Result<config::Loaded> load_configuration(Program& program);

// The cases of `aigw route-test --suite`; references in it are resolved as in a configuration.
std::expected<config::Suite, config::LoadFailure> load_suite(const std::string& file,
                                                             Program& program);

}  // namespace aigw::cmd
