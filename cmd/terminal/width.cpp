#include "cmd/terminal/width.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace aigw::cmd {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},
    Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},
    Range{0x26A1, 0x26A1},   Range{0x26BD, 0x26BE},   Range{0x26D4, 0x26D4},
    Range{0x2705, 0x2705},   Range{0x274C, 0x274C},   Range{0x2753, 0x2755},
    Range{0x2795, 0x2797},   Range{0x2B50, 0x2B50},   Range{0x2E80, 0x303E},
    Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0xA4CF},
    Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18CD5}, Range{0x1B000, 0x1B2FB},
    Range{0x1F004, 0x1F004}, Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F19A},
    Range{0x1F200, 0x1F320}, Range{0x1F32D, 0x1F64F}, Range{0x1F680, 0x1F6FC},
    Range{0x1F7E0, 0x1F7F0}, Range{0x1F90C, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

constexpr std::array kZero = {
    Range{0x0000, 0x001F},   Range{0x007F, 0x009F}, Range{0x0300, 0x036F}, Range{0x0483, 0x0489},
    Range{0x0591, 0x05BD},   Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x0900, 0x0902},
    Range{0x0E31, 0x0E31},   Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF},
    Range{0x1DC0, 0x1DFF},   Range{0x200B, 0x200F}, Range{0x202A, 0x202E}, Range{0x2060, 0x2064},
    Range{0x20D0, 0x20F0},   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
    Range{0xE0001, 0xE01EF},
};

bool contains(std::span<const Range> ranges, char32_t c) {
    const auto at = std::lower_bound(ranges.begin(), ranges.end(), c,
                                     [](const Range& range, char32_t x) { return range.last < x; });
    return at != ranges.end() && at->first <= c;
}

// Takes one character off the front; U+FFFD for a byte that begins none.
char32_t take_character(std::string_view& text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    std::size_t length = 1;
    char32_t value = first;
    if (first >= 0xF0 && first < 0xF8)
        length = 4, value = first & 0x07U;
    else if (first >= 0xE0)
        length = 3, value = first & 0x0FU;
    else if (first >= 0xC0)
        length = 2, value = first & 0x1FU;
    if (first < 0x80) {
        text.remove_prefix(1);
        return value;
    }
    if (first < 0xC0 || first >= 0xF8 || text.size() < length) {
        text.remove_prefix(1);
        return 0xFFFD;
    }
    for (std::size_t i = 1; i < length; ++i)
        value = value << 6U | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
    text.remove_prefix(length);
    return value;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (contains(kZero, c)) continue;
        width += contains(kWide, c) ? 2 : 1;
    }
    return width;
}

}  // namespace aigw::cmd
