// What vendors mean by the statuses and the words of their errors, whole or in a stream, converted
// or passed on: the one table of it.
//
// Order:   a vendor's own adapter is asked first where it knows better; then a status, then words.
// Source:  platform.openai.com/docs/guides/error-codes, docs.anthropic.com/en/api/errors,
//          ai.google.dev/gemini-api/docs/troubleshooting; the conversion contract, section 9.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {

// 401 to 403 are about the gateway's own key and account.
ErrorCode code_of_status(int status);
// The prompt is larger than the model takes, by the code or the message.
bool is_context_overflow(const VendorError& said);
// Where no status says it, in a stream or with a good status: a code says more than a type, and a
// number there is a status.
ErrorCode code_of_words(const VendorError& said);
// What one vendor means by words of its own; nothing: what they mean everywhere.
using VendorMeaning = std::function<std::optional<ErrorCode>(const VendorError&)>;
// The same, where `own`, which may be empty, is asked first.
ErrorCode code_of_words(const VendorError& said, const VendorMeaning& own);
// The error in the vendor's words, as far as they are for callers: what is said about the gateway's
// own credentials is its operator's affair, and names that mislead a caller's library go.
Error vendor_failure(ErrorCode code, VendorError said);
// Whether the text holds the words, which are lower case, in any case.
bool mentions(std::string_view text, std::string_view words);

}  // namespace aigw::protocol
