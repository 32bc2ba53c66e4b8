// The `input` of OpenAI's Responses, read into neutral messages.
#pragma once

#include <vector>

#include "base/result.h"
#include "protocol/chat_parts.h"
#include "protocol/json_tree.h"
#include "protocol/losses.h"

namespace aigw::protocol {

// `input` is a text or the array; an item is a message, but for the assistant's, which make up one
// turn. What the vendor's own tools did becomes words of the assistant's, which `losses` name;
// arguments that are no JSON object are put into one. Errors: invalid_request, `param` the path.
Result<std::vector<Message>> read_responses_input(JsonValue input, Losses& losses);

}  // namespace aigw::protocol
