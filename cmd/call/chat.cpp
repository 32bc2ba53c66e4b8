// `aigw call chat`: a prompt in, the answer out as it comes.

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <memory>
#include <ostream>

#include "cmd/call/answer.h"
#include "cmd/call/chat_answer.h"
#include "cmd/call/chat_request.h"
#include "cmd/call/dry_run.h"
#include "cmd/call/kinds.h"
#include "cmd/call/target.h"
#include "cmd/terminal/progress.h"

namespace aigw::cmd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kChatPath = "/v1/chat/completions";

std::chrono::milliseconds since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

void print_ending(const ChatAnswer& answer, Program& program) {
    if (answer.finish_reason() == "length")
        print_warning(program, "the answer was cut at its length limit: raise --max-tokens");
    if (answer.finish_reason() == "content_filter")
        print_warning(program, "the vendor's content filter cut the answer");
}

Result<Exit> chat(const TargetOptions& target_options, ChatOptions options, Program& program) {
    options.streams = options.streams && !program.options.json;
    const std::string body = TRY(render_chat_request(options, program));
    if (target_options.is_dry)
        return run_dry(target_options, make_request({}, "POST", kChatPath, body), program);
    const Target target = TRY(open_target(target_options, program));

    const auto start = Clock::now();
    CallTimes times;
    Spinner spinner(program, "waiting for " + options.model);
    ChatAnswer answer(program, [&] {
        times.first_byte = since(start);
        spinner.stop();
    });
    const auto sent = target.transport->send(make_request(target, "POST", kChatPath, body), answer);
    times.total = since(start);
    spinner.stop();
    if (!program.out.good()) return Exit::Done;  // nobody reads on: the call was cancelled for that
    const auto finished = answer.finish();
    TRY(sent);
    TRY(finished);

    print_ending(answer, program);
    if (options.wants_usage)
        program.err << render_usage(answer.usage(), answer.headers(), times) << '\n' << std::flush;
    return Exit::Done;
}

}  // namespace

void add_call_chat(CLI::App& command, Program& program) {
    struct Options {
        TargetOptions target{};
        ChatOptions chat{};
        bool no_stream = false;
    };
    const auto options = std::make_shared<Options>();
    ChatOptions& chat_options = options->chat;
    command.add_option("-m,--model", chat_options.model, "The model")
        ->type_name("MODEL")
        ->required();
    command
        .add_option("--system", chat_options.system, "The system prompt, or the file that has it")
        ->type_name("TEXT|@FILE");
    command.add_option("--image", chat_options.images, "Show the model an image; may repeat")
        ->type_name("FILE|URL")
        ->allow_extra_args(false);
    command.add_option("--tool", chat_options.tools, "Offer the model a tool; may repeat")
        ->type_name("FILE.json")
        ->allow_extra_args(false);
    command
        .add_option("--json-schema", chat_options.json_schema,
                    "The answer must be JSON that fits this schema")
        ->type_name("FILE");
    command.add_flag("--json-mode", chat_options.json_mode, "The answer must be a JSON object");
    command.add_option("--max-tokens", chat_options.max_tokens, "The answer's longest length")
        ->type_name("N");
    command.add_option("--temperature", chat_options.temperature, "How freely tokens are chosen")
        ->type_name("X");
    command
        .add_option("-p,--parameter", chat_options.parameters,
                    "Any other field of the request, as JSON or text; may repeat")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command.add_flag("--no-stream", options->no_stream, "Print the answer when it is complete");
    command.add_flag("--usage", chat_options.wants_usage,
                     "Print tokens, price, platform and times on stderr");
    command
        .add_option("PROMPT", chat_options.prompt,
                    "The prompt; - is standard input, which otherwise is appended as context")
        ->type_name("");
    add_dry_run_option(command, options->target);
    add_target_options(command, program, options->target);
    constexpr std::array<std::string_view, 5> kExamples = {
        "aigw call chat -m gpt-4o \"Why is the sky blue?\"",
        "git diff | aigw call chat -m qwen-max \"Review this change:\"",
        "aigw call chat -m gpt-4o --image cat.png \"What is this?\" --usage",
        "aigw call chat -m gpt-4o --json-schema person.json \"Invent a person\" | jq .name",
        "aigw call chat -m claude-sonnet-4-5 --dry-run \"Why is the sky blue?\"",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] {
        options->chat.streams = !options->no_stream;
        return chat(options->target, options->chat, program);
    });
}

}  // namespace aigw::cmd
