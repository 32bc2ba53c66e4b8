// `POST /v1/chat/completions` of the simulated OpenAI, whole or streamed.
//
// Source: OpenAI's API reference; chunk order and members as its service streams them.
#pragma once

#include "sidecar/simulated/door.h"

namespace aigw::simulated::openai {

Plan answer_chat(const Asked& asked, const Occasion& occasion);

}  // namespace aigw::simulated::openai
