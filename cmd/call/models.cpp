// `aigw call models`: what can be called, one name per line.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cmd/call/answer.h"
#include "cmd/call/kinds.h"
#include "cmd/call/target.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;

Result<Exit> list_models(const TargetOptions& options, Program& program) {
    const Target target = TRY(open_target(options, program));
    const http::Response response =
        TRY(fetch(*target.transport, make_request(target, "GET", "/v1/models")));
    if (program.options.json) {
        program.out << response.body << (response.body.ends_with('\n') ? "" : "\n");
        return Exit::Done;
    }
    const Json list = Json::parse(response.body, nullptr, false);
    const auto data = list.is_object() ? list.find("data") : list.end();
    if (data == list.end() || !data->is_array()) {
        return Error{ErrorCode::UpstreamInvalid, "the answer is no list of models",
                     "see it with --json"};
    }
    for (const Json& model : *data) {
        const auto id = model.is_object() ? model.find("id") : model.end();
        if (id != model.end() && id->is_string()) program.out << id->get<std::string>() << '\n';
    }
    return Exit::Done;
}

}  // namespace

void add_call_models(CLI::App& command, Program& program) {
    const auto options = std::make_shared<TargetOptions>();
    add_target_options(command, program, *options);
    constexpr std::array<std::string_view, 2> kExamples = {
        "aigw call models -c gateway.toml",
        "aigw call models --url http://127.0.0.1:8080 --json | jq -r '.data[].id'",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return list_models(*options, program); });
}

}  // namespace aigw::cmd
