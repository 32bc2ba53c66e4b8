#include "base/error.h"

#include <array>
#include <cassert>

namespace aigw {
namespace {

using enum ErrorCode;

// clang-format off
constexpr std::array kRows = {
    //       code                 name                    http  a-http openai type              openai code                anthropic type           s2      exit
    ErrorRow{InvalidRequest,      "invalid_request",      400,  400, "invalid_request_error", "invalid_value",           "invalid_request_error", 100002, 2},
    ErrorRow{ContextTooLong,      "context_too_long",     400,  400, "invalid_request_error", "context_length_exceeded", "invalid_request_error", 100002, 4},
    ErrorRow{Unauthenticated,     "unauthenticated",      401,  401, "authentication_error",  "invalid_api_key",         "authentication_error",  200001, 4},
    ErrorRow{InsufficientFunds,   "insufficient_funds",   402,  402, "insufficient_quota",    "insufficient_credits",    "billing_error",         500002, 4},
    ErrorRow{Forbidden,           "forbidden",            403,  403, "permission_error",      "permission_denied",       "permission_error",      200002, 4},
    ErrorRow{NotFound,            "not_found",            404,  404, "invalid_request_error", "not_found",               "not_found_error",       100003, 2},
    ErrorRow{MethodNotAllowed,    "method_not_allowed",   405,  405, "invalid_request_error", "method_not_allowed",      "invalid_request_error", 100001, 2},
    ErrorRow{TooLarge,            "too_large",            413,  413, "invalid_request_error", "request_too_large",       "request_too_large",     100001, 2},
    ErrorRow{RateLimited,         "rate_limited",         429,  429, "rate_limit_error",      "rate_limit_exceeded",     "rate_limit_error",      600100, 4},
    ErrorRow{UpstreamUnreachable, "upstream_unreachable", 502,  502, "api_connection_error",  "connection_error",        "api_error",             600004, 3},
    ErrorRow{UpstreamInvalid,     "upstream_invalid",     502,  502, "api_response_error",    "response_error",          "api_error",             600004, 3},
    ErrorRow{UpstreamCredentials, "upstream_credentials", 502,  502, "server_error",          "upstream_authentication", "api_error",             600004, 3},
    ErrorRow{NoPlatform,          "no_platform",          503,  529, "server_error",          "no_upstream",             "overloaded_error",      600002, 3},
    ErrorRow{Overloaded,          "overloaded",           503,  529, "server_error",          "overloaded",              "overloaded_error",      600005, 3},
    ErrorRow{StoreUnavailable,    "store_unavailable",    503,  529, "server_error",          "unavailable",             "overloaded_error",      600005, 3},
    ErrorRow{UpstreamTimeout,     "upstream_timeout",     504,  504, "server_error",          "timeout",                 "timeout_error",         600003, 3},
    ErrorRow{Internal,            "internal",             500,  500, "server_error",          "internal",                "api_error",             100500, 3},
    ErrorRow{Conflict,            "conflict",             409,  409, "invalid_request_error", "conflict",                "invalid_request_error", 300002, 2},
    ErrorRow{Gone,                "gone",                 410,  410, "invalid_request_error", "gone",                    "not_found_error",       100003, 2},
    ErrorRow{MalformedHttp,       "malformed_http",       400,  400, "invalid_request_error", "malformed_http",          "invalid_request_error", 100001, 2},
    ErrorRow{Cancelled,           "cancelled",            499,  499, "",                      "cancelled",               "",                      100004, 130},
    ErrorRow{Config,              "config",               0,    0,   "",                      "",                        "",                      0,      2},
    ErrorRow{Usage,               "usage",                0,    0,   "",                      "",                        "",                      0,      2},
    ErrorRow{ExpectationFailed,   "expectation_failed",   0,    0,   "",                      "",                        "",                      0,      1},
};
// clang-format on

constexpr bool rows_are_in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (static_cast<std::size_t>(kRows[i].code) != i) return false;
    }
    return kRows.size() == static_cast<std::size_t>(ExpectationFailed) + 1;
}
static_assert(rows_are_in_order(), "error_row() indexes the table by the code");

}  // namespace

const ErrorRow& error_row(ErrorCode code) {
    const auto index = static_cast<std::size_t>(code);
    assert(index < kRows.size());
    return kRows[index];
}

std::span<const ErrorRow> error_rows() {
    return kRows;
}

std::string render_line(const Error& error) {
    if (error.hint.empty()) return error.message;
    constexpr std::string_view kColon = ": ";
    std::string line;
    line.reserve(error.message.size() + kColon.size() + error.hint.size());
    return line.append(error.message).append(kColon).append(error.hint);
}

}  // namespace aigw
