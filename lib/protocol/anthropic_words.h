// What a block of Anthropic's own says in words, for a model that knows nothing of its kind.
//
// Shape:  a call of the vendor's tool is `[name input]`; of results and documents their texts,
// titles
//         and addresses, a line each; never base64, nor anything encrypted. A block without any
//         such text is `[type]`, so that none vanishes.
// Source: docs.anthropic.com/en/api/messages; the conversion contract, section 6.2.
#pragma once

#include <string>

#include "protocol/json_tree.h"

namespace aigw::protocol {

std::string words_of_block(JsonValue block);

}  // namespace aigw::protocol
