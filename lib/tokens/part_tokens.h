// What the parts of a message add to a prompt, whatever the template around them.
#pragma once

#include <string_view>

#include "protocol/chat_request.h"
#include "tokens/prompt_tally.h"

namespace aigw::tokens {

// How closely pictures are looked at where they do not say it themselves.
std::string_view usual_detail(const protocol::ChatRequest& chat);

// Pictures, documents, sound and film; true when the part is one of these. A document of text
// counts as its text, in `part`.
bool add_if_media(const protocol::Part& value, PromptPart part, std::string_view detail,
                  PromptTally& tally);

}  // namespace aigw::tokens
