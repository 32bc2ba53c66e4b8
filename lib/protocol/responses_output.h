// What is read of an upstream's Responses, whole or streamed.
//
// Source:  platform.openai.com/docs/api-reference/responses/object.
#pragma once

#include <string>
#include <string_view>

#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// How the answer ended; `refusal` is what the model refused in words.
Stop read_responses_stop(JsonValue response, std::string_view refusal);

}  // namespace aigw::protocol
