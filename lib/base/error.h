// What can go wrong, said once: a code for programs, words for people.
//
// Shape:   `Error` is a code, a message (lower case, no full stop, naming the thing and the place),
//          a hint (the next thing to try) and, where the wire has room for them, a finer
//          `wire_code`, the body path `param`, the name of the limit that refused and how long to
//          wait.
// Table:   `error_row(code)` gives the HTTP status, the wire types and the exit code of each code.
//          Every envelope and every command reads this one table; nothing else knows a status.
// Source:  contracts of the project ("Error codes"); the OpenAI and Anthropic columns follow their
//          public references.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aigw {

enum class ErrorCode : std::uint8_t {
    InvalidRequest,
    ContextTooLong,
    Unauthenticated,
    InsufficientFunds,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    RateLimited,
    UpstreamUnreachable,
    UpstreamInvalid,
    UpstreamCredentials,
    NoPlatform,
    Overloaded,
    StoreUnavailable,
    UpstreamTimeout,
    Internal,
    Conflict,
    Gone,
    MalformedHttp,
    Cancelled,
    Config,
    Usage,
    ExpectationFailed,
};

// One row per code. `http` and `anthropic_http` are 0 where the code never travels over HTTP;
// `openai_code` is the default that an Error's `wire_code` may refine; `s2_code` is the default of
// the numeric codes of the `{code,msg,data}` envelope.
struct ErrorRow {
    ErrorCode code;
    std::string_view name;
    int http;
    int anthropic_http;
    std::string_view openai_type;
    std::string_view openai_code;
    std::string_view anthropic_type;
    int s2_code;
    int exit_code;
};

const ErrorRow& error_row(ErrorCode code);
std::span<const ErrorRow> error_rows();

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string hint{};
    std::string wire_code{};      // refines the row's OpenAI `code` (e.g.
                                  // "invalid_api_key_format")
    std::string param{};          // path in the caller's body, e.g. "messages[3].content"
    std::string limit{};          // rate_limited: the limit's name
    std::uint64_t limit_max = 0;  // rate_limited: what the limit allows, where the caller may know
    std::optional<std::chrono::milliseconds> retry_after{};
    int status =
        0;  // overrides the row's status: malformed_http, and a vendor's own status passed on
    int s2_code = 0;          // refines the row's number
    std::string wire_type{};  // a vendor's own OpenAI `type`, passed on instead of the row's

    friend bool operator==(const Error&, const Error&) = default;

    // Status as an OpenAI-protocol caller sees it.
    int http_status() const { return status != 0 ? status : error_row(code).http; }
};

// "message: hint" as one terminal line has it; the message alone when there is no hint.
std::string render_line(const Error& error);

}  // namespace aigw
