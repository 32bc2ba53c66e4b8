// What the configuration says about who may call ([auth] of gateway.toml).
#pragma once

#include <string>
#include <vector>

#include "base/file_position.h"
#include "base/secret.h"

namespace aigw::identity {

struct StaticKeyOptions {
    std::string name{};
    Secret key{};
    std::string tenant{};
    std::vector<std::string> scopes{};  // "chat", "completions", "embeddings", "models"; empty: all
    std::vector<std::string> models{};  // globs; empty: all
    FilePosition at{};
};

struct Options {
    std::vector<StaticKeyOptions> static_keys{};
};

}  // namespace aigw::identity
