// Fields that the bodies of Chat Completions and of Responses have in common.
//
// Absent:  null and absent mean the same, and give nothing.
// Errors:  invalid_request, `param` the path.
// Source:  platform.openai.com/docs/api-reference/chat/create and /responses/create.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// A whole number of at least 1.
Result<std::optional<std::int64_t>> read_limit(JsonValue value, std::string_view path);
// From 0 to `max`.
Result<std::optional<Number>> read_number(JsonValue value, std::string_view path, double max);
// temperature, top_p and, of other vendors, top_k.
Result<void> read_sampling(JsonValue body, ChatRequest& request);
// A text, or a list of them.
Result<void> read_stop(JsonValue stop, ChatRequest& request);
Result<std::optional<bool>> read_flag(JsonValue value, std::string_view path);

// A tool choice in one word.
Result<ToolChoice::Mode> read_choice_mode(JsonValue mode, std::string_view path);
Result<void> read_schema(JsonValue schema, const std::string& path, std::string& out);
// The name, the description, the schema of a function.
Result<void> read_function(JsonValue function, const std::string& path, Tool& tool);

Result<void> read_effort(JsonValue value, std::string_view path, Reasoning& reasoning);
ServiceTier read_tier(JsonValue value);
// safety_identifier, user or metadata.user_id: the first of them that is given.
void read_user(JsonValue body, ChatRequest& request);

}  // namespace aigw::protocol
