// JSON as the answer, for servers that speak Chat Completions: as a form where they can be held to
// one, else in words.
//
// Source:  the conversion contract, sections 3.6 and 6.1; the vendors' sheets.
#pragma once

#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"
#include "protocol/openai_reasoning.h"

namespace aigw::protocol {

// Puts into the system's message what the server can't be held to, or wants to read there beside
// `response_format`; what then is left of the form stays in the request.
void ask_in_words(ChatRequest& request, RequestConversion& to);
// Where JSON and thinking exclude each other, JSON wins.
void reconcile_format(const ChatRequest& request, ReasoningChoice& reasoning,
                      RequestConversion& to);
void write_openai_format(const ResponseFormat& format, JsonWriter& json);

}  // namespace aigw::protocol
