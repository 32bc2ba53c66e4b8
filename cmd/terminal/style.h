// Colour and weight of text on a terminal; the caller asks Program whether there is to be any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aigw::cmd {

enum class Style : std::uint8_t { Plain, Bold, Dim, Red, Green, Yellow };

// `text` with the escape sequences of ECMA-48 around it, or as it is.
std::string paint(Style style, std::string_view text, bool has_colors);

}  // namespace aigw::cmd
