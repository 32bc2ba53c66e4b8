// Prompts of vendors whose template is known by what it adds to each message: all but Qwen's.
//
// Source:  github.com/openai/openai-cookbook, examples/How_to_count_tokens_with_tiktoken.ipynb,
//          section 6 (OpenAI); lib/tokens/data/model_rows.h (others).
#pragma once

#include <span>

#include "protocol/chat_request.h"
#include "tokens/prompt_tally.h"
#include "tokens/turns.h"

namespace aigw::tokens {

void add_enveloped_prompt(const protocol::ChatRequest& chat, std::span<const Turn> turns,
                          PromptTally& tally);

// The same of turns that are texts alone.
void add_plain_turns(std::span<const protocol::PlainTurn> turns, PromptTally& tally);

}  // namespace aigw::tokens
