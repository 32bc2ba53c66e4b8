// How many columns of a terminal a text takes: two for a CJK character or an emoji, none for a
// combining mark.
//
// Source:  Unicode 15, EastAsianWidth.txt (W and F) and DerivedGeneralCategory.txt (Mn, Me, Cf),
//          in ranges; no locale is asked.
#pragma once

#include <cstddef>
#include <string_view>

namespace aigw::cmd {

// Bytes that are not UTF-8 count one column each.
std::size_t display_width(std::string_view text);

}  // namespace aigw::cmd
