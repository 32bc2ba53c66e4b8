#include "config/files.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/text.h"

namespace aigw::config {
namespace {

namespace fs = std::filesystem;

Error unreadable(std::string why) {
    return Error{ErrorCode::Config, std::move(why), "name a file that can be read"};
}

std::string reason_of(const std::error_code& error) {
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
        return "no such file";
    if (error == std::errc::permission_denied) return "permission denied";
    return to_lower(error.message());
}

}  // namespace

Result<std::string> DiskFiles::read(const std::string& path, std::size_t max_bytes) const {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        return unreadable(
            reason_of(error ? error : std::make_error_code(std::errc::no_such_file_or_directory)));
    if (fs::is_directory(status)) return unreadable("it is a directory");
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return unreadable(reason_of({errno, std::generic_category()}));

    std::string content;
    std::array<char, 64U << 10> chunk{};
    while (file.read(chunk.data(), chunk.size()), file.gcount() > 0) {
        content.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
        if (content.size() > max_bytes)
            return unreadable("it is larger than " + render_size(max_bytes));
    }
    if (file.bad()) return unreadable("reading failed");
    return content;
}

Result<std::vector<std::string>> DiskFiles::list(const std::string& directory) const {
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator at(directory.empty() ? "." : directory, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error))
        names.push_back(at->path().filename().string());
    if (error) return unreadable(reason_of(error));
    return names;
}

bool DiskFiles::exists(const std::string& path) const {
    std::error_code error;
    return fs::exists(path, error);
}

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

std::optional<std::string> find_config_file(const Inputs& inputs) {
    const auto variable = [&](std::string_view name) {
        return inputs.environment(name).value_or("");
    };
    if (std::string named = variable("AIGW_CONFIG"); !named.empty()) return named;
    std::vector<std::string> places{"gateway.toml"};
    const std::string xdg = variable("XDG_CONFIG_HOME");
    const std::string home = variable("HOME");
    if (!xdg.empty()) {
        places.push_back(xdg + "/aigw/gateway.toml");
    } else if (!home.empty()) {
        places.push_back(home + "/.config/aigw/gateway.toml");
    }
    places.emplace_back("/etc/aigw/gateway.toml");
    for (std::string& place : places) {
        if (inputs.files.exists(place)) return std::move(place);
    }
    return std::nullopt;
}

}  // namespace aigw::config
