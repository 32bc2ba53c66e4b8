// Where each setting of a configuration was said, and how it was written where it held a reference.
//
// Shape:   settings are named by their path: `server.listen[0]`, `platforms.qwen-main.api_key`,
//          `routes[2].to`; a key that is not a bare TOML key stands in quotes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_position.h"

namespace aigw::config {

// `parent` + "." + `key`, quoted where TOML needs it.
std::string join_path(std::string_view parent, std::string_view key);
std::string join_path(std::string_view parent, std::size_t index);
// A key as TOML writes it: bare where it may be.
std::string render_key(std::string_view key);

class Provenance {
public:
    struct Origin {
        FilePosition at{};
        std::string written{};   // the string as it stood, when it held a reference
        std::string variable{};  // the environment variable that said it; `at` is its line of .env
        friend bool operator==(const Origin&, const Origin&) = default;

        // "gateway.toml:12", "$PORT", "$PORT in .env:3"
        std::string text() const;
    };

    void record(std::string path, FilePosition at, std::string written = {});
    void record_variable(std::string path, std::string variable, FilePosition at);
    // Absent: a default, or from the environment.
    const Origin* find(std::string_view path) const;
    // The place of the setting, else of the nearest table around it.
    FilePosition place_of(std::string_view path) const;

private:
    std::map<std::string, Origin, std::less<>> origins_;
};

}  // namespace aigw::config
