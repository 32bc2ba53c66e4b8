// The encodings whose tokens are counted exactly.
//
// Shape:   `Cl100kBase` and `O200kBase` are OpenAI's; `Qwen` is that of Qwen 1.5, 2, 2.5 and 3.
//          Each cuts a text into pieces by a pattern of its own and merges each piece's bytes.
// Source:  the published vocabularies (data/README.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aigw::tokens {

enum class Encoding : std::uint8_t { Cl100kBase, O200kBase, Qwen };

inline constexpr std::array kEncodings = {Encoding::Cl100kBase, Encoding::O200kBase,
                                          Encoding::Qwen};

// No token of any encoding is longer, in bytes.
constexpr std::size_t kLongestToken = 128;

// "cl100k_base", "o200k_base", "qwen".
std::string_view encoding_name(Encoding encoding);
std::optional<Encoding> find_encoding(std::string_view name);

// Whether the encoding brings a text to Unicode's form NFC before it cuts it.
constexpr bool normalizes(Encoding encoding) {
    return encoding == Encoding::Qwen;
}

}  // namespace aigw::tokens
