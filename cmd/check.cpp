// `aigw check`: would this configuration start, and what does it amount to?

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/terminal/count.h"
#include "cmd/terminal/style.h"
#include "config/diagnostic.h"
#include "sidecar/assembly/assembly.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;
using config::Diagnostic;

struct CheckOptions {
    std::string file{};
    bool prints = false;
    bool with_origin = false;
    bool is_strict = false;
};

// Everything that was found, and the configuration when it may be used.
struct Outcome {
    std::vector<Diagnostic> errors{};
    std::vector<Diagnostic> warnings{};
    std::optional<config::Loaded> loaded{};
};

Outcome check_configuration(const CheckOptions& options, Program& program) {
    Outcome outcome;
    auto loaded = find_and_load(program, options.file);
    if (!loaded) {
        for (Diagnostic& diagnostic : loaded.error().diagnostics) {
            auto& list =
                diagnostic.severity == config::Severity::Error ? outcome.errors : outcome.warnings;
            list.push_back(std::move(diagnostic));
        }
        return outcome;
    }
    outcome.warnings = loaded->warnings;
    // What only the configuration and the vendor table know together.
    if (const auto assembled = assembly::assemble(loaded->config, program.started); !assembled) {
        outcome.errors.push_back(
            {.message = assembled.error().message, .hint = assembled.error().hint});
        return outcome;
    }
    for (Diagnostic& doubt : assembly::find_doubts(loaded->config))
        outcome.warnings.push_back(std::move(doubt));
    outcome.loaded = std::move(*loaded);
    return outcome;
}

Json to_json(const std::vector<Diagnostic>& diagnostics) {
    Json list = Json::array();
    for (const Diagnostic& diagnostic : diagnostics) {
        Json item;
        if (!diagnostic.at.file.empty()) item["file"] = diagnostic.at.file;
        if (diagnostic.at.line > 0) {
            item["line"] = diagnostic.at.line;
            item["column"] = diagnostic.at.column;
        }
        item["message"] = diagnostic.message;
        if (!diagnostic.hint.empty()) item["hint"] = diagnostic.hint;
        list.push_back(std::move(item));
    }
    return list;
}

void print_json(const Outcome& outcome, bool is_ok, Program& program) {
    Json report{{"ok", is_ok}};
    if (outcome.loaded) {
        report["files"] = outcome.loaded->files;
        report["config"] = outcome.loaded->config.digest;
    }
    report["errors"] = to_json(outcome.errors);
    report["warnings"] = to_json(outcome.warnings);
    program.out << report.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

// People see the offending line, programs one line per finding.
void print_findings(const std::vector<Diagnostic>& diagnostics, Style style, Program& program) {
    for (const Diagnostic& diagnostic : diagnostics) {
        const bool has_excerpt = program.terminal.err_is_terminal;
        std::string text = has_excerpt ? config::render_excerpt(diagnostic)
                                       : config::render_line(diagnostic) + "\n";
        const std::size_t line_end = text.find('\n');
        program.err << program.name << ": "
                    << paint(style, text.substr(0, line_end), program.colors_err())
                    << text.substr(line_end) << std::flush;
    }
}

void print_summary(const config::Loaded& loaded, Program& program) {
    const config::Config& config = loaded.config;
    const std::string name = loaded.files.empty() ? "the environment" : loaded.files.front();
    program.out << name << ": " << paint(Style::Green, "ok", program.colors_out()) << ", "
                << render_count(config.routing.platforms.size(), "platform") << ", "
                << render_count(config.routing.rules.size(), "rule") << ", "
                << render_count(config.auth.static_keys.size(), "key") << ", "
                << render_count(config.limits.size(), "limit") << '\n';
}

Result<Exit> check(const CheckOptions& options, Program& program) {
    const Outcome outcome = check_configuration(options, program);
    const bool is_ok = outcome.errors.empty() && (!options.is_strict || outcome.warnings.empty());
    if (program.options.json) {
        print_json(outcome, is_ok, program);
    } else {
        print_findings(outcome.errors, Style::Red, program);
        if (!program.options.quiet || options.is_strict)
            print_findings(outcome.warnings, Style::Yellow, program);
        if (outcome.loaded && options.prints) {
            program.out << config::print_config(*outcome.loaded, options.with_origin
                                                                     ? config::ShowOrigin::Yes
                                                                     : config::ShowOrigin::No);
        } else if (is_ok && !program.options.quiet) {
            print_summary(*outcome.loaded, program);
        }
    }
    if (!outcome.errors.empty()) return Exit::Unusable;
    return is_ok ? Exit::Done : Exit::CheckFailed;
}

}  // namespace

void add_check(CLI::App& command, Program& program) {
    const auto options = std::make_shared<CheckOptions>();
    command.add_option("FILE", options->file, "The configuration; without it, where -c says")
        ->type_name("");
    CLI::Option* print = command.add_flag(
        "--print", options->prints, "Print the effective configuration, secrets as references");
    command
        .add_flag("--with-origin", options->with_origin,
                  "With --print: say where each setting comes from")
        ->needs(print);
    command.add_flag("--strict", options->is_strict, "Warnings fail too (exit 1)");
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 3> kExamples = {
        "aigw check gateway.toml",
        "aigw check --strict --json",
        "aigw check --print --with-origin",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return check(*options, program); });
}

}  // namespace aigw::cmd
