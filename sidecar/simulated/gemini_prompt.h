// What the contents of a Gemini request amount to: an order for `compose`, and how many tokens of
// which kind.
#pragma once

#include <cstdint>

#include "sidecar/simulated/json.h"

namespace aigw::simulated::gemini {

struct PromptTokens {
    std::int64_t text = 0;
    std::int64_t image = 0;
    std::int64_t audio = 0;
    std::int64_t video = 0;
    std::int64_t document = 0;

    std::int64_t total() const { return text + image + audio + video + document; }
};

// Of a request or of `:countTokens`, checked.
PromptTokens count_prompt(const Json& body);
// [{"modality":"TEXT","tokenCount":12},…], without those that there are none of.
Json render_details(const PromptTokens& tokens);

// The request as the body of a chat completion, as far as `compose` reads it.
Json brief_of(const Json& body);

}  // namespace aigw::simulated::gemini
