// References in strings: `${NAME}`, `${NAME:-default}` (environment) and `file:/path` (its content,
// trimmed).
//
// Rules:   `$${` stands for `${`; any other `$` for itself. `:-` takes the default also when the
//          variable is empty. `file:` counts where it is written in the configuration, at the start
//          of a string, never where a variable brought it in; a relative path begins at the file
//          that names it.
// Errors:  an unset variable without a default, an unclosed `${`, a file that is missing, too large
//          or not text, and `enc:…`, which nothing here can open; each names field and reference.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/document.h"
#include "config/files.h"
#include "config/report.h"

namespace aigw::config {

inline constexpr std::size_t kMostSecretBytes = 64U << 10;

// True for names that shells take: letters, digits and _, no digit first.
bool is_variable_name(std::string_view name);

// Replaces every string of the table that holds references; what cannot be resolved becomes
// Unusable. `path` is the table's own.
void resolve_references(Table& table, std::string_view path, const Inputs& inputs, Report& report);

// A written reference as it may be shown: literal text and defaults become `***`
// ("${NAME:-***}"); names of variables and files stay.
std::string mask_reference(std::string_view written);

// Text as a string of a configuration must hold it to mean itself: `${` becomes `$${`.
std::string escape_references(std::string_view text);

// `path` as seen from the directory of `file`.
std::string path_beside(const std::string& file, std::string_view path);

}  // namespace aigw::config
