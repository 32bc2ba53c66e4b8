#include "cmd/route_suite.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/decide.h"
#include "cmd/input.h"
#include "cmd/suite_coverage.h"
#include "cmd/terminal/style.h"
#include "config/suite.h"
#include "decision/render.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;
using config::SuiteCase;

// How one case went; no problems: it is met.
struct Outcome {
    const SuiteCase* of = nullptr;
    std::vector<std::string> problems{};
    std::chrono::duration<double> took{};
};

QuestionOptions question_of(const SuiteCase& one, const std::filesystem::path& folder) {
    QuestionOptions question{.model = one.model,
                             .body = one.body,
                             .path = one.path,
                             .as = one.as,
                             .at = one.time,
                             .streams = one.streams,
                             .max_tokens = one.max_tokens,
                             .client_ip = one.client_ip};
    for (const auto& [name, value] : one.headers) question.headers.set(name, value);
    if (!one.request.empty()) question.request = (folder / one.request).string();
    return question;
}

std::vector<std::string> unmet(const SuiteCase& one, const std::string& json) {
    std::vector<std::string> problems;
    for (const auto& [path, value] : one.expectations) {
        const auto found = decision::read_field(json, path);
        if (found && *found == value) continue;
        problems.push_back(
            path + ": expected " + json_string(value) + ", found " +
            (found ? json_string(*found) : "nothing (" + found.error().message + ")"));
    }
    return problems;
}

Outcome run_case(const SuiteCase& one, const std::filesystem::path& folder,
                 const config::Config& config, Coverage& coverage, Program& program) {
    const auto begin = std::chrono::steady_clock::now();
    Outcome outcome{.of = &one};
    const auto question = Question::ask(question_of(one, folder), config, program);
    if (question) {
        coverage.add((*question)->decision());
        outcome.problems =
            unmet(one, decision::render_json((*question)->decision(), (*question)->path()));
    } else {
        outcome.problems.push_back(render_line(question.error()));
    }
    outcome.took = std::chrono::steady_clock::now() - begin;
    return outcome;
}

std::size_t count_failed(const std::vector<Outcome>& outcomes) {
    std::size_t failed = 0;
    for (const Outcome& outcome : outcomes) failed += outcome.problems.empty() ? 0 : 1;
    return failed;
}

void print_text(const std::vector<Outcome>& outcomes, Program& program) {
    const bool has_colors = program.colors_out();
    for (const Outcome& outcome : outcomes) {
        const bool is_met = outcome.problems.empty();
        if (is_met && program.options.quiet) continue;
        program.out << (is_met ? paint(Style::Green, "ok  ", has_colors)
                               : paint(Style::Red, "FAIL", has_colors))
                    << "  " << outcome.of->name << '\n';
        for (const std::string& problem : outcome.problems)
            program.out << "      " << outcome.of->at.text() << ": " << problem << '\n';
    }
    const std::size_t failed = count_failed(outcomes);
    program.out << outcomes.size() << (outcomes.size() == 1 ? " case, " : " cases, ") << failed
                << " failed\n";
}

void print_coverage(const Coverage& coverage, Program& program) {
    const std::vector<std::string> unreached = coverage.unreached();
    for (const std::string& name : unreached) program.out << "not reached: " << name << '\n';
    program.out << coverage.size() - unreached.size() << " of " << coverage.size()
                << " parts of the configuration reached\n";
}

void print_json(const std::vector<Outcome>& outcomes, const Coverage* coverage, Program& program) {
    Json report{
        {"cases", Json::array()}, {"count", outcomes.size()}, {"failed", count_failed(outcomes)}};
    for (const Outcome& outcome : outcomes) {
        report["cases"].push_back({{"name", outcome.of->name},
                                   {"at", outcome.of->at.text()},
                                   {"ok", outcome.problems.empty()},
                                   {"problems", outcome.problems}});
    }
    if (coverage != nullptr)
        report["coverage"] = {{"count", coverage->size()}, {"not_reached", coverage->unreached()}};
    program.out << report.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

// Control characters have no place in XML 1.0, not even escaped.
std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                const bool is_text =
                    static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t';
                out += is_text ? c : '?';
        }
    }
    return out;
}

// As CI servers read it: a testsuite with its testcases.
std::string render_junit(const std::string& suite, const std::vector<Outcome>& outcomes) {
    std::string xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
        xml_text(suite) + "\" tests=\"" + std::to_string(outcomes.size()) + "\" failures=\"" +
        std::to_string(count_failed(outcomes)) + "\">\n";
    for (const Outcome& outcome : outcomes) {
        xml += "    <testcase classname=\"route-test\" name=\"" + xml_text(outcome.of->name) +
               "\" file=\"" + xml_text(outcome.of->at.text()) + "\" time=\"" +
               std::to_string(outcome.took.count()) + "\"";
        if (outcome.problems.empty()) {
            xml += "/>\n";
            continue;
        }
        xml += ">\n      <failure message=\"" + xml_text(outcome.problems.front()) + "\">";
        for (const std::string& problem : outcome.problems) xml += xml_text(problem) + "\n";
        xml += "</failure>\n    </testcase>\n";
    }
    return xml + "  </testsuite>\n</testsuites>\n";
}

Result<void> write_junit(const SuiteOptions& options, const std::vector<Outcome>& outcomes) {
    std::ofstream file(options.junit);
    file << render_junit(options.file, outcomes) << std::flush;
    if (file) return {};
    return usage_error("cannot write " + json_string(options.junit),
                       "name a file in a folder that can be written to");
}

}  // namespace

Result<Exit> run_suite(const SuiteOptions& options, Program& program) {
    const auto loaded = TRY(load_configuration(program));
    const auto suite = load_suite(options.file, program);
    if (!suite) {
        for (const config::Diagnostic& diagnostic : suite.error().diagnostics)
            print_line(program, config::render_line(diagnostic));
        return Exit::Unusable;
    }
    const auto folder = std::filesystem::path(options.file).parent_path();
    Coverage coverage(loaded.config);
    std::vector<Outcome> outcomes;
    for (const SuiteCase& one : suite->cases)
        outcomes.push_back(run_case(one, folder, loaded.config, coverage, program));
    if (program.options.json) {
        print_json(outcomes, options.is_coverage ? &coverage : nullptr, program);
    } else {
        print_text(outcomes, program);
        if (options.is_coverage) print_coverage(coverage, program);
    }
    if (!options.junit.empty()) TRY(write_junit(options, outcomes));
    const bool is_covered = !options.is_coverage || coverage.unreached().empty();
    return count_failed(outcomes) == 0 && is_covered ? Exit::Done : Exit::CheckFailed;
}

}  // namespace aigw::cmd
