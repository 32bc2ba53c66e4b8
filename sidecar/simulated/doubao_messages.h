// What the messages of a Doubao request may be.
//
// Source: Ark's chat reference, "messages", and its table of error codes. That a tool's message
//         must answer a call of the assistant before it is the best reading there is.
#pragma once

#include "sidecar/simulated/doubao_models.h"
#include "sidecar/simulated/doubao_words.h"

namespace aigw::simulated::doubao {

Verdict refuse_messages(const Json& body, const Model& model);

}  // namespace aigw::simulated::doubao
