// TOML 1.0 text to a tree of values. The only door to toml++.
//
// Limits:  a key has at most kMostKeyParts parts (toml++ recurses over them, without a bound of its
//          own), values nest 256 deep.
// Source:  https://toml.io/en/v1.0.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/document.h"
#include "config/report.h"

namespace aigw::config {

inline constexpr std::size_t kMostKeyParts = 16;

// Absent when the text is not TOML; the report says where and why.
std::optional<Table> parse_document(std::string_view text, const std::string& file, Report& report);

}  // namespace aigw::config
