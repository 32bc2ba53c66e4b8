// Whether a model that speaks Chat Completions is to think, and how its server wants that said.
//
// Source: the conversion contract, section 6.4; the vendors' sheets for the fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

struct ReasoningChoice {
    enum class State : std::uint8_t { Unsaid, Off, On };

    State state = State::Unsaid;
    bool is_adaptive = false;      // the model decides how much
    std::int64_t budget = 0;       // tokens; 0: none given
    std::optional<Effort> effort;  // as asked
    friend bool operator==(const ReasoningChoice&, const ReasoningChoice&) = default;
};

// Of the field by which the caller asks for thinking.
std::string_view path_of_reasoning(const ChatRequest& request);

// What the caller asks for, as far as the model can do it. `has_tools`: tools are sent.
ReasoningChoice choose_reasoning(const ChatRequest& request, bool has_tools, RequestConversion& to);

// Whether the model will think, also where nothing is said.
bool is_thinking(const ReasoningChoice& choice, const ModelTraits& traits);

// Writes the fields of the dialect, without those that the caller's own fields already say.
void write_openai_reasoning(const ReasoningChoice& choice, const ChatRequest& request,
                            const ModelTraits& traits, JsonWriter& json);

}  // namespace aigw::protocol
