// The `messages` of OpenAI's Chat Completions, read into neutral ones.
#pragma once

#include <vector>

#include "base/result.h"
#include "protocol/chat_parts.h"
#include "protocol/json_tree.h"
#include "protocol/losses.h"

namespace aigw::protocol {

// `messages` is the array. Errors: invalid_request, `param` the path.
Result<std::vector<Message>> read_openai_messages(JsonValue messages, Losses& losses);

}  // namespace aigw::protocol
