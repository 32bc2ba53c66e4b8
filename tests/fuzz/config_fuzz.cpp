// A configuration: any text gives a Config or diagnostics, and what was loaded prints as a file
// that loads to the same.

#include <optional>
#include <string>
#include <vector>

#include "config/files.h"
#include "config/load.h"
#include "tests/fuzz/target.h"

namespace {

using namespace aigw::config;

class NoFiles final : public FileReader {
public:
    aigw::Result<std::string> read(const std::string& path, std::size_t) const override {
        return aigw::Error{aigw::ErrorCode::Config, path + " does not exist", ""};
    }
    aigw::Result<std::vector<std::string>> list(const std::string& directory) const override {
        return aigw::Error{aigw::ErrorCode::Config, directory + " does not exist", ""};
    }
    bool exists(const std::string&) const override { return false; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const NoFiles files;
    const Environment environment = [](std::string_view) { return std::optional<std::string>(); };
    const LoadResult loaded = parse_config(text, "fuzz.toml", {files, environment});
    if (!loaded) {
        aigw::fuzz::must_hold(!loaded.error().diagnostics.empty(), "a failure says why");
        return 0;
    }
    const std::string printed = print_config(*loaded, ShowOrigin::No);
    aigw::fuzz::must_hold(!printed.empty(), "what was loaded can be printed");
    if (printed.find("***") != std::string::npos) return 0;  // a masked secret is none
    const LoadResult again = parse_config(printed, "printed.toml", {files, environment});
    aigw::fuzz::must_hold(again.has_value(), "what was printed loads");
    aigw::fuzz::must_hold(print_config(*again, ShowOrigin::No) == printed,
                          "what was printed loads to the same");
    return 0;
}
