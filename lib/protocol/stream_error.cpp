#include "protocol/stream_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
namespace {

struct Word {
    std::string_view text;
    ErrorCode code;
};

// Types and codes of both protocols.
constexpr std::array kWords = {
    Word{"context_length_exceeded", ErrorCode::ContextTooLong},
    Word{"insufficient_quota", ErrorCode::UpstreamCredentials},
    Word{"billing_hard_limit_reached", ErrorCode::UpstreamCredentials},
    Word{"billing_error", ErrorCode::UpstreamCredentials},
    Word{"authentication_error", ErrorCode::UpstreamCredentials},
    Word{"invalid_api_key", ErrorCode::UpstreamCredentials},
    Word{"permission_error", ErrorCode::UpstreamCredentials},
    Word{"rate_limit_exceeded", ErrorCode::RateLimited},
    Word{"rate_limit_error", ErrorCode::RateLimited},
    Word{"overloaded", ErrorCode::Overloaded},
    Word{"overloaded_error", ErrorCode::Overloaded},
    Word{"timeout", ErrorCode::UpstreamTimeout},
    Word{"timeout_error", ErrorCode::UpstreamTimeout},
    Word{"model_not_found", ErrorCode::NotFound},
    Word{"not_found_error", ErrorCode::NotFound},
    Word{"request_too_large", ErrorCode::TooLarge},
    Word{"invalid_request_error", ErrorCode::InvalidRequest},
};

ErrorCode code_of_status(std::uint64_t status) {
    switch (status) {
        case 401:
        case 402:
        case 403:
            return ErrorCode::UpstreamCredentials;
        case 404:
            return ErrorCode::NotFound;
        case 408:
        case 504:
            return ErrorCode::UpstreamTimeout;
        case 413:
            return ErrorCode::TooLarge;
        case 429:
            return ErrorCode::RateLimited;
        case 503:
        case 529:
            return ErrorCode::Overloaded;
        default:
            return status >= 400 && status < 500 ? ErrorCode::InvalidRequest
                                                 : ErrorCode::UpstreamInvalid;
    }
}

bool is_context_overflow(const VendorError& said) {
    constexpr std::string_view kSigns[] = {"maximum context length", "prompt is too long",
                                           "exceeds the context", "exceed context limit"};
    const std::string message = to_lower(said.message);
    return std::ranges::any_of(
        kSigns, [&](std::string_view sign) { return message.find(sign) != std::string::npos; });
}

// The code says more than the type.
ErrorCode code_of(const VendorError& said) {
    if (is_context_overflow(said)) return ErrorCode::ContextTooLong;
    if (const auto status = parse_uint(said.code)) return code_of_status(*status);
    for (const std::string_view own : {said.code, said.type}) {
        const auto* const word = std::ranges::find(kWords, own, &Word::text);
        if (word != kWords.end()) return word->code;
    }
    return ErrorCode::UpstreamInvalid;
}

Error credentials_refused() {
    return {ErrorCode::UpstreamCredentials, "the upstream refused the gateway's credentials"};
}

Error failure_of(VendorError& said) {
    Error error{.code = code_of(said), .message = std::move(said.message)};
    if (error.message.empty()) error.message = "upstream reported an error without a message";
    return error;
}

}  // namespace

std::optional<Error> find_openai_stream_error(const JsonEvent& event) {
    const bool may_be_flat = event.root["message"].is_given() && event.root["code"].is_given();
    std::optional<VendorError> said;
    if (event.type == "error") {
        said = read_vendor_error(event.data);
    } else if (event.root["error"].is_given() || may_be_flat) {
        said = find_vendor_error(event.data);
    }
    if (!said) return std::nullopt;
    Error error = failure_of(*said);
    if (error.code == ErrorCode::UpstreamCredentials) return credentials_refused();
    error.wire_code = std::move(said->code);
    error.wire_type = std::move(said->type);
    error.param = std::move(said->param);
    return error;
}

std::optional<Error> find_anthropic_stream_error(const JsonEvent& event) {
    const JsonValue type = event.root["type"];
    const bool is_named = type.is("error") || (!type.is_given() && event.type == "error");
    if (!is_named && (type.is_given() || !event.root["error"].is_given())) return std::nullopt;
    auto found = find_vendor_error(event.data);
    VendorError said = found ? *std::move(found) : read_vendor_error(event.data);
    Error error = failure_of(said);
    if (error.code == ErrorCode::UpstreamCredentials) return credentials_refused();
    if (error.code == ErrorCode::NotFound) error.wire_code = "model_not_found";
    if (said.type == "api_error") error.wire_type = "server_error";
    return error;
}

Error truncated_stream() {
    return {.code = ErrorCode::UpstreamInvalid,
            .message = "upstream stream ended early",
            .wire_code = "upstream_stream_truncated"};
}

Error too_much_held() {
    return {ErrorCode::UpstreamInvalid,
            "what has to be held back of the upstream's stream is over 8 MiB"};
}

Error too_many_calls() {
    return {ErrorCode::UpstreamInvalid, "the upstream's answer has more than 4096 tool calls"};
}

}  // namespace aigw::protocol
