// What must hold of any text: that every way to count it agrees. Tests and fuzz targets ask here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/counter.h"
#include "tokens/stream_counter.h"

namespace aigw::tokens {

// The vocabulary that the build made; mapped once per program.
const Vocabulary& built_vocabulary(Encoding encoding);
// One counter for the program's only thread.
Counter& built_counter(Encoding encoding);

// Every piece of the text merged with the heap.
std::vector<TokenId> tokens_by_heap(const Vocabulary& vocabulary, std::string_view text);

// The text without a character at its end that more bytes might complete.
std::string_view whole_characters(std::string_view text);

// What does not hold, said in one line; nothing when all does.
std::optional<std::string> count_disagreement(Counter& counter, std::string_view text);

// Feeds the text in parts of the lengths given, again and again, and compares after each.
std::optional<std::string> stream_disagreement(Counter& counter, std::string_view text,
                                               const std::vector<std::size_t>& lengths);

// Text of what pre-tokenizers and mergers find hard, some of it repeated, some of it broken.
std::string odd_text(std::uint64_t seed);

}  // namespace aigw::tokens
