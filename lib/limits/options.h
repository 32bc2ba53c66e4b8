// What the configuration says about limits ([[limits]], and `limits = {…}` of platforms and
// models).
#pragma once

#include <cstdint>
#include <string>

#include "base/file_position.h"

namespace aigw::limits {

// What a limit is counted by.
enum class Subject : std::uint8_t {
    Key,
    Platform,
    Model,  // of one platform
    Ip,     // the caller's address
};
enum class Mode : std::uint8_t { Enforce, Monitor };

// A limit's numbers; 0: none of that kind.
struct Rates {
    std::uint64_t rpm = 0;  // requests per minute
    std::uint64_t tpm = 0;  // tokens per minute, in and out
    friend bool operator==(const Rates&, const Rates&) = default;
};

// One [[limits]] table.
struct Options {
    std::string name{};  // as given, else "" ("key:rpm" is then made of subject and kind)
    Subject by = Subject::Key;
    Rates rates{};
    std::string model{};  // glob of match.model; empty: every model
    Mode mode = Mode::Enforce;
    FilePosition at{};
};

}  // namespace aigw::limits
