// What must hold of every body for Chat Completions, whatever it was made of: the contract's
// properties "pairing" and "no leak".
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_tree.h"

namespace aigw::protocol::tests {

// Empty, or what is wrong with the calls and results of `messages`.
inline std::string pairing_problem(JsonValue messages) {
    std::vector<std::string> open;
    std::size_t answered = 0;
    for (const JsonValue& message : messages) {
        if (message["role"].is("tool")) {
            if (answered == open.size()) return "a result without call";
            if (!message["tool_call_id"].is(open[answered])) return "a result of another call";
            ++answered;
            continue;
        }
        if (answered < open.size()) return "a call without result";
        open.clear();
        answered = 0;
        for (const JsonValue& call : message["tool_calls"]) {
            open.push_back(call["id"].text());
            if (open.back().empty() || open.back().size() > 40) return "an id of a bad length";
        }
    }
    return answered < open.size() ? "a last call without result" : "";
}

// The first key of the body that is neither OpenAI's nor one of the dialects in openai_dialects.h;
// schemas are the caller's own.
inline std::string foreign_key(JsonValue value) {
    constexpr std::array<std::string_view, 45> kKnown = {
        // top level
        "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "max_tokens",
        "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "response_format",
        "reasoning_effort", "user", "service_tier", "stream", "stream_options", "include_usage",
        "thinking", "enable_thinking", "thinking_budget", "reasoning_split",
        // messages
        "role", "content", "tool_calls", "tool_call_id", "id", "type", "function", "name",
        "arguments", "text", "image_url", "url", "file", "filename", "file_data",
        "reasoning_content", "reasoning_details", "partial",
        // tools and formats
        "description", "parameters", "strict", "json_schema", "schema"};
    for (const JsonValue& member : value) {
        const bool is_marked = member.has_key("cache_control") && member["type"].is("ephemeral");
        const bool is_known = is_marked || std::ranges::any_of(kKnown, [&](std::string_view name) {
                                  return member.has_key(name);
                              });
        if (value.is_object() && !is_known) return member.key();
        if (is_marked || member.has_key("parameters") || member.has_key("schema")) continue;
        if (std::string found = foreign_key(member); !found.empty()) return found;
    }
    return "";
}

}  // namespace aigw::protocol::tests
