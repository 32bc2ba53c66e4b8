// The environment of a start without a file: that of the process, and below it the `.env` of the
// working directory.
//
// Rules:   what the process has set, even to nothing, hides the same name in `.env`. A value that
// is
//          blank counts as unset.
// Format:  lines of NAME=value, perhaps after `export`; blank lines and `#` comments (also behind a
//          blank after a bare value). 'single quotes' keep everything; "double quotes" know \n, \r,
//          \t, \", \\ and \$. Outside single quotes ${NAME} is replaced, by the process's value or
//          an earlier line's; an unset one by nothing. A value ends with its line.
// Errors:  a line that is none of these, with its place; the secret it may hold is not shown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_position.h"
#include "config/files.h"
#include "config/report.h"

namespace aigw::config {

struct EnvironmentValue {
    std::string value{};
    FilePosition at{};  // no file: the environment of the process
    friend bool operator==(const EnvironmentValue&, const EnvironmentValue&) = default;
};

using Dotenv = std::map<std::string, EnvironmentValue, std::less<>>;
Dotenv parse_dotenv(std::string_view text, const std::string& name, const Environment& process,
                    Report& report);

class Variables {
public:
    // Borrows the process's environment.
    Variables(const Environment& process, Dotenv dotenv)
        : process_(process), dotenv_(std::move(dotenv)) {}

    // Trimmed; absent when unset or blank.
    std::optional<EnvironmentValue> find(std::string_view name) const;
    // The same as a plain environment; borrows this object.
    Environment environment() const;

private:
    std::optional<EnvironmentValue> find_as_written(std::string_view name) const;

    const Environment& process_;
    Dotenv dotenv_;
};

// Reads `.env`, where there is one.
Variables read_variables(const Inputs& inputs, Report& report);

}  // namespace aigw::config
