// What the messages of an OpenAI chat completion may be, and how they may follow each other.
//
// Source: OpenAI's API reference and the error bodies that its service gives.
#pragma once

#include "sidecar/simulated/openai_models.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {

Verdict refuse_messages(const Json& body, const Model& model);
// More tokens than the model holds; after refuse_messages found nothing.
Verdict refuse_context(const Json& body, const Model& model);

}  // namespace aigw::simulated::openai
