// Thoughts of the simulated Gemini: whether there are any, and the signatures that stand for them.
//
// A signature of a function call is bound to its name and arguments, whatever the order of their
// keys; that of a text is bound to nothing, since a stream sends it on a part of its own.
// Source: Google's pages on thinking and on thought signatures. The placeholder is what gateways
// send
//         for calls that another vendor's model made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/simulated/gemini_models.h"
#include "sidecar/simulated/gemini_words.h"

namespace aigw::simulated::gemini {

struct ThinkingOrder {
    bool is_on = false;
    bool is_shown = false;
    std::optional<std::int64_t> budget{};
};

// Of a checked request.
ThinkingOrder read_thinking(const Json& body, const Model& model);

// `generationConfig.thinkingConfig`, whose path is `at`.
Verdict refuse_thinking(const Json& thinking, const std::string& at, const Model& model);

std::string sign_call(const Json& function_call);
std::string sign_text();
// True for a signature that this part may carry.
bool is_signature_of(const Json& part);

}  // namespace aigw::simulated::gemini
