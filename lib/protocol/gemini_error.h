// What Gemini says when it refuses: the errors of Google's APIs.
//
// Shape:   {"error":{"code","message","status","details":[…]}}, perhaps the one element of an
//          array. Of the details count ErrorInfo's reason, RetryInfo's delay and whether
//          QuotaFailure names a quota of a whole day.
// Codes:   a key that is no good comes as 400, and so do regions and accounts that are not served;
//          everything else is what the status says, or its name where there is no status.
// Source:  google.rpc.Status and google.rpc.error_details (googleapis/googleapis);
//          ai.google.dev/gemini-api/docs/troubleshooting.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {

struct GeminiError {
    ErrorCode code = ErrorCode::UpstreamInvalid;
    VendorError said{};  // `code`: why the key is no good, else the status's name or number
    std::optional<std::chrono::milliseconds> retry_after{};
    bool is_daily = false;  // a quota of the whole day is used up
    friend bool operator==(const GeminiError&, const GeminiError&) = default;
};

// Of a reply's body, with the status that it came with; 0 in a stream. Never fails.
GeminiError read_gemini_error(std::string_view body, int status);

}  // namespace aigw::protocol
