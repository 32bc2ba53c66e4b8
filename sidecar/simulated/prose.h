// Text that simulated models say, and how they count it.
//
// A token is a blank-led word of at most eight bytes, or one character beyond ASCII; a longer word
// is several tokens. Joining the tokens of a text gives the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace aigw::simulated {

std::vector<std::string_view> split_tokens(std::string_view text);
std::int64_t count_tokens(std::string_view text);

enum class Tongue : std::uint8_t { English, Chinese };
// Chinese when there are more Han characters than ASCII words.
Tongue tongue_of(std::string_view text);

// The first words of a prompt, as an answer repeats them: eight words, or sixteen characters of a
// tongue that has no blanks.
std::string_view opening_of(std::string_view prompt);

// At most `length` bytes of a text, never half a character.
std::string_view cut_text(std::string_view text, std::size_t length);

// A few sentences that begin with the prompt's own first words.
std::string make_answer(std::string_view prompt, std::uint64_t image_count, Random& random);
// What a reasoning model thinks before it answers.
std::string make_thoughts(std::string_view prompt, Random& random);
// Exactly `count` tokens.
std::string make_tokens(std::int64_t count, Random& random);

// Names in a prompt ("Oslo" in "Weather in Oslo?"): what tool arguments are made of.
std::vector<std::string> find_names(std::string_view prompt);

}  // namespace aigw::simulated
