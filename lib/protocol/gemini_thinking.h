// Whether a Gemini model is to think, how much, and whether its thoughts are shown.
//
// Budget:  models that know tokens get the caller's own, else those of the level, else -1: as many
//          as the model likes. Adaptive: models that know levels get the nearest one.
// Source:  ai.google.dev/gemini-api/docs/thinking; the conversion contract, section 3.7.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

struct GeminiThinking {
    bool shows_thoughts = false;
    std::optional<std::int64_t> budget{};
    std::optional<Effort> level{};
    friend bool operator==(const GeminiThinking&, const GeminiThinking&) = default;
};

// What the caller asks for, as far as the model can do it.
GeminiThinking choose_gemini_thinking(const ChatRequest& request, RequestConversion& to);

// `"thinkingConfig"`, unless there is nothing to say.
void write_gemini_thinking(JsonWriter& json, const GeminiThinking& thinking);

}  // namespace aigw::protocol
