// `aigw call raw`: any request, its answer's body as it comes.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>

#include "base/text.h"
#include "cmd/call/answer.h"
#include "cmd/call/dry_run.h"
#include "cmd/call/kinds.h"
#include "cmd/call/target.h"
#include "cmd/input.h"
#include "cmd/request_headers.h"

namespace aigw::cmd {
namespace {

struct RawOptions {
    TargetOptions target{};
    std::string method{};
    std::string path{};
    std::string body{};
    std::vector<std::string> headers{};
    bool shows_head = false;
};

class RawAnswer : public http::ReplySink {
public:
    RawAnswer(Program& program, bool shows_head) : program_(program), shows_head_(shows_head) {}

    void on_head(int status, const http::Headers& headers) override {
        status_ = status;
        headers_ = headers;
        if (!shows_head_) return;
        program_.err << "HTTP " << status << '\n';
        for (const http::Header& field : headers)
            program_.err << field.name << ": " << field.value << '\n';
        program_.err << '\n' << std::flush;
    }
    bool on_bytes(std::string_view bytes) override {
        program_.out << bytes;
        program_.out.flush();
        if (status_ >= 400 && body_.size() < kMaxErrorBytes) body_.append(bytes);
        return program_.out.good();
    }
    Result<void> finish() const {
        if (status_ >= 400) return error_of_answer(status_, headers_, body_);
        return {};
    }

private:
    static constexpr std::size_t kMaxErrorBytes = 64 * 1024;

    Program& program_;
    bool shows_head_;
    int status_ = 0;
    http::Headers headers_{};
    std::string body_{};  // of an error, to say what it was
};

Result<http::Request> read_request(const RawOptions& options, const Target& target,
                                   Program& program) {
    if (!options.path.starts_with('/') || has_control(options.path) ||
        options.path.find(' ') != std::string::npos) {
        return Error{ErrorCode::Usage, json_string(options.path) + " is no path",
                     "write it from the slash on, as in /v1/models"};
    }
    std::string body = options.body == "-" ? TRY(read_input("-", program))
                                           : TRY(read_text_or_file(options.body, program));
    http::Request request = make_request(target, options.method, options.path, std::move(body));
    TRY(add_headers(options.headers, request.headers));
    return request;
}

Result<Exit> send_raw(const RawOptions& options, Program& program) {
    if (options.target.is_dry)
        return run_dry(options.target, TRY(read_request(options, {}, program)), program);
    const Target target = TRY(open_target(options.target, program));
    const http::Request request = TRY(read_request(options, target, program));
    RawAnswer answer(program, options.shows_head);
    const auto sent = target.transport->send(request, answer);
    if (!program.out.good()) return Exit::Done;  // nobody reads on: the call was cancelled for that
    TRY(sent);
    TRY(answer.finish());
    return Exit::Done;
}

}  // namespace

void add_call_raw(CLI::App& command, Program& program) {
    const auto options = std::make_shared<RawOptions>();
    command.add_option("METHOD", options->method, "GET, POST, …")->type_name("")->required();
    command.add_option("PATH", options->path, "Path and query, from the slash on")
        ->type_name("")
        ->required();
    command
        .add_option("-d,--data", options->body, "The body: text, @FILE, or - for standard input")
        ->type_name("BODY");
    command.add_option("-H,--header", options->headers, "A header field; may repeat")
        ->type_name("'NAME: VALUE'")
        ->allow_extra_args(false);
    command.add_flag("-i,--include", options->shows_head, "Print status and headers on stderr");
    add_dry_run_option(command, options->target);
    add_target_options(command, program, options->target);
    constexpr std::array<std::string_view, 2> kExamples = {
        "aigw call raw GET /v1/models -i",
        "aigw call raw POST /v1/chat/completions -d @request.json -H 'X-Channel-Code: vip'",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return send_raw(*options, program); });
}

}  // namespace aigw::cmd
