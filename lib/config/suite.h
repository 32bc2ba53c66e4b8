// A file of requests and what is expected of their Decisions: what `aigw route-test --suite` runs.
//
// Shape:   [[cases]] in the order of the file; each has a model or a request, and expectations by
//          the fields of a Decision. References and includes work as in a configuration.
// Errors:  as a configuration's: everything that is wrong, with its place.
// Source:  aigw-route-test(1).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_position.h"
#include "config/diagnostic.h"
#include "config/files.h"

namespace aigw::config {

struct SuiteCase {
    std::string name{};
    std::string model{};
    std::string request{};  // a file, relative to the suite's
    std::string body{};     // the request itself
    std::string path{};
    std::string as{};
    std::string time{};  // RFC 3339
    std::string client_ip{};
    std::vector<std::pair<std::string, std::string>> headers{};
    bool streams = false;
    std::optional<std::int64_t> max_tokens{};
    std::vector<std::pair<std::string, std::string>> expectations{};  // path and value
    FilePosition at{};
};

struct Suite {
    std::vector<SuiteCase> cases{};
};

[[nodiscard]] std::expected<Suite, LoadFailure> load_suite(const std::string& path,
                                                           const Inputs& inputs);

}  // namespace aigw::config
