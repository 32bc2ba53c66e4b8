#include "cmd/call/answer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "protocol/vendor_error.h"

namespace aigw::cmd {
namespace {

class WholeAnswer : public http::ReplySink {
public:
    void on_head(int status, const http::Headers& headers) override {
        response.status = status;
        response.headers = headers;
    }
    bool on_bytes(std::string_view bytes) override {
        response.body.append(bytes);
        return true;
    }

    http::Response response{};
};

// The row that agrees with most of what the answer says; codes of one status are told apart by
// their types, those of one type by their wire codes.
ErrorCode code_of(int status, const protocol::VendorError& error) {
    ErrorCode best =
        status >= 500 || status == 0 ? ErrorCode::UpstreamInvalid : ErrorCode::InvalidRequest;
    int best_score = 0;
    for (const ErrorRow& row : error_rows()) {
        if (row.http == 0 || (status != 0 && row.http != status)) continue;
        const int score = (row.http == status ? 1 : 0) + (row.openai_type == error.type ? 2 : 0) +
                          (row.openai_code == error.code ? 4 : 0);
        if (score <= best_score) continue;
        best = row.code;
        best_score = score;
    }
    return best;
}

std::string hint_of(ErrorCode code, const http::Headers& headers) {
    if (code == ErrorCode::Unauthenticated) return "give a valid key with --key or $AIGW_KEY";
    const auto delay = headers.find("retry-after");
    if (delay && parse_uint(*delay)) return "try again in " + std::string(*delay) + " s";
    return "";
}

void append_part(std::string& line, const std::string& part) {
    line += (line.empty() ? "usage: " : ", ") + part;
}

void append_tokens(std::string& line, const Usage& usage) {
    std::string input = fmt::format("{} input", usage.total_input());
    if (usage.cached_input_tokens > 0)
        input += fmt::format(" ({} cached)", usage.cached_input_tokens);
    append_part(line, input);
    std::string output = fmt::format("{} output", usage.total_output());
    if (usage.reasoning_tokens > 0)
        output += fmt::format(" ({} reasoning)", usage.reasoning_tokens);
    append_part(line, output);
}

}  // namespace

Error error_of_answer(int status, const http::Headers& headers, std::string_view body) {
    const protocol::VendorError said = protocol::read_vendor_error(body);
    const ErrorCode code = code_of(status, said);
    std::string what = status == 0     ? "the answer broke off with an error"
                       : status >= 500 ? fmt::format("failed with status {}", status)
                                       : fmt::format("refused with status {}", status);
    if (!said.message.empty()) what += ": " + said.message;
    // "what is wrong: what to do" is how a gateway like this one says it: then nothing is added.
    const bool has_hint = said.message.find(": ") != std::string::npos;
    return {code, what, has_hint ? "" : hint_of(code, headers)};
}

Result<http::Response> fetch(http::Transport& transport, const http::Request& request) {
    WholeAnswer answer;
    TRY(transport.send(request, answer));
    http::Response& response = answer.response;
    if (response.status >= 400)
        return error_of_answer(response.status, response.headers, response.body);
    return std::move(response);
}

std::string render_usage(const std::optional<Usage>& usage, const http::Headers& headers,
                         const CallTimes& times) {
    std::string line;
    if (usage) append_tokens(line, *usage);
    if (const auto price = headers.find("x-aigw-price"))
        append_part(line, "price " + std::string(*price));
    else if (const auto estimate = headers.find("x-aigw-price-estimate"))
        append_part(line, "estimated price " + std::string(*estimate));
    if (const auto platform = headers.find("x-aigw-platform"))
        append_part(line, "platform " + std::string(*platform));
    append_part(line, fmt::format("first byte {} ms", times.first_byte.count()));
    append_part(line, fmt::format("total {} ms", times.total.count()));
    return line;
}

}  // namespace aigw::cmd
