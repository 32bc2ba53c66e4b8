// Tools as Chat Completions has them: which are sent, which must be called, how many at once.
//
// Source: the conversion contract, section 6.3; the vendors' sheets for what their servers refuse.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"
#include "protocol/openai_reasoning.h"

namespace aigw::protocol {

// `tools` are sent as they stand: vendors' own have become functions or are gone.
struct ToolPlan {
    std::vector<Tool> tools{};
    ToolChoice choice{};  // Unset and Auto: not written
};

// Takes the tools out of the request. Errors: invalid_request when the choice names a tool that is
// not there.
Result<ToolPlan> plan_openai_tools(ChatRequest& request, RequestConversion& to);

// Where a server refuses a forced call while the model thinks: thinking that nobody asked for gives
// way, else the call is not forced.
void reconcile(ToolPlan& plan, ReasoningChoice& reasoning, RequestConversion& to);

void write_openai_tools(const ToolPlan& plan, const ChatRequest& request, RequestConversion& to,
                        JsonWriter& json);

}  // namespace aigw::protocol
