#include "cmd/version.h"

#include <CLI/Version.hpp>
#include <nlohmann/detail/abi_macros.hpp>

#include "cmd/build_info.h"

namespace aigw::cmd {

std::string render_version() {
    std::string text = "aigw " + std::string(kVersion);
    if (!kCommit.empty()) text += " (commit " + std::string(kCommit) + ")";
    text += "\n" + std::string(kLibraries) + ", CLI11 " CLI11_VERSION + ", nlohmann/json " +
            std::to_string(NLOHMANN_JSON_VERSION_MAJOR) + "." +
            std::to_string(NLOHMANN_JSON_VERSION_MINOR) + "." +
            std::to_string(NLOHMANN_JSON_VERSION_PATCH) + "\n";
    return text;
}

}  // namespace aigw::cmd
