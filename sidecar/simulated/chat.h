// What a simulated model answers to a conversation, whatever wire it came by.
//
// Shape:   a vendor checks the request in its own words, says in a `ChatOrder` what it understood,
//          and renders the `ChatAnswer` in its own shape.
// Tools:   a forced tool is called; otherwise, when the last message is the user's, every tool that
//          it names. After a tool's result the answer is text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/simulated/json.h"

namespace aigw::simulated {

// What the messages say, as far as an answer depends on it.
struct Prompt {
    std::string last_user{};    // the text of the last user message
    std::string last_role{};    // of the last message
    std::string tool_result{};  // the text of the last message, when it is a tool's
    std::uint64_t image_count = 0;
    std::int64_t tokens = 0;
};

// `messages` and `tools` of a checked request.
Prompt read_prompt(const Json& body);
// The text of a content that is a string or an array of parts.
std::string text_of_content(const Json& content);
// True when "json" occurs in any message, in any case.
bool mentions_json(const Json& body);

struct ChatOrder {
    const Json& body;
    Prompt prompt{};
    std::string_view model{};
    std::int64_t choices = 1;
    std::optional<std::int64_t> max_answer_tokens{};  // not counting thoughts
    std::optional<std::int64_t> max_tokens{};         // thoughts and answer together
    std::optional<std::int64_t> max_thinking_tokens{};
    bool is_thinking = false;
    bool may_call_in_parallel = false;
    bool takes_functions = false;     // the deprecated `functions` and `function_call`
    bool talks_before_calls = false;  // says what it will call, unless it is forced to
};

struct ToolCall {
    std::string id{};
    std::string name{};
    std::string arguments{};  // of a custom tool: its input
    bool is_custom = false;
};

struct Choice {
    std::string thoughts{};
    std::string content{};
    std::vector<ToolCall> tool_calls{};
    bool is_function_call = false;  // the one call is of `functions`, not of `tools`
    std::string_view finish_reason = "stop";
    std::string stop_sequence{};  // the one that ended the content
};

struct TokenCounts {
    std::int64_t prompt = 0;
    std::int64_t cached = 0;      // part of prompt: half of a prompt of 1024 tokens or more
    std::int64_t completion = 0;  // with reasoning
    std::int64_t reasoning = 0;
    std::int64_t image = 0;  // part of prompt

    std::int64_t total() const { return prompt + completion; }
};

struct ChatAnswer {
    std::vector<Choice> choices{};
    TokenCounts tokens{};
};

ChatAnswer compose(const ChatOrder& order, std::uint64_t seed);

// The number a request stands for: it ignores whether and how the answer is streamed.
std::uint64_t seed_of_chat(const Json& body, std::uint64_t seed);

}  // namespace aigw::simulated
