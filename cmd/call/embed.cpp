// `aigw call embed`: texts in, one line with one vector each out.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/call/answer.h"
#include "cmd/call/dry_run.h"
#include "cmd/call/kinds.h"
#include "cmd/call/target.h"
#include "cmd/input.h"
#include "cmd/terminal/progress.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEmbeddingsPath = "/v1/embeddings";

struct EmbedOptions {
    TargetOptions target{};
    std::string model{};
    std::vector<std::string> texts{};
};

// Arguments are texts; standard input, alone or as "-", is one text per line.
Result<std::vector<std::string>> read_texts(const EmbedOptions& options, Program& program) {
    std::vector<std::string> texts;
    const auto add_lines = [&](const std::string& input) {
        for (const std::string_view line : split(input, '\n')) {
            if (!trim(line).empty()) texts.emplace_back(trim(line));
        }
    };
    for (const std::string& text : options.texts) {
        if (text == "-")
            add_lines(TRY(read_input("-", program)));
        else
            texts.push_back(text);
    }
    if (options.texts.empty()) add_lines(read_piped_input(program));
    if (texts.empty()) {
        return Error{ErrorCode::Usage, "there is no text",
                     "give it as an argument, or one text per line on standard input"};
    }
    for (const std::string& text : texts) {
        if (!is_utf8(text))
            return Error{ErrorCode::Usage, "a text is not UTF-8", "convert it to UTF-8"};
    }
    return texts;
}

Result<void> print_vectors(const std::string& body, std::size_t count, Program& program) {
    const Json reply = Json::parse(body, nullptr, false);
    const auto data = reply.is_object() ? reply.find("data") : reply.end();
    if (data == reply.end() || !data->is_array() || data->size() != count) {
        return Error{ErrorCode::UpstreamInvalid, "the answer does not hold one vector per text",
                     "see it with --json"};
    }
    for (const Json& item : *data) {
        if (!item.is_object() || !item.contains("embedding"))
            return Error{ErrorCode::UpstreamInvalid, "the answer holds something else than vectors",
                         "see it with --json"};
        program.out << item["embedding"].dump(-1, ' ', false, Json::error_handler_t::replace)
                    << '\n';
    }
    return {};
}

Result<Exit> embed(const EmbedOptions& options, Program& program) {
    const auto texts = TRY(read_texts(options, program));
    const Json body{{"model", options.model}, {"input", texts}};
    if (options.target.is_dry)
        return run_dry(options.target, make_request({}, "POST", kEmbeddingsPath, body.dump()),
                       program);
    const Target target = TRY(open_target(options.target, program));

    Spinner spinner(program, "waiting for " + options.model);
    const auto answer =
        fetch(*target.transport, make_request(target, "POST", kEmbeddingsPath, body.dump()));
    spinner.stop();
    const http::Response response = TRY(answer);
    if (!program.options.json)
        TRY(print_vectors(response.body, texts.size(), program));
    else
        program.out << response.body << (response.body.ends_with('\n') ? "" : "\n");
    return Exit::Done;
}

}  // namespace

void add_call_embed(CLI::App& command, Program& program) {
    const auto options = std::make_shared<EmbedOptions>();
    command.add_option("-m,--model", options->model, "The model")->type_name("MODEL")->required();
    command.add_option("TEXT", options->texts, "The texts; - is standard input, one text per line")
        ->type_name("");
    add_dry_run_option(command, options->target);
    add_target_options(command, program, options->target);
    constexpr std::array<std::string_view, 2> kExamples = {
        "aigw call embed -m text-embedding-3-small \"a cat\" \"a dog\"",
        "aigw call embed -m text-embedding-v4 - < sentences.txt > vectors.jsonl",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return embed(*options, program); });
}

}  // namespace aigw::cmd
