// `aigw route-test`: the Decision for a request that is not sent, what its platform would be sent,
// and whether both are as expected.

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <memory>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/decide.h"
#include "cmd/principal.h"
#include "cmd/request_headers.h"
#include "cmd/route_suite.h"
#include "cmd/upstream_view.h"
#include "decision/render.h"

namespace aigw::cmd {
namespace {

constexpr std::uint32_t kMostRepeats = 1'000'000;

struct RouteTestOptions {
    QuestionOptions question{};
    SuiteOptions suite{};
    std::vector<std::string> expectations{};
    std::vector<std::string> headers{};
    bool prints_upstream = false;
    bool prints_curl = false;
    std::string platform{};  // whose request is printed; empty: the first one's
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
    QuestionOptions asked = options.question;
    TRY(add_headers(options.headers, asked.headers));
    const auto question = TRY(Question::ask(asked, loaded.config, program));
    Upstream upstream;
    if (options.prints_upstream)
        upstream = TRY(question->show_upstream(loaded.provenance, options.platform));

    const std::string json = render_json(*question, upstream);
    if (program.options.json)
        program.out << json << '\n';
    else if (options.prints_curl)
        print_curl(*question, *upstream, program);
    else
        print_text(*question, upstream, program);
    return meets(expectations, json, program) ? Exit::Done : Exit::CheckFailed;
}

// Of the request that is printed behind the Decision.
void add_upstream_options(CLI::App& command, RouteTestOptions& options) {
    auto* upstream = command.add_flag("--print-upstream", options.prints_upstream,
                                      "Print the request that the platform would be sent, too");
    command.add_option("--platform", options.platform, "That of this candidate, not the first")
        ->type_name("PLATFORM")
        ->needs(upstream);
    command.add_flag("--curl", options.prints_curl, "Print it as a curl command, and nothing else")
        ->needs(upstream);
}

}  // namespace

void add_route_test(CLI::App& command, Program& program) {
    const auto options = std::make_shared<RouteTestOptions>();
    QuestionOptions& question = options->question;
    command.add_option("-m,--model", question.model, "The model; overrides that of --request")
        ->type_name("MODEL");
    add_as_option(command, question.as);
    command.add_option("--request", question.request, "The request's body; - is standard input")
        ->type_name("FILE");
    command
        .add_option("--path", question.path,
                    "Where it is sent, which decides operation and protocol "
                    "(/v1/chat/completions)")
        ->type_name("PATH");
    command
        .add_option("-H,--header", options->headers,
                    "A header field of the request, 'name: value'; may repeat")
        ->type_name("FIELD")
        ->allow_extra_args(false);
    command.add_option("--ip", question.client_ip, "Whence it comes (else nowhere)")
        ->type_name("ADDRESS");
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
    add_upstream_options(command, *options);
    auto* suite =
        command.add_option("--suite", options->suite.file, "Run the cases of this file instead")
            ->type_name("FILE.toml");
    for (const char* name :
         {"--model", "--as", "--request", "--path", "--header", "--ip", "--at", "--stream",
          "--max-tokens", "--expect", "--repeat", "--print-upstream"})
        suite->excludes(command.get_option(name));
    command
        .add_flag("--coverage", options->suite.is_coverage,
                  "Exit 1 unless the cases reach every part of the configuration")
        ->needs(suite);
    command.add_option("--junit", options->suite.junit, "Write a report for a CI server there")
        ->type_name("FILE.xml")
        ->needs(suite);
    add_config_option(command, program);
    add_json_option(command, program);
    command.get_option("--curl")->excludes(command.get_option("--json"));
    add_output_options(command, program);
    constexpr std::array<std::string_view, 6> kExamples = {
        "aigw route-test -m gpt-4o",
        "aigw route-test -m gpt-4o --as ci --expect platform=openai-main --expect status=200",
        "aigw route-test --request request.json --json | jq .candidates",
        "aigw route-test -m gpt-4o -H 'X-Channel-Code: vip' --expect namespace=vip",
        "aigw route-test --request request.json --path /v1/messages --print-upstream --curl",
        "aigw route-test --suite routes.toml --coverage --junit report.xml",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return test_route(*options, program); });
}

}  // namespace aigw::cmd
