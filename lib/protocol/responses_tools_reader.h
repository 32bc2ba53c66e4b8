// Tools of OpenAI's Responses, and which of them is to be called.
//
// Source:  platform.openai.com/docs/api-reference/responses/create (tools, tool_choice).
#pragma once

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"
#include "protocol/losses.h"

namespace aigw::protocol {

// Tools that the vendor runs are a Vendor's. A choice of such a one is named as lost. Errors:
// invalid_request, `param` the path.
Result<void> read_responses_tools(JsonValue body, ChatRequest& request, Losses& losses);

}  // namespace aigw::protocol
