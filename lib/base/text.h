// Text: trimming, comparing, globs, sizes, JSON strings, the nearest known word. ASCII rules only,
//       no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aigw {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);
// ASCII case-insensitive, as header names and prefix rules compare.
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// `*` matches any run of characters, also an empty one; everything else matches itself. Linear in
// practice, O(n·m) worst.
bool matches_glob(std::string_view pattern, std::string_view text);

// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

// "64KiB", "32MiB", "1GiB", "512B", or a plain number of bytes.
Result<std::uint64_t> parse_size(std::string_view text);
std::string render_size(std::uint64_t bytes);

// Digits only, no sign, fits 64 bits.
std::optional<std::uint64_t> parse_uint(std::string_view text);

// The candidate with the smallest edit distance, if it is near enough to be what was meant (at most
// a third of the word's length, at least 1).
std::optional<std::string_view> find_nearest(std::string_view word,
                                             std::span<const std::string_view> candidates);

}  // namespace aigw
