#include "base/error.h"

#include <catch2/catch.hpp>

#include "base/result.h"

using namespace aigw;

TEST_CASE("error: the table has one whole row for every code", "[base]") {
    for (const ErrorRow& row : error_rows()) {
        DYNAMIC_SECTION(row.name) {
            CHECK(&error_row(row.code) == &row);
            CHECK_FALSE(row.name.empty());
            CHECK((row.exit_code == 1 || row.exit_code == 2 || row.exit_code == 3 ||
                   row.exit_code == 4 || row.exit_code == 130));
            if (row.http == 0) continue;
            CHECK(row.http >= 400);
            CHECK(row.s2_code != 0);
            CHECK_FALSE(row.openai_code.empty());
        }
    }
}

TEST_CASE("error: statuses and exits are those of the contract", "[base]") {
    struct Case {
        ErrorCode code;
        int http;
        int anthropic_http;
        std::string_view openai_type;
        std::string_view openai_code;
        std::string_view anthropic_type;
        int s2;
        int exit;
    };
    using enum ErrorCode;
    const Case cases[] = {
        {InvalidRequest, 400, 400, "invalid_request_error", "invalid_value",
         "invalid_request_error", 100002, 2},
        {ContextTooLong, 400, 400, "invalid_request_error", "context_length_exceeded",
         "invalid_request_error", 100002, 4},
        {Unauthenticated, 401, 401, "authentication_error", "invalid_api_key",
         "authentication_error", 200001, 4},
        {InsufficientFunds, 402, 402, "insufficient_quota", "insufficient_credits", "billing_error",
         500002, 4},
        {Forbidden, 403, 403, "permission_error", "permission_denied", "permission_error", 200002,
         4},
        {NotFound, 404, 404, "invalid_request_error", "not_found", "not_found_error", 100003, 2},
        {MethodNotAllowed, 405, 405, "invalid_request_error", "method_not_allowed",
         "invalid_request_error", 100001, 2},
        {TooLarge, 413, 413, "invalid_request_error", "request_too_large", "request_too_large",
         100001, 2},
        {RateLimited, 429, 429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error",
         600100, 4},
        {UpstreamUnreachable, 502, 502, "api_connection_error", "connection_error", "api_error",
         600004, 3},
        {UpstreamInvalid, 502, 502, "api_response_error", "response_error", "api_error", 600004, 3},
        {UpstreamCredentials, 502, 502, "server_error", "upstream_authentication", "api_error",
         600004, 3},
        {NoPlatform, 503, 529, "server_error", "no_upstream", "overloaded_error", 600002, 3},
        {Overloaded, 503, 529, "server_error", "overloaded", "overloaded_error", 600005, 3},
        {StoreUnavailable, 503, 529, "server_error", "unavailable", "overloaded_error", 600005, 3},
        {UpstreamTimeout, 504, 504, "server_error", "timeout", "timeout_error", 600003, 3},
        {Internal, 500, 500, "server_error", "internal", "api_error", 100500, 3},
        {Conflict, 409, 409, "invalid_request_error", "conflict", "invalid_request_error", 300002,
         2},
        {Gone, 410, 410, "invalid_request_error", "gone", "not_found_error", 100003, 2},
        {MalformedHttp, 400, 400, "invalid_request_error", "malformed_http",
         "invalid_request_error", 100001, 2},
        {Cancelled, 499, 499, "", "cancelled", "", 100004, 130},
        {Config, 0, 0, "", "", "", 0, 2},
        {Usage, 0, 0, "", "", "", 0, 2},
        {ExpectationFailed, 0, 0, "", "", "", 0, 1},
    };
    CHECK(std::size(cases) == error_rows().size());
    for (const Case& c : cases) {
        const ErrorRow& row = error_row(c.code);
        DYNAMIC_SECTION(row.name) {
            CHECK(row.http == c.http);
            CHECK(row.anthropic_http == c.anthropic_http);
            CHECK(row.openai_type == c.openai_type);
            CHECK(row.openai_code == c.openai_code);
            CHECK(row.anthropic_type == c.anthropic_type);
            CHECK(row.s2_code == c.s2);
            CHECK(row.exit_code == c.exit);
        }
    }
}

namespace {
Result<int> half(int n) {
    if (n % 2 != 0) return Error{ErrorCode::InvalidRequest, "odd", "use an even number"};
    return n / 2;
}
Result<int> quarter(int n) {
    return half(TRY(half(n)));
}
}  // namespace

TEST_CASE("error: TRY passes the value on and the error up", "[base]") {
    CHECK(*quarter(8) == 2);
    const auto failed = quarter(6);
    REQUIRE_FALSE(failed);
    CHECK(render_line(failed.error()) == "odd: use an even number");
}
