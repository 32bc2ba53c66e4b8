// Fields of generateContent that a caller may send beside its protocol's own, as Google's
// OpenAI-like door takes them: by Gemini's names, by these in snake case, inside `google` or
// `extra_body.google`; and OpenAI's that are only called otherwise.
//
// Unknown ones inside `google` are ignored: Gemini refuses a body with a field that it does not
// know.
// Source:  ai.google.dev/gemini-api/docs/openai ("extra_body"); ai.google.dev/api/generate-content.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/chat_request.h"

namespace aigw::protocol {

struct GeminiField {
    std::string_view name{};  // as Gemini calls it
    bool is_config = false;   // stands in generationConfig
    std::string json{};
    friend bool operator==(const GeminiField&, const GeminiField&) = default;
};

// Takes them out of the extras; of several of one name the last counts.
std::vector<GeminiField> take_gemini_fields(std::vector<ExtraField>& extras);

}  // namespace aigw::protocol
