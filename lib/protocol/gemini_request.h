// Requests of Gemini's generateContent, written for the model that the traits describe.
//
// Shape:   the model and whether the answer is a stream are said in the address, not in the body.
//          Only fields that Gemini knows are sent: it refuses others. What can't be said is named
//          in `to.losses`. Errors: invalid_request where content would vanish, and for several
//          answers or one in sound.
// Source:  ai.google.dev/api/generate-content; the conversion contract, sections 3 and 6 (what
//          becomes of each protocol's fields).
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"

namespace aigw::protocol {

Result<std::string> write_gemini_request(ChatRequest request, RequestConversion& to);

}  // namespace aigw::protocol
