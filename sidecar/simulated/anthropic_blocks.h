// The shape of Anthropic's content blocks: which there are, where each may stand, what it holds.
//
// Source: the Messages API reference, "content"; the order in which blocks may follow each other is
//         in anthropic_messages.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/anthropic_words.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

enum class Place : std::uint8_t { User, Assistant, System, ToolResult };

// `path` is that of the block, "messages.0.content.1".
Verdict refuse_block(const Json& block, std::string_view path, Place place, const Terms& terms);

// A mark for the cache: {"type":"ephemeral","ttl":"5m" or "1h"}.
Verdict refuse_cache_control(const Json& holder, std::string_view path);

// 1 to `longest` of [A-Za-z0-9_-].
bool is_tool_name(std::string_view name, std::size_t longest);

}  // namespace aigw::simulated::anthropic
