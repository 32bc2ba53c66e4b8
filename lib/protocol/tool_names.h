// Names of tools as OpenAI's Chat Completions takes them: 1 to 64 of [A-Za-z0-9_-].
//
// Shape:  a name that is longer or has other characters is cut at 55, bad characters become `_`,
// and
//         `_` and eight digits of the whole name's SHA-256 stand behind it. Pure: the next turn
//         gets the same name on any machine; what was renamed is in AnswerPlan::names for the way
//         back.
// Source: the conversion contract, section 6.3.
#pragma once

#include <string>
#include <string_view>

#include "protocol/chat_request.h"
#include "protocol/conversion.h"

namespace aigw::protocol {

// `refused`: one more name that the server does not take.
std::string openai_tool_name(std::string_view name, std::string_view refused,
                             const ConversionOptions& options);

// Renames tools, the choice and the calls of the history; records in `to.plan.names` what it did.
void rename_tools(ChatRequest& request, RequestConversion& to);

}  // namespace aigw::protocol
