// A request converted whole, for tests: bodies in, a body, its losses and its plan out.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "protocol/conversion.h"

namespace aigw::protocol::tests {

using Json = nlohmann::ordered_json;

struct Converted {
    std::string body{};  // empty: refused
    Json json{};
    std::string losses{};  // as in X-Aigw-Warnings
    std::string ignored{};
    AnswerPlan plan{};
    std::string betas{};
    Error error{};

    // The value at a JSON pointer, compact; "-" when there is none.
    std::string at(const std::string& pointer) const {
        const Json::json_pointer place(pointer);
        return json.contains(place) ? json.at(place).dump() : "-";
    }
};

// Of models by kind, as the tables of the contract tell them apart.
ModelTraits old_claude();       // thinks by budget, all sampling
ModelTraits claude_4_5();       // thinks by budget, one of temperature and top_p, structured output
ModelTraits adaptive_claude();  // thinks adaptively, no sampling, system messages in between

Converted openai_to_anthropic(std::string_view body, const ModelTraits& traits = old_claude(),
                              ConversionOptions options = {});

// … with these messages of Anthropic's, for a model that has Responses.
Converted anthropic_to_responses(std::string_view messages, const ModelTraits& traits);

// The same of OpenAI's Responses, and of its elder completions.
Converted responses_to_anthropic(std::string_view body, const ModelTraits& traits = old_claude());
Converted responses_to_openai(std::string_view body, const ModelTraits& traits = {});
Converted openai_to_responses(std::string_view body, const ModelTraits& traits);
Converted completions_to_anthropic(std::string_view body, const ModelTraits& traits = old_claude());

// {"model":"m","messages":[{"role":"user","content":"hi"}], and these members}.
std::string hello(std::string_view members);
// {"model":"m","messages":[…]} and these members.
std::string talk(std::string_view messages, std::string_view members = {});

}  // namespace aigw::protocol::tests
