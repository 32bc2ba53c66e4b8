// What a body asks a model to read, in whatever protocol it came.
//
// Shape:   of a chat, the neutral request that the protocol's reader makes, and the names of
//          authors, which that request has no room for; of completions and embeddings, the texts,
//          and how many tokens came as tokens.
// Refused: what a reader refuses still has a size: its messages, or its texts alone, are kept, and
//          is_whole says so.
// Media:   base64 stays in the parts of the request; it is never among the texts.
// Errors:  invalid_request for a body that is no JSON.
// Threads: pure functions.
// Source:  platform.openai.com/docs/api-reference (chat, responses, completions, embeddings);
//          docs.anthropic.com/en/api/messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"

namespace aigw::tokens {

struct Prompt {
    protocol::ChatRequest chat{};
    std::vector<std::string> names{};  // by the message's index in the body; shorter: none
    std::vector<std::string> texts{};  // in place of the chat, or what was not read of it
    std::int64_t token_ids = 0;        // of inputs that came as tokens
    bool is_whole = true;
};

Result<Prompt> read_prompt(std::string_view body, Protocol protocol, Operation operation);
Prompt read_prompt(protocol::JsonValue body, Protocol protocol, Operation operation);

}  // namespace aigw::tokens
