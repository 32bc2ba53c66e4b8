// Prompts in ChatML, as Qwen's chat templates render them: to the token.
//
// Shape:   what stands between two special tokens is one text, for a message that begins with line
//          ends merges with the one behind its role. Text that spells a special token is text.
// Exact:   of messages of one text each. Tools and calls are written in the order in which servers
//          keep their members, and several texts of a message with line ends between them: no
//          server has promised either.
// Source:  huggingface.co/Qwen/Qwen3-8B and Qwen2.5-7B-Instruct (tokenizer_config.json:
//          chat_template).
#pragma once

#include <span>

#include "protocol/chat_request.h"
#include "tokens/prompt_tally.h"
#include "tokens/turns.h"

namespace aigw::tokens {

void add_chat_ml_prompt(const protocol::ChatRequest& chat, std::span<const Turn> turns,
                        PromptTally& tally);

}  // namespace aigw::tokens
