// What the simulated Gemini refuses of a request: its fields, and where they do not fit the model.
//
// Source: Google's reference of generateContent and GenerationConfig, and the sentences of the
//         service. What differs from model to model is a column of gemini_models.h.
#pragma once

#include <span>
#include <string_view>

#include "sidecar/simulated/gemini_models.h"
#include "sidecar/simulated/gemini_words.h"

namespace aigw::simulated::gemini {

std::span<const FieldRule> request_fields();

// `method` is what the caller wants of it: "generateContent".
Verdict refuse_model(std::string_view id, std::string_view method);
// `body` is what with_camel_case made of any JSON object.
Verdict refuse_request(const Json& body, const Model& model);
// Of `:countTokens`: either `contents` or a whole `generateContentRequest`.
Verdict refuse_count(const Json& body, const Model& model);

}  // namespace aigw::simulated::gemini
