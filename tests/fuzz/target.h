// What the fuzz targets share: claims that end the run when they do not hold, and input in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace aigw::fuzz {

inline void must_hold(bool holds, const char* claim) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", claim);
    std::abort();
}

struct Input {
    std::size_t piece;  // the length of the pieces to feed: 1 to 16
    std::string_view text;
};

// The first byte chooses the pieces, the rest is the text.
inline Input read_input(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return {1, {}};
    return {1 + data[0] % std::size_t{16}, {reinterpret_cast<const char*>(data) + 1, size - 1}};
}

template <class Take>
void feed_in_pieces(const Input& input, Take take) {
    for (std::size_t at = 0; at < input.text.size(); at += input.piece) {
        take(input.text.substr(at, input.piece));
    }
}

}  // namespace aigw::fuzz
