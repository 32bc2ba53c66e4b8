// What the contents of a Gemini request may be, and how they may follow each other.
//
// Source: Google's reference of Content and Part, its pages on function calling and thought
//         signatures, and the sentences of the service. All results of parallel calls come in one
//         content.
#pragma once

#include <string_view>

#include "sidecar/simulated/gemini_models.h"
#include "sidecar/simulated/gemini_words.h"

namespace aigw::simulated::gemini {

// `contents` and `systemInstruction`.
Verdict refuse_contents(const Json& body, const Model& model);

// "TEXT", "IMAGE", "AUDIO", "VIDEO" or "DOCUMENT"; "" for a type that the vendor does not take.
std::string_view modality_of(std::string_view mime_type);

}  // namespace aigw::simulated::gemini
