// `system` and `messages` of Anthropic's Messages, read into neutral ones.
//
// Tools:  blocks that add a tool to the list or take one away go to `changes`; those that it can't
//         follow stay as a vendor's part without words.
// Errors: invalid_request, `param` the path: a block of a kind that nobody knows would vanish, so
// it
//         is refused.
// Source: docs.anthropic.com/en/api/messages; the conversion contract, section 6.2.
#pragma once

#include <vector>

#include "base/result.h"
#include "protocol/anthropic_tools_reader.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// Appends one system message, unless there is nothing to say.
Result<void> read_anthropic_system(JsonValue system, std::vector<Message>& messages,
                                   ToolChanges& changes);

// Appends the messages.
Result<void> read_anthropic_messages(JsonValue list, std::vector<Message>& messages,
                                     ToolChanges& changes);

}  // namespace aigw::protocol
