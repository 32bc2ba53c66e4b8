// What vendors' failures have in common: how long to wait, whose fault it is. What their statuses
// and words mean is in protocol/error_meaning.h.
//
// Source:  RFC 9110 (statuses, Retry-After); the conversion contract, section 9; retry-after-ms is
//          OpenAI's.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "http/message.h"
#include "protocol/json_tree.h"
#include "protocol/vendor_error.h"

namespace aigw::providers {

// A vendor's name for an error, a glob, and what it means by it.
struct Meaning {
    std::string_view name;
    ErrorCode code;
};
// Of the first row that fits; nothing: no row does.
std::optional<ErrorCode> find_meaning(std::span<const Meaning> meanings, std::string_view name);

// `retry-after-ms`, else `retry-after`, as seconds or as a date by the vendor's own clock.
std::optional<std::chrono::milliseconds> retry_after(const http::Headers& headers);

bool is_json_object(std::string_view body);
// What the reply says went wrong; a page or a sentence from something in between is quoted, with
// its status.
protocol::VendorError read_words(const http::Response& reply);
// The whole Error: what the gateway's own key is to blame for is said without the vendor's words.
Error make_failure(ErrorCode code, int status, protocol::VendorError said,
                   const http::Headers& headers);

// A whole answer as JSON. Errors: upstream_invalid.
Result<protocol::JsonValue> parse_reply(protocol::JsonTree& tree, std::string_view body);

}  // namespace aigw::providers
