// A conversation as Anthropic's Messages takes it, and how that is written.
//
// Source: the conversion contract, sections 3.2 to 3.4.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

// Whether a turn of the assistant at the end may be continued by the model.
enum class Prefill : bool { No, Yes };

struct AnthropicTurns {
    std::vector<Part> system{};       // texts
    std::vector<Message> messages{};  // system ones among them where the model takes them
};

// Takes the request's messages. What Anthropic is known to refuse is repaired or said in words.
// Errors: invalid_request where content would vanish.
Result<AnthropicTurns> arrange_turns(ChatRequest& request, RequestConversion& to);

// The end of the conversation: a turn of the assistant there is trimmed, or answered by a user who
// says to go on. The caller knows only later whether the model thinks.
void settle_last_turn(AnthropicTurns& turns, Prefill prefill, RequestConversion& to);

// More marks than Anthropic takes, those of tools included, are given up from the front of the
// messages.
void limit_cache_marks(AnthropicTurns& turns, std::vector<Tool>& tools, RequestConversion& to);

// The assistant's last turn calls tools, which have answered, and shows no thinking.
bool continues_calls_without_thinking(const AnthropicTurns& turns);

// `"system"` (unless there is none) and `"messages"`.
void write_turns(JsonWriter& json, const AnthropicTurns& turns);

}  // namespace aigw::protocol
