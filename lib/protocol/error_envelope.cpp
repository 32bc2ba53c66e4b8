#include "protocol/error_envelope.h"

#include <algorithm>

#include "base/text.h"
#include "protocol/sse.h"

namespace aigw::protocol {
namespace {

constexpr int kFirstServerError = 500;
constexpr std::size_t kUsualBody = 256;

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append("\"").append(name).append("\":");
    append_json_string(out, value);
}

void append_field_or_null(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) return append_field(out, name, value);
    out.append("\"").append(name).append("\":null");
}

std::string_view first_of(std::string_view own, std::string_view of_row) {
    return own.empty() ? of_row : own;
}

std::string openai_body(const Error& error) {
    const ErrorRow& row = error_row(error.code);
    std::string body;
    body.reserve(kUsualBody);
    body.append("{\"error\":{");
    append_field(body, "message", render_line(error));
    body.push_back(',');
    append_field_or_null(body, "type", first_of(error.wire_type, row.openai_type));
    body.push_back(',');
    append_field_or_null(body, "param", error.param);
    body.push_back(',');
    append_field_or_null(body, "code", first_of(error.wire_code, row.openai_code));
    return body.append("}}");
}

// Claude Code compacts its history when a message begins like this.
std::string anthropic_message(const Error& error) {
    constexpr std::string_view kTooLong = "prompt is too long";
    std::string message = render_line(error);
    if (error.code == ErrorCode::ContextTooLong && !message.starts_with(kTooLong))
        message.insert(0, std::string(kTooLong) + ": ");
    return message;
}

std::string anthropic_body(const Error& error, std::string_view request_id) {
    std::string body = "{\"type\":\"error\",\"error\":{";
    append_field(body, "type", first_of(error_row(error.code).anthropic_type, "api_error"));
    body.push_back(',');
    append_field(body, "message", anthropic_message(error));
    body.append("},");
    append_field_or_null(body, "request_id", request_id);
    return body.append("}");
}

std::string s2_body(const Error& error) {
    const int code = error.s2_code != 0 ? error.s2_code : error_row(error.code).s2_code;
    std::string body = "{\"code\":" + std::to_string(code) + ",";
    append_field(body, "msg", render_line(error));
    return body.append(",\"data\":null}");
}

std::string body_of(const Error& error, Envelope envelope, std::string_view request_id) {
    switch (envelope) {
        case Envelope::OpenAi:
            return openai_body(error);
        case Envelope::Anthropic:
            return anthropic_body(error, request_id);
        case Envelope::S2:
            return s2_body(error);
    }
    return {};
}

// A vendor's own 4xx means something in its own protocol only; Anthropic's callers get the row's.
int anthropic_status(const Error& error) {
    const bool is_own = error.status >= kFirstServerError || error.code == ErrorCode::MalformedHttp;
    return is_own && error.status != 0 ? error.status : error_row(error.code).anthropic_http;
}

}  // namespace

RenderedError render_error(const Error& error, Envelope envelope, std::string_view request_id) {
    // Errors of the command line never travel; should one get here, the gateway is at fault.
    const int status =
        envelope == Envelope::Anthropic ? anthropic_status(error) : error.http_status();
    return {status == 0 ? kFirstServerError : status, body_of(error, envelope, request_id)};
}

std::string render_stream_error(const Error& error, Envelope envelope,
                                std::string_view request_id) {
    std::string out;
    append_sse_event(out, body_of(error, envelope, request_id),
                     envelope == Envelope::Anthropic ? "error" : "");
    return out;
}

std::string render_responses_error(const Error& error, std::int64_t sequence_number) {
    std::string data = R"({"type":"error","sequence_number":)" + std::to_string(sequence_number);
    data.push_back(',');
    append_field(data, "message", render_line(error));
    data.push_back(',');
    append_field_or_null(data, "param", error.param);
    data.push_back(',');
    append_field_or_null(data, "code",
                         first_of(error.wire_code, error_row(error.code).openai_code));
    data.append(",").append(std::string_view(openai_body(error)).substr(1));
    std::string out;
    append_sse_event(out, data, "error");
    return out;
}

std::optional<std::string> retry_after_header(const Error& error) {
    if (!error.retry_after) return std::nullopt;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
    return std::to_string(std::max<std::int64_t>(seconds, 1));
}

}  // namespace aigw::protocol
