#include "protocol/stream_error.h"

#include <utility>

#include "protocol/error_meaning.h"
#include "protocol/gemini_error.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
std::optional<Error> find_openai_stream_error(const JsonEvent& event, const VendorMeaning& own) {
    const bool may_be_flat = event.root["message"].is_given() && event.root["code"].is_given();
    std::optional<VendorError> said;
    if (event.type == "error") {
        said = read_vendor_error(event.data);
    } else if (event.root["error"].is_given() || event.root["base_resp"].is_given() ||
               may_be_flat) {
        said = find_vendor_error(event.data);
    }
    if (!said) return std::nullopt;
    const ErrorCode code = code_of_words(*said, own);
    return vendor_failure(code, *std::move(said));
}

std::optional<Error> find_anthropic_stream_error(const JsonEvent& event) {
    const JsonValue type = event.root["type"];
    const bool is_named = type.is("error") || (!type.is_given() && event.type == "error");
    if (!is_named && (type.is_given() || !event.root["error"].is_given())) return std::nullopt;
    auto found = find_vendor_error(event.data);
    VendorError said = found ? *std::move(found) : read_vendor_error(event.data);
    const bool is_broken = said.type == "api_error";
    const ErrorCode code = code_of_words(said);
    Error error = vendor_failure(code, {.message = std::move(said.message)});
    if (code == ErrorCode::NotFound) error.wire_code = "model_not_found";
    if (is_broken) error.wire_type = "server_error";
    return error;
}

std::optional<Error> find_gemini_stream_error(const JsonEvent& event) {
    if (!event.root["error"].is_given()) return std::nullopt;
    GeminiError failed = read_gemini_error(event.data, 0);
    Error error = vendor_failure(failed.code, {.message = std::move(failed.said.message)});
    if (error.code == ErrorCode::NotFound) error.wire_code = "model_not_found";
    error.retry_after = failed.retry_after;
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
