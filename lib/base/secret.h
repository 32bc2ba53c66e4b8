// A secret: its value for those who must send it, its reference for everyone who prints.
#pragma once

#include <string>
#include <string_view>

namespace aigw {

class Secret {
public:
    Secret() = default;
    // `reference` says where the value came from ("${DASHSCOPE_API_KEY}", "file:/run/secrets/key"),
    // or is empty when the value stood in the clear: then it prints as "***".
    Secret(std::string value, std::string reference)
        : value_(std::move(value)), reference_(std::move(reference)) {}

    bool empty() const { return value_.empty(); }
    // The only way to the value. Never log, render or compare it with ==.
    const std::string& reveal() const { return value_; }
    // What may be shown.
    std::string_view masked() const {
        return reference_.empty() ? std::string_view("***") : std::string_view(reference_);
    }

private:
    std::string value_;
    std::string reference_;
};

}  // namespace aigw
