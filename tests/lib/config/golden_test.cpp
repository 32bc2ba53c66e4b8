// Pairs of files in tests/golden/config: NAME.good.toml loads without a word, NAME.warn.toml loads
// with the warnings of NAME.warn.txt, NAME.bad.toml is refused with all of NAME.bad.txt.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "config/load.h"
#include "tests/fakes/files.h"

using namespace aigw;
using namespace aigw::config;

namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(AIGW_SOURCE_DIR) / "tests/golden/config";

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_ending(std::string_view ending) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        std::string name = entry.path().filename().string();
        if (name.ends_with(ending)) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    REQUIRE_FALSE(names.empty());
    return names;
}

// What the golden files count on.
const Environment kEnvironment = fakes::Variables{
    {
        {"SET", "sk-from-the-environment"},
        {"EMPTY", ""},
        {"SPACED", "two words"},
        {"MASKED", "***"},
        {"HOST_URL", "https://vendor.test/v1"},
    }}.environment();

LoadResult load_golden(const std::string& name) {
    return parse_config(read_text(kFolder / name), name, {DiskFiles(), kEnvironment});
}

std::string render_excerpts(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) text += render_excerpt(diagnostic);
    return text;
}

void check_golden(const std::string& toml, const std::string& got) {
    const fs::path expected = kFolder / (toml.substr(0, toml.size() - 5) + ".txt");
    if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr)
        std::ofstream(expected, std::ios::binary) << got;
    CHECK(got == read_text(expected));
}

}  // namespace

TEST_CASE("config: good files load without a word", "[config]") {
    for (const std::string& name : names_ending(".good.toml")) {
        DYNAMIC_SECTION(name) {
            const LoadResult loaded = load_golden(name);
            if (!loaded) FAIL_CHECK(render_lines(loaded.error().diagnostics));
            if (loaded) CHECK(render_lines(loaded->warnings) == "");
        }
    }
}

TEST_CASE("config: a printed file loads again and says the same", "[config]") {
    for (const std::string& name : names_ending(".good.toml")) {
        DYNAMIC_SECTION(name) {
            const LoadResult first = load_golden(name);
            REQUIRE(first);
            const LoadResult second =
                parse_config(first->effective, "printed.toml", {DiskFiles(), kEnvironment});
            if (!second) FAIL(render_lines(second.error().diagnostics) + first->effective);
            CHECK(second->effective == first->effective);
            CHECK(second->config.digest == first->config.digest);
            CHECK(render_lines(second->warnings) == "");
            const std::string with_origin = print_config(*first, ShowOrigin::Yes);
            const LoadResult third =
                parse_config(with_origin, "origin.toml", {DiskFiles(), kEnvironment});
            REQUIRE(third);
            CHECK(third->effective == first->effective);
        }
    }
}

TEST_CASE("config: doubtful files load with all their warnings", "[config]") {
    for (const std::string& name : names_ending(".warn.toml")) {
        DYNAMIC_SECTION(name) {
            const LoadResult loaded = load_golden(name);
            if (!loaded) FAIL(render_lines(loaded.error().diagnostics));
            check_golden(name, render_excerpts(loaded->warnings));
        }
    }
}

TEST_CASE("config: bad files are refused with everything that is wrong", "[config]") {
    for (const std::string& name : names_ending(".bad.toml")) {
        DYNAMIC_SECTION(name) {
            const LoadResult loaded = load_golden(name);
            REQUIRE_FALSE(loaded);
            check_golden(name, render_excerpts(loaded.error().diagnostics));
        }
    }
}
