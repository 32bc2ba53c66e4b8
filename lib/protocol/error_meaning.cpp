#include "protocol/error_meaning.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace aigw::protocol {
namespace {

constexpr int kFirstError = 400;
constexpr int kFirstServerError = 500;
constexpr int kPastErrors = 600;

struct Word {
    std::string_view text;
    ErrorCode code;
};

// Types and codes of OpenAI's and Anthropic's protocols, and the statuses of Google's APIs.
constexpr std::array kWords = {
    Word{"context_length_exceeded", ErrorCode::ContextTooLong},
    Word{"insufficient_quota", ErrorCode::UpstreamCredentials},
    Word{"billing_hard_limit_reached", ErrorCode::UpstreamCredentials},
    Word{"billing_not_active", ErrorCode::UpstreamCredentials},
    Word{"account_deactivated", ErrorCode::UpstreamCredentials},
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
    Word{"INVALID_ARGUMENT", ErrorCode::InvalidRequest},
    Word{"OUT_OF_RANGE", ErrorCode::InvalidRequest},
    Word{"CANCELLED", ErrorCode::InvalidRequest},
    Word{"FAILED_PRECONDITION", ErrorCode::UpstreamCredentials},
    Word{"UNAUTHENTICATED", ErrorCode::UpstreamCredentials},
    Word{"PERMISSION_DENIED", ErrorCode::UpstreamCredentials},
    Word{"NOT_FOUND", ErrorCode::NotFound},
    Word{"RESOURCE_EXHAUSTED", ErrorCode::RateLimited},
    Word{"UNAVAILABLE", ErrorCode::Overloaded},
    Word{"DEADLINE_EXCEEDED", ErrorCode::UpstreamTimeout},
};

// How vendors say that a prompt is too long.
constexpr std::array<std::string_view, 7> kOverflows = {"maximum context length",
                                                        "prompt is too long",
                                                        "exceeds the context",
                                                        "exceed context limit",
                                                        "context window exceeds",
                                                        "range of input length",
                                                        "exceeds the maximum number of tokens"};

}  // namespace

ErrorCode code_of_status(int status) {
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
        case 409:
            return ErrorCode::Conflict;
        case 413:
            return ErrorCode::TooLarge;
        case 429:
            return ErrorCode::RateLimited;
        case 503:
        case 529:
            return ErrorCode::Overloaded;
        default:
            break;
    }
    const bool is_callers = status >= kFirstError && status < kFirstServerError;
    return is_callers ? ErrorCode::InvalidRequest : ErrorCode::UpstreamInvalid;
}

bool is_context_overflow(const VendorError& said) {
    return said.code == "context_length_exceeded" ||
           std::ranges::any_of(
               kOverflows, [&](std::string_view words) { return mentions(said.message, words); });
}

ErrorCode code_of_words(const VendorError& said) {
    if (is_context_overflow(said)) return ErrorCode::ContextTooLong;
    const auto status = parse_uint(said.code);
    if (status && *status >= kFirstError && *status < kPastErrors)
        return code_of_status(static_cast<int>(*status));
    for (const std::string_view own : {std::string_view(said.code), std::string_view(said.type)}) {
        const auto* const word = std::ranges::find(kWords, own, &Word::text);
        if (word != kWords.end()) return word->code;
    }
    return ErrorCode::UpstreamInvalid;
}

ErrorCode code_of_words(const VendorError& said, const VendorMeaning& own) {
    const auto code = own ? own(said) : std::nullopt;
    return code ? *code : code_of_words(said);
}

Error vendor_failure(ErrorCode code, VendorError said) {
    if (code == ErrorCode::UpstreamCredentials)
        return {code, "the upstream refused the gateway's credentials"};
    Error error{.code = code, .message = std::move(said.message)};
    if (error.message.empty()) error.message = "upstream reported an error without a message";
    // DashScope's word for a throttle is OpenAI's for an empty account, on which SDKs give up.
    if (code == ErrorCode::RateLimited && said.code == "insufficient_quota") said = {};
    // Callers shorten their prompt where they read OpenAI's name of it.
    if (code == ErrorCode::ContextTooLong) {
        said.code.clear();
        said.type.clear();
    }
    error.wire_code = std::move(said.code);
    error.wire_type = std::move(said.type);
    error.param = std::move(said.param);
    return error;
}

bool mentions(std::string_view text, std::string_view words) {
    return to_lower(text).find(words) != std::string::npos;
}

}  // namespace aigw::protocol
