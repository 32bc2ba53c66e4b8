#include "cmd/configuration.h"

#include "config/diagnostic.h"

namespace aigw::cmd {
namespace {

config::Environment environment_of(Program& program) {
    return [&program](std::string_view name) { return program.environment(std::string(name)); };
}

}  // namespace

std::optional<std::string> find_file(Program& program) {
    if (!program.options.config.empty()) return program.options.config;
    const config::DiskFiles files;
    const config::Environment environment = environment_of(program);
    return config::find_config_file({.files = files, .environment = environment});
}

config::LoadResult find_and_load(Program& program, const std::string& file) {
    const config::DiskFiles files;
    const config::Environment environment = environment_of(program);
    const config::Inputs inputs{.files = files, .environment = environment};
    if (!file.empty()) return config::load_config(file, inputs);
    if (const auto found = find_file(program)) return config::load_config(*found, inputs);
    return config::config_from_environment(inputs);
}

config::LoadResult load_nothing(Program& program) {
    const config::DiskFiles files;
    const config::Environment environment = environment_of(program);
    return config::parse_config("", "", {.files = files, .environment = environment});
}

Result<config::Loaded> load_configuration(Program& program) {
    config::LoadResult loaded = find_and_load(program);
    if (!loaded) return config::to_error(loaded.error());
    if (program.options.verbose) {
        for (const config::Diagnostic& warning : loaded->warnings)
            print_warning(program, config::render_line(warning));
    }
    return std::move(*loaded);
}

std::expected<config::Suite, config::LoadFailure> load_suite(const std::string& file,
                                                             Program& program) {
    const config::DiskFiles files;
    const config::Environment environment = environment_of(program);
    return config::load_suite(file, {.files = files, .environment = environment});
}

}  // namespace aigw::cmd
