// What the configuration says about counting ([tokens]).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tokens/model_counter.h"

namespace aigw::tokens {

struct Options {
    bool learns = true;  // estimates are corrected by what vendors bill
    std::uint64_t max_exact_bytes = 4U << 20;
    std::vector<CounterOverride> models{};
    std::vector<std::filesystem::path> vocabulary_folders{};  // tried in order
};

}  // namespace aigw::tokens
