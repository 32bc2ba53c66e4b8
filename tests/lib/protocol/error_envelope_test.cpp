#include "protocol/error_envelope.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

namespace {

struct Row {
    ErrorCode code;
    int openai_status;
    const char* openai;  // type, code
    int anthropic_status;
    const char* anthropic;
    int s2_code;
};

using enum ErrorCode;
constexpr Row kRows[] = {
    {InvalidRequest, 400, R"("invalid_request_error","param":null,"code":"invalid_value")", 400,
     "invalid_request_error", 100002},
    {ContextTooLong, 400,
     R"("invalid_request_error","param":null,"code":"context_length_exceeded")", 400,
     "invalid_request_error", 100002},
    {Unauthenticated, 401, R"("authentication_error","param":null,"code":"invalid_api_key")", 401,
     "authentication_error", 200001},
    {InsufficientFunds, 402, R"("insufficient_quota","param":null,"code":"insufficient_credits")",
     402, "billing_error", 500002},
    {Forbidden, 403, R"("permission_error","param":null,"code":"permission_denied")", 403,
     "permission_error", 200002},
    {NotFound, 404, R"("invalid_request_error","param":null,"code":"not_found")", 404,
     "not_found_error", 100003},
    {MethodNotAllowed, 405, R"("invalid_request_error","param":null,"code":"method_not_allowed")",
     405, "invalid_request_error", 100001},
    {TooLarge, 413, R"("invalid_request_error","param":null,"code":"request_too_large")", 413,
     "request_too_large", 100001},
    {RateLimited, 429, R"("rate_limit_error","param":null,"code":"rate_limit_exceeded")", 429,
     "rate_limit_error", 600100},
    {UpstreamUnreachable, 502, R"("api_connection_error","param":null,"code":"connection_error")",
     502, "api_error", 600004},
    {UpstreamInvalid, 502, R"("api_response_error","param":null,"code":"response_error")", 502,
     "api_error", 600004},
    {UpstreamCredentials, 502, R"("server_error","param":null,"code":"upstream_authentication")",
     502, "api_error", 600004},
    {NoPlatform, 503, R"("server_error","param":null,"code":"no_upstream")", 529,
     "overloaded_error", 600002},
    {Overloaded, 503, R"("server_error","param":null,"code":"overloaded")", 529, "overloaded_error",
     600005},
    {StoreUnavailable, 503, R"("server_error","param":null,"code":"unavailable")", 529,
     "overloaded_error", 600005},
    {UpstreamTimeout, 504, R"("server_error","param":null,"code":"timeout")", 504, "timeout_error",
     600003},
    {Internal, 500, R"("server_error","param":null,"code":"internal")", 500, "api_error", 100500},
    {Conflict, 409, R"("invalid_request_error","param":null,"code":"conflict")", 409,
     "invalid_request_error", 300002},
    {Gone, 410, R"("invalid_request_error","param":null,"code":"gone")", 410, "not_found_error",
     100003},
    {MalformedHttp, 400, R"("invalid_request_error","param":null,"code":"malformed_http")", 400,
     "invalid_request_error", 100001},
    {Cancelled, 499, R"(null,"param":null,"code":"cancelled")", 499, "api_error", 100004},
    // These end commands and never travel; should one escape, it is a fault of the gateway.
    {Config, 500, R"(null,"param":null,"code":null)", 500, "api_error", 0},
    {Usage, 500, R"(null,"param":null,"code":null)", 500, "api_error", 0},
    {ExpectationFailed, 500, R"(null,"param":null,"code":null)", 500, "api_error", 0},
};

}  // namespace

TEST_CASE("protocol: every error has its place in every envelope", "[protocol]") {
    CHECK(std::size(kRows) == error_rows().size());
    for (const Row& row : kRows) {
        DYNAMIC_SECTION(error_row(row.code).name) {
            const Error error{row.code, "it \"broke\"", "mend it"};
            CHECK(render_error(error, Envelope::OpenAi, "req_1") ==
                  RenderedError{row.openai_status,
                                R"({"error":{"message":"it \"broke\": mend it","type":)" +
                                    std::string(row.openai) + "}}"});
            const std::string prefix =
                row.code == ContextTooLong ? "prompt is too long: " : std::string();
            CHECK(render_error(error, Envelope::Anthropic, "req_1") ==
                  RenderedError{row.anthropic_status,
                                R"({"type":"error","error":{"type":")" +
                                    std::string(row.anthropic) + R"(","message":")" + prefix +
                                    R"(it \"broke\": mend it"},"request_id":"req_1"})"});
            CHECK(render_error(error, Envelope::S2, "req_1") ==
                  RenderedError{row.openai_status,
                                "{\"code\":" + std::to_string(row.s2_code) +
                                    R"(,"msg":"it \"broke\": mend it","data":null})"});
        }
    }
}

TEST_CASE("protocol: an error's own words refine its row", "[protocol]") {
    Error error{.code = InvalidRequest,
                .message = "bad",
                .wire_code = "unsupported_value",
                .param = "temperature"};
    error.status = 422;
    error.s2_code = 100001;
    error.wire_type = "image_generation_user_error";
    CHECK(
        render_error(error, Envelope::OpenAi, "") ==
        RenderedError{
            422,
            R"({"error":{"message":"bad","type":"image_generation_user_error","param":"temperature","code":"unsupported_value"}})"});
    CHECK(
        render_error(error, Envelope::Anthropic, "") ==
        RenderedError{
            400,
            R"({"type":"error","error":{"type":"invalid_request_error","message":"bad"},"request_id":null})"});
    CHECK(render_error(error, Envelope::S2, "").body ==
          R"({"code":100001,"msg":"bad","data":null})");

    error.code = UpstreamInvalid;
    error.status = 500;
    CHECK(render_error(error, Envelope::OpenAi, "").status == 500);
    CHECK(render_error(error, Envelope::Anthropic, "").status == 500);
    error.code = MalformedHttp;
    error.status = 431;
    CHECK(render_error(error, Envelope::Anthropic, "").status == 431);

    const Error compact{ContextTooLong, "prompt is too long: 9 tokens over"};
    CHECK(
        render_error(compact, Envelope::Anthropic, "r").body ==
        R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens over"},"request_id":"r"})");
}

TEST_CASE("protocol: an error in a stream is an event of its protocol", "[protocol]") {
    const Error error{UpstreamTimeout, "too slow"};
    CHECK(render_stream_error(error, Envelope::OpenAi, "r") ==
          "data: {\"error\":{\"message\":\"too slow\",\"type\":\"server_error\",\"param\":null,"
          "\"code\":\"timeout\"}}\n\n");
    CHECK(render_stream_error(error, Envelope::Anthropic, "r") ==
          "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
          "\"message\":\"too slow\"},\"request_id\":\"r\"}\n\n");
    CHECK(render_stream_error(error, Envelope::S2, "r") ==
          "data: {\"code\":600003,\"msg\":\"too slow\",\"data\":null}\n\n");
}

TEST_CASE("protocol: retry-after is whole seconds, rounded up", "[protocol]") {
    using std::chrono::milliseconds;
    struct Case {
        std::optional<milliseconds> delay;
        std::optional<std::string> header;
    };
    const Case cases[] = {{std::nullopt, std::nullopt}, {milliseconds(0), "1"},
                          {milliseconds(1), "1"},       {milliseconds(1000), "1"},
                          {milliseconds(1001), "2"},    {milliseconds(60000), "60"}};
    for (const Case& c : cases) {
        Error error{RateLimited, "slow down"};
        error.retry_after = c.delay;
        CHECK(retry_after_header(error) == c.header);
    }
}
