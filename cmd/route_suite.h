// `aigw route-test --suite`: many requests and what is expected of their Decisions.
#pragma once

#include <string>

#include "base/result.h"
#include "cmd/program.h"

namespace aigw::cmd {

struct SuiteOptions {
    std::string file{};
    std::string junit{};       // where the report for a CI server goes; empty: nowhere
    bool is_coverage = false;  // also: is every route, group and platform reached by some case
};

// A line for each case, and a sum. CheckFailed unless all are met.
Result<Exit> run_suite(const SuiteOptions& options, Program& program);

}  // namespace aigw::cmd
