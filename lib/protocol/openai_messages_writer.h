// The `messages` of Chat Completions, for the model that the traits describe.
//
// Order:  the results of a turn's calls stand directly after it, one `tool` message each; then one
//         message with whatever else the user's turn has.
// Before: the history is in order (history.h), tools have the names that the server takes.
// Errors: invalid_request where content would vanish.
// Source: the conversion contract, section 6.2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

// Where the traits want sealed reasoning back: a list of `thinking`, its `signature`, and the
// number of `calls` before it.
inline constexpr std::string_view kSealedThoughts = "sealed_thoughts";

// Without Claude Code's first line of the system prompt: another one for every call, which no cache
// likes.
std::string without_billing_header(std::string text);

// Writes the array.
Result<void> write_openai_messages(const ChatRequest& request, RequestConversion& to,
                                   JsonWriter& json);

}  // namespace aigw::protocol
