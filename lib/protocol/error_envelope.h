// Errors as each protocol's callers read them.
//
// Shape:   OpenAI    {"error":{"message","type","param","code"}}
//          Anthropic {"type":"error","error":{"type","message"},"request_id"}
//          S2        {"code","msg","data":null}
// Words:   the message, then the hint after ": ", as on a terminal.
// Table:   status, types and numbers are those of base/error.h; nothing here knows a status.
// Source:  platform.openai.com/docs/guides/error-codes, docs.anthropic.com/en/api/errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/operation.h"

namespace aigw::protocol {

enum class Envelope : std::uint8_t { OpenAi, Anthropic, S2 };

// That of the callers of a protocol.
constexpr Envelope envelope_of(Protocol protocol) {
    return protocol == Protocol::Anthropic ? Envelope::Anthropic : Envelope::OpenAi;
}

struct RenderedError {
    int status = 500;
    std::string body{};  // application/json
    friend bool operator==(const RenderedError&, const RenderedError&) = default;
};

RenderedError render_error(const Error& error, Envelope envelope, std::string_view request_id);

// The same as the last event of a stream, whose status has long gone out.
std::string render_stream_error(const Error& error, Envelope envelope, std::string_view request_id);
// The same of a stream of OpenAI's Responses, whose events are numbered. Its own shape has the
// words at the top; what OpenAI's libraries raise is in `error`, as in every other stream.
std::string render_responses_error(const Error& error, std::int64_t sequence_number);

// Value of `retry-after`: whole seconds, rounded up, at least 1. Nothing when the error has no
// delay.
std::optional<std::string> retry_after_header(const Error& error);

}  // namespace aigw::protocol
