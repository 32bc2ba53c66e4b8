// What loading a configuration asks of the world: files and environment variables, as arguments.
//
// Errors:  every method says why in `message` ("no such file", "it is a directory", …), so that the
//          caller can put the name and the place before it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aigw::config {

class FileReader {
public:
    virtual ~FileReader() = default;
    // The whole content; an error also when there are more than `max_bytes`.
    virtual Result<std::string> read(const std::string& path, std::size_t max_bytes) const = 0;
    // The names in a directory, without "." and "..", in any order.
    virtual Result<std::vector<std::string>> list(const std::string& directory) const = 0;
    virtual bool exists(const std::string& path) const = 0;
};

// The disk of this machine.
class DiskFiles final : public FileReader {
public:
    Result<std::string> read(const std::string& path, std::size_t max_bytes) const override;
    Result<std::vector<std::string>> list(const std::string& directory) const override;
    bool exists(const std::string& path) const override;
};

// The value of an environment variable; absent when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
// The environment of this process.
Environment process_environment();

struct Inputs {
    const FileReader& files;
    const Environment& environment;
};

// Where the configuration is when no --config says so: $AIGW_CONFIG (whether it exists or not),
// else the first that exists of ./gateway.toml, $XDG_CONFIG_HOME/aigw/gateway.toml (~/.config when
// unset), /etc/aigw/gateway.toml.
std::optional<std::string> find_config_file(const Inputs& inputs);

}  // namespace aigw::config
