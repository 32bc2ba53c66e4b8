// Collects what is wrong while a configuration is read, each finding with its line of the file.
//
// Limits:  at most kMostFindings are kept; how many more there were is said in a last one.
// Secrets: lines pass `mask_line` before they are kept.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace aigw::config {

// True for names that announce a secret: api_key, X-Token, client_secret, Authorization, …
bool names_a_secret(std::string_view name);

// A line of a configuration file that may be shown: values of keys that announce a secret and
// passwords in URLs become `***`. `column` (in code points, from 1) is moved along with its text.
struct MaskedLine {
    std::string text{};
    std::uint32_t column = 0;
};
MaskedLine mask_line(std::string_view line, std::uint32_t column);

class Report {
public:
    static constexpr std::size_t kMostFindings = 100;

    // Makes the lines of a file known, for excerpts.
    void add_source(const std::string& file, std::string_view text);
    void error(const FilePosition& at, std::string message, std::string hint = {});
    void warning(const FilePosition& at, std::string message, std::string hint = {});

    bool has_errors() const { return errors_ > 0; }
    // Everything found (warnings too), in the order of files and lines.
    std::vector<Diagnostic> take();

private:
    void add(Severity severity, const FilePosition& at, std::string message, std::string hint);

    struct Source {
        std::size_t order = 0;
        std::vector<std::string> lines{};
    };
    std::map<std::string, Source> sources_{};
    std::vector<Diagnostic> found_{};
    std::size_t errors_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace aigw::config
