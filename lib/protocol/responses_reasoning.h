// Reasoning items of OpenAI's Responses: what a model thought, and what lets its vendor read it
// again.
//
// Sealed:  `encrypted_content` holds a vendor's signature, or a whole block of redacted thinking,
//          behind a word that says which. Content without such a word is OpenAI's own, and goes on
//          as sealed_reasoning.h has it.
// Source:  platform.openai.com/docs/guides/reasoning (encrypted reasoning items); the conversion
//          contract, sections 3.3 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/chat_parts.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// OpenAI's own content comes out as it was.
std::string seal_signature(std::string_view signature);
std::string seal_redacted(std::string_view data);

// Whether a body holds what was sealed here: no vendor can open that, and OpenAI refuses it.
bool has_own_seal(std::string_view body);

// Nothing when there is neither a thought that can be read nor a content.
std::optional<Part> read_reasoning_item(JsonValue item);

}  // namespace aigw::protocol
