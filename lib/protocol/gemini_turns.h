// A conversation as Gemini's generateContent takes it, and how that is written.
//
// Order:   system prompts are one instruction, wherever they stood. Turns alternate, the user's
//          first and last. The results of a turn's calls stand together, directly behind it, in
//          the order of the calls; media in them follow, with a line that says whose they are.
// Signed:  a signature goes back with the part that had it: that of thinking to the call behind
//          it, what no call takes to the turn's last text. Where a model wants one and another
//          vendor's history has none, the first call of a turn gets the traits' placeholder.
// Source:  ai.google.dev/api/caching ("Content"), ai.google.dev/gemini-api/docs/function-calling,
//          …/thought-signatures; the conversion contract, sections 3.2 to 3.4.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

struct GeminiTurns {
    std::vector<std::string> system{};
    std::vector<Message> messages{};
};

// Takes the request's messages. Errors: invalid_request when they end with calls.
Result<GeminiTurns> arrange_gemini_turns(ChatRequest& request, RequestConversion& to);

// `"systemInstruction"` (unless there is none) and `"contents"`. Errors: invalid_request where
// content would vanish.
Result<void> write_gemini_turns(JsonWriter& json, const GeminiTurns& turns, RequestConversion& to);

}  // namespace aigw::protocol
