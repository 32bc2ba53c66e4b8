// A model's whole answer, whatever protocol it came by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/usage.h"
#include "protocol/chat_parts.h"

namespace aigw::protocol {

enum class StopReason : std::uint8_t {
    Unset,  // the vendor named none, or one nobody has heard of
    EndTurn,
    MaxTokens,
    ContextWindow,
    StopSequence,
    ToolCalls,
    Refusal,
    Pause,  // Anthropic: the vendor's own tools are to go on
};

struct Stop {
    StopReason reason = StopReason::Unset;
    std::string sequence{};     // the caller's stop sequence, where the vendor names it
    std::string explanation{};  // why it was refused, in the vendor's words
    friend bool operator==(const Stop&, const Stop&) = default;
};

struct ChatReply {
    std::string id{};
    std::string model{};
    std::vector<Part> parts{};  // text, thinking, calls, a vendor's own blocks: in their order
    std::string refusal{};      // OpenAI's `refusal`
    std::vector<std::string> annotations{};  // JSON objects in OpenAI's shape
    std::string
        logprobs{};  // of the text's tokens: JSON objects in that shape, commas between them
    Stop stop{};
    std::optional<Usage> usage{};
    std::string service_tier{};  // as the vendor calls it
    friend bool operator==(const ChatReply&, const ChatReply&) = default;
};

// What the writer of an answer knows from the request.
struct AnswerPlan {
    std::string model{};        // as the caller called it
    std::int64_t created = 0;   // seconds of the Unix epoch
    std::string fallback_id{};  // for an answer whose vendor gives it none
    bool wants_usage = false;   // of a stream
    bool is_assembled = false;  // it comes as a stream, and the caller wants it whole
    bool uses_functions = false;
    bool hides_thinking = false;
    std::vector<std::string> stop{};
    std::int64_t input_tokens = 0;  // counted or estimated, for those who must say it at the start
    std::string echo{};             // Responses: the members that repeat the request

    // What the writer of the request has renamed or put in the place of something else.
    struct Rename {
        std::string sent{};
        std::string asked{};
        friend bool operator==(const Rename&, const Rename&) = default;
    };
    std::vector<Rename> names{};              // of tools
    std::vector<std::string> custom_tools{};  // sent as functions with one property, `input`
    std::string json_tool{};                  // its arguments are the answer's text
    bool is_json_wrapped = false;             // … inside `value`
    // SHA-256 as hex, from the room above: ids that a protocol refuses become hashes.
    std::string (*sha256_hex)(std::string_view) = nullptr;

    friend bool operator==(const AnswerPlan&, const AnswerPlan&) = default;
};

}  // namespace aigw::protocol
