// What the caller's tools add to a prompt, and the form that is asked of the answer.
//
// OpenAI:  how it renders functions is not documented; the constants are those of its own example,
//          which they match, with each nested property counted like a property. Others are sent
//          the JSON.
// Source:  github.com/openai/openai-cookbook, examples/How_to_count_tokens_with_tiktoken.ipynb,
//          section 7.
#pragma once

#include <string>

#include "protocol/chat_request.h"
#include "tokens/prompt_tally.h"

namespace aigw::tokens {

// By the model's envelope.
void add_tools(const protocol::ChatRequest& chat, PromptTally& tally);
// A forced choice of a tool, and a schema of the answer.
void add_constraints(const protocol::ChatRequest& chat, PromptTally& tally);

}  // namespace aigw::tokens
