// A configuration file and those it includes, as one tree.
//
// Rules:   `include` is a list of paths, relative to the file that says it; the last part of a path
//          may hold `*` (files whose names begin with a dot are left out), and what it matches is
//          read in the order of the names. Each file is read once. Tables merge, arrays of tables
//          add up (the including file first), everything else is said once.
// Limits:  a file has at most 8 MiB; includes nest kMostIncludeDepth deep, kMostFiles in all.
// Errors:  a file that cannot be read, a cycle (with its chain), a setting said twice (with both
//          places).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/files.h"
#include "config/report.h"

namespace aigw::config {

inline constexpr std::size_t kMostFileBytes = 8U << 20;
inline constexpr std::size_t kMostIncludeDepth = 8;
inline constexpr std::size_t kMostFiles = 1000;

struct Document {
    Table table{};  // references resolved, without `include`
    std::vector<std::string> files{};
};

// Absent when no tree could be made (a syntax error, an unreadable file); the report says why.
std::optional<Document> read_document(const std::string& path, const Inputs& inputs,
                                      Report& report);
// The same, for text that stands for a file.
std::optional<Document> read_document_text(std::string_view text, const std::string& name,
                                           const Inputs& inputs, Report& report);

}  // namespace aigw::config
