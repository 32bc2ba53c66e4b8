// Embeddings of the simulated Doubao: `POST /embeddings`, texts only.
//
// Source: Ark's page on text embedding. Base64 and the number of inputs in one call are not
//         documented: the one is refused, the other has a limit that is the best reading there is.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::doubao {

bool is_embedding_model(std::string_view id);

// The answer as JSON; `body` is any JSON object, `id` that of the answer.
std::variant<Refusal, std::string> make_embeddings(const Json& body, const std::string& id,
                                                   const Occasion& occasion);

}  // namespace aigw::simulated::doubao
