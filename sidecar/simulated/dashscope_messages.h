// What the messages of a DashScope request may be, and how they may follow each other.
//
// Source: Model Studio's page on the OpenAI-compatible chat and the error bodies of its service.
#pragma once

#include "sidecar/simulated/dashscope_models.h"
#include "sidecar/simulated/dashscope_words.h"

namespace aigw::simulated::dashscope {

Verdict refuse_messages(const Json& body, const Model& model);
// More tokens than the model holds; after refuse_messages found nothing.
Verdict refuse_length(const Json& body, const Model& model);

}  // namespace aigw::simulated::dashscope
