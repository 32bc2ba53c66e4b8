// `aigw route-test`: the Decision for a request that is not sent, and whether it is the one
// expected.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <memory>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/decide.h"
#include "cmd/route_suite.h"
#include "decision/render.h"

namespace aigw::cmd {
namespace {

constexpr std::uint32_t kMostRepeats = 1'000'000;

struct RouteTestOptions {
    QuestionOptions question{};
    SuiteOptions suite{};
    std::vector<std::string> expectations{};
};

struct Expectation {
    std::string path{};
    std::string value{};
};

Result<std::vector<Expectation>> parse_expectations(const std::vector<std::string>& texts) {
    std::vector<Expectation> expectations;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return Error{ErrorCode::Usage, "--expect " + json_string(text) + " is no expectation",
                         "write it as PATH=VALUE, as in --expect platform=openai-main"};
        }
        expectations.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
    return expectations;
}

// Says each one that is not met; true when all are.
bool meets(const std::vector<Expectation>& expectations, const std::string& json,
           Program& program) {
    bool is_met = true;
    for (const Expectation& expectation : expectations) {
        const auto found = decision::read_field(json, expectation.path);
        if (found && *found == expectation.value) continue;
        is_met = false;
        print_error(
            program,
            {ErrorCode::ExpectationFailed,
             expectation.path + ": expected " + json_string(expectation.value) + ", found " +
                 (found ? json_string(*found) : "nothing (" + found.error().message + ")")});
    }
    return is_met;
}

Result<Exit> test_route(const RouteTestOptions& options, Program& program) {
    if (!options.suite.file.empty()) return run_suite(options.suite, program);
    const auto expectations = TRY(parse_expectations(options.expectations));
    const auto loaded = TRY(load_configuration(program));
    const auto question = TRY(Question::ask(options.question, loaded.config, program));

    const bool is_repeated = options.question.repeat > 1;
    constexpr auto kStyle = decision::JsonStyle::Indented;
    const std::string json =
        is_repeated ? decision::render_json(question->decision(), question->distribution(),
                                            question->path(), kStyle)
                    : decision::render_json(question->decision(), question->path(), kStyle);
    if (program.options.json) {
        program.out << json << (json.ends_with('\n') ? "" : "\n");
    } else {
        program.out << decision::render_text(question->decision(), program.colors_out()
                                                                       ? decision::Colour::Yes
                                                                       : decision::Colour::No);
        if (is_repeated) program.out << "\n" << decision::render_text(question->distribution());
    }
    return meets(expectations, json, program) ? Exit::Done : Exit::CheckFailed;
}

}  // namespace

void add_route_test(CLI::App& command, Program& program) {
    const auto options = std::make_shared<RouteTestOptions>();
    QuestionOptions& question = options->question;
    command.add_option("-m,--model", question.model, "The model; overrides that of --request")
        ->type_name("MODEL");
    command.add_option("--as", question.as, "Who asks: a configured key's name (else local)")
        ->type_name("KEY");
    command.add_option("--request", question.request, "The request's body; - is standard input")
        ->type_name("FILE");
    command.add_option("--path", question.path, "Where it is sent (/v1/chat/completions)")
        ->type_name("PATH");
    command.add_option("--at", question.at, "When it is sent, RFC 3339 (else now)")
        ->type_name("TIME");
    command.add_flag("--stream", question.streams, "As if it asked for a stream");
    command.add_option("--max-tokens", question.max_tokens, "As if it set this limit")
        ->type_name("N");
    command
        .add_option("--repeat", question.repeat,
                    "Decide so often, and show how many go where; the first is shown whole")
        ->type_name("N")
        ->check(CLI::Range(1U, kMostRepeats).description(""));
    command
        .add_option("--expect", options->expectations,
                    "Exit 1 unless this field of the Decision has this value; may repeat")
        ->type_name("FIELD=VALUE")
        ->allow_extra_args(false);
    auto* suite =
        command.add_option("--suite", options->suite.file, "Run the cases of this file instead")
            ->type_name("FILE.toml");
    for (const char* name : {"--model", "--as", "--request", "--path", "--at", "--stream",
                             "--max-tokens", "--expect", "--repeat"})
        suite->excludes(command.get_option(name));
    command
        .add_flag("--coverage", options->suite.is_coverage,
                  "Exit 1 unless the cases reach every route, group and platform")
        ->needs(suite);
    command.add_option("--junit", options->suite.junit, "Write a report for a CI server there")
        ->type_name("FILE.xml")
        ->needs(suite);
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 4> kExamples = {
        "aigw route-test -m gpt-4o",
        "aigw route-test -m gpt-4o --as ci --expect platform=openai-main --expect status=200",
        "aigw route-test --request request.json --json | jq .candidates",
        "aigw route-test --suite routes.toml --coverage --junit report.xml",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return test_route(*options, program); });
}

}  // namespace aigw::cmd
