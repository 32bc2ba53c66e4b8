// From gateway.toml to a Config: read whole, checked whole.
//
// Shape:   text -> tree of values with their places -> references resolved -> included files merged
//          -> typed sections -> checks between sections -> Config.
// Errors:  a syntax error is reported where it is; beyond that everything that is wrong is reported
//          at once, in file order. Nothing unknown is ignored.
// Secrets: resolved here, kept as aigw::Secret; what is printed shows references or `***`.
// Source:  gateway.toml(5).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/files.h"
#include "config/provenance.h"

namespace aigw::config {

struct Loaded {
    Config config{};
    std::vector<Diagnostic> warnings{};
    std::vector<std::string> files{};  // all that were read as configuration, the first one first
    std::string effective{};           // the file that says all this, secrets masked
    Provenance provenance{};           // where each setting was said
};

using LoadResult = std::expected<Loaded, LoadFailure>;

[[nodiscard]] LoadResult load_config(const std::string& path, const Inputs& inputs);
// `name` stands for the file in diagnostics; includes and `file:` are relative to its directory.
[[nodiscard]] LoadResult parse_config(std::string_view text, const std::string& name,
                                      const Inputs& inputs);
// Without any file: an empty one, filled from the environment and `.env` alone.
[[nodiscard]] LoadResult config_from_environment(const Inputs& inputs);

enum class ShowOrigin : std::uint8_t { No, Yes };
// The effective configuration as a file that loads again: defaults filled in, secrets as their
// references or `***`; on request each line says where it came from (`# gateway.toml:12`).
std::string print_config(const Loaded& loaded, ShowOrigin origin);

}  // namespace aigw::config
