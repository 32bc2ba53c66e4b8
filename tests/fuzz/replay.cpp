// Every kept input of a fuzz target once, in a program that needs neither clang nor libFuzzer.
//
//     aigw_fuzz_replay TARGET FOLDER
//
// A claim that does not hold aborts, after the input's name has been printed. Exit codes: 0 all
// hold, 2 wrong usage, an unknown target or a folder without a file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

// AIGW_FUZZ_TARGETS names each target as TARGET(name): CMakeLists.txt has the one list of them.
#define TARGET(name) extern "C" int name##_fuzz(const std::uint8_t* data, std::size_t size);
AIGW_FUZZ_TARGETS
#undef TARGET

namespace {

struct Target {
    std::string_view name;
    int (*try_input)(const std::uint8_t* data, std::size_t size);
};

#define TARGET(name) Target{#name, &name##_fuzz},
constexpr Target kTargets[] = {AIGW_FUZZ_TARGETS};
#undef TARGET

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: aigw_fuzz_replay TARGET FOLDER\n");
        return 2;
    }
    const std::string_view name = arguments[1];
    const auto* const target = std::ranges::find(kTargets, name, &Target::name);
    if (target == std::end(kTargets)) {
        std::fprintf(stderr, "aigw_fuzz_replay: there is no target %s\n", arguments[1]);
        return 2;
    }
    const auto files = files_in(arguments[2]);
    if (files.empty()) {
        std::fprintf(stderr, "aigw_fuzz_replay: %s holds no input\n", arguments[2]);
        return 2;
    }
    for (const auto& file : files) {
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        const auto bytes = bytes_of(file);
        target->try_input(bytes.data(), bytes.size());
    }
    std::printf("%zu inputs\n", files.size());
    return 0;
}
