// Usage as OpenAI-like vendors report it, in disjoint parts.
//
// Shape:   prompt_tokens and completion_tokens are totals; the parts are taken out of them:
//          prompt_tokens_details.cached_tokens (DeepSeek: prompt_cache_hit_tokens; Moonshot:
//          cached_tokens beside the totals), prompt_tokens_details.cache_write_tokens (DashScope:
//          cache_creation_input_tokens), completion_tokens_details.reasoning_tokens.
//          Responses say input and output where chat says prompt and completion. A part larger than
//          its total is cut down to it; negative numbers count as absent.
// Source:  platform.openai.com/docs/api-reference/chat/object, api-docs.deepseek.com (create chat
//          completion), Alibaba Cloud Model Studio (OpenAI compatible - Chat, context cache).
#pragma once

#include <optional>
#include <string_view>

#include "base/usage.h"

namespace aigw::protocol {

// Of a whole, non-streamed chat or embeddings reply: its top-level `usage`, the last one if there
// are several. Nothing when there is none, it is null, or the body is no JSON object.
std::optional<Usage> read_usage(std::string_view reply_body);

// Of a `usage` object alone.
std::optional<Usage> read_usage_object(std::string_view usage_json);

}  // namespace aigw::protocol
