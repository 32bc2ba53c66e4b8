// What the simulated Doubao refuses of a chat request, its messages aside.
//
// Source: Ark's chat reference and its table of error codes. Fields that no list of the vendor has
//         are refused, `seed` and `n` above 1 among them.
#pragma once

#include <cstdint>
#include <span>

#include "sidecar/simulated/doubao_models.h"
#include "sidecar/simulated/doubao_words.h"

namespace aigw::simulated::doubao {

std::span<const FieldRule> chat_fields();

// Bots have a path of their own, on which models are none.
enum class Path : std::uint8_t { Chat, Bots };

// 404 for a model or bot that there is none of; `body` is any JSON object.
Verdict refuse_model(const Json& body, Path path);
// After refuse_model found nothing.
Verdict refuse_chat(const Json& body, const Model& model);

// Of a checked request.
bool is_thinking(const Json& body, const Model& model);

}  // namespace aigw::simulated::doubao
