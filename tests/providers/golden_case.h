// The folders tests/golden/<vendor>/<case>/: what a caller sent, what went up, what came back, what
// the caller got, who speaks the vendor's protocol (OpenAI's where no caller does) or, as `caller`
// in case.json says, another one: "openai", "anthropic" or "responses".
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "providers/vendors.h"

namespace aigw::providers::tests {

struct GoldenCase {
    std::filesystem::path folder;
    const VendorRow* vendor = nullptr;
    Operation operation = Operation::Chat;
    std::string base_url{};
    std::string upstream_model{};  // empty: the name that the caller uses
    std::vector<std::pair<std::string, std::string>> headers{};
    Protocol caller = Protocol::OpenAi;

    std::string name() const;  // "gemini/stream"
    bool has_body() const { return operation != Operation::Models; }
    std::string text(const char* file) const;
    // The file has this text; with AIGW_UPDATE_GOLDEN=1 it gets it.
    void check(const char* file, const std::string& text) const;
};

// Of every vendor of the table, by name.
std::vector<GoldenCase> load_golden_cases();

}  // namespace aigw::providers::tests
