// What is wrong, or doubtful, in a configuration: where it stands, what it is, what would be right.
//
// Shape:   one line for logs and pipes, `gateway.toml:12:8: unknown key "modles": did you mean
//          "models"?`, and an excerpt of the file with a caret for terminals.
// Secrets: `source_line` has passed a mask; neither it nor a message ever holds a secret.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_position.h"

namespace aigw::config {

enum class Severity : std::uint8_t { Error, Warning };

struct Diagnostic {
    Severity severity = Severity::Error;
    FilePosition at{};  // line 0: the file as a whole; no file: the environment
    std::string message{};
    std::string hint{};
    std::string source_line{};  // the line at `at`, masked and cut to a window; may be empty
    std::uint32_t caret = 0;    // column in `source_line`, from 1; 0: none

    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// Everything that keeps a configuration from being one; at least one Error, in file order.
struct LoadFailure {
    std::vector<Diagnostic> diagnostics{};
};

// "gateway.toml:12:8: message: hint"; a warning says "warning: " before its message.
std::string render_line(const Diagnostic& diagnostic);
// The line, and below it the excerpt of the file with a caret, each line ending in a newline.
std::string render_excerpt(const Diagnostic& diagnostic);
// One line each, every line ending in a newline.
std::string render_lines(std::span<const Diagnostic> diagnostics);
// The first error as an Error of code `config`, saying how many more there are.
Error to_error(const LoadFailure& failure);

}  // namespace aigw::config
