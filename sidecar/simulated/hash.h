// The number that a text stands for: where every repeatable choice of the simulated vendors begins.
#pragma once

#include <cstdint>
#include <string_view>

namespace aigw::simulated {

// FNV-1a, 64 bits, started from `seed`.
constexpr std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF29CE484222325ULL ^ (seed * 0x9E3779B97F4A7C15ULL);
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return hash;
}

}  // namespace aigw::simulated
