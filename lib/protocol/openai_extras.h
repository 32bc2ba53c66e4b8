// Fields of a request that have no place of their own in a ChatRequest: written where the server
// knows them, else named as lost.
//
// Source: platform.openai.com/docs/api-reference/chat/create; the conversion contract, sections 1
//         (defaults) and 6.1.
#pragma once

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

// What of the rest of a request decides about its extras.
struct ExtrasContext {
    bool has_tools = false;
    bool thinks = false;
};
// Moves values into the server's ranges, and says in its words what has other words there.
void fit_openai_extras(ChatRequest& request, const ExtrasContext& context, RequestConversion& to);

// Errors: invalid_request for what can't be left out: several answers, an answer in sound.
Result<void> write_openai_extras(const ChatRequest& request, RequestConversion& to,
                                 JsonWriter& json);
// The same for a vendor who knows none of them.
Result<void> drop_openai_extras(const ChatRequest& request, RequestConversion& to);

}  // namespace aigw::protocol
