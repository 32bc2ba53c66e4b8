// What an upstream says in an answer's head of its limits, in the words of the caller's protocol.
//
// Shape:   one field at a time. OpenAI: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`,
//          the reset a duration ("6m0s", "12ms"; some servers: seconds). Anthropic:
//          `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset a time. Its
//          windows of input and output tokens have no place in OpenAI's words.
// Source:  the conversion contract, section 10; the vendors' sheets, section 1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/operation.h"
#include "base/time.h"

namespace aigw::protocol {

// Name and value for the caller; nothing where the field is of another kind, says what the caller's
// protocol can't say, or can't be read. `name` in any case of letters.
std::optional<std::pair<std::string, std::string>> translate_rate_limit(std::string_view name,
                                                                        std::string_view value,
                                                                        Protocol caller,
                                                                        TimePoint now);

}  // namespace aigw::protocol
