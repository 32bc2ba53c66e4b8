// Where in a configuration file something was said.
#pragma once

#include <cstdint>
#include <string>

namespace aigw {

struct FilePosition {
    std::string file{};  // as it was named by the user; empty: built in, or from the environment
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    friend bool operator==(const FilePosition&, const FilePosition&) = default;

    // "gateway.toml:41", as a Decision names a rule.
    std::string text() const { return file + ":" + std::to_string(line); }
    // "gateway.toml:41:8", as a diagnostic names a setting.
    std::string text_with_column() const { return text() + ":" + std::to_string(column); }
};

}  // namespace aigw
