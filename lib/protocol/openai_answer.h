// What whole answers and streams of OpenAI's Chat Completions have in common.
//
// Source:  platform.openai.com/docs/api-reference/chat/object; the conversion contract, sections 4
//          and 7. `reasoning_content`, `thinking_blocks`, `provider_blocks` and a choice's
//          `stop_reason` are extensions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

// ---- Reading: a `message` or a `delta`
// -----------------------------------------------------------

// What servers call reasoning: the first of its names that has some. Replaces `out`.
void read_openai_reasoning(JsonValue message, std::string& out);
// `thinking_blocks`: thinking and redacted thinking, as they are.
std::vector<Part> read_thinking_blocks(JsonValue message);
// `content`: a text, or parts of which texts are taken. Replaces `out`.
void read_openai_content(JsonValue message, std::string& out);
// `refusal`, there or as a part of the content. Replaces `out`.
// The probabilities of the text's tokens, as ChatReply has them.
void read_openai_logprobs(JsonValue choice, std::string& out);
void read_openai_refusal(JsonValue message, std::string& out);
// Of a choice whose `finish_reason` is given; the stop sequence where the server names it.
Stop read_openai_stop(JsonValue choice);
// What was refused in words is a refusal, however the server says that it ended.
Stop refused_stop(Stop stop, std::string_view refusal);

// ---- Writing
// -------------------------------------------------------------------------------------

// Is there a block that says more than `reasoning_content` can?
bool needs_thinking_blocks(const std::vector<Part>& parts);
// The array of `thinking_blocks`: of the parts, those that are thinking.
void append_thinking_blocks(JsonWriter& json, const std::vector<Part>& parts);
// Their own words, else what stands for them; empty when nothing was refused.
std::string_view refusal_text(const Stop& stop, std::string_view refusal);
// "stop", "length", …
std::string_view finish_reason(const Stop& stop, const AnswerPlan& plan);
// The choice's `stop_reason`; empty when there is none.
std::string_view stop_reason_extension(const Stop& stop);
// A choice's `logprobs`, of at least one token.
void append_openai_logprobs(std::string& out, std::string_view tokens);
void append_openai_usage(JsonWriter& json, const Usage& usage);
// "default" for Anthropic's "standard"; empty when it has no equivalent.
std::string_view openai_service_tier(std::string_view tier);

}  // namespace aigw::protocol
