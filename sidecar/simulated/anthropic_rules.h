// What the simulated Anthropic refuses: the fields of a request, and where the parts of it do not
// go together.
//
// Source: the Messages API reference and the error bodies that the service gives. What differs from
//         model to model is a column of anthropic_models.h, not a branch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/anthropic_turns.h"
#include "sidecar/simulated/anthropic_words.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

enum class Purpose : std::uint8_t { Answer, Count };

// The fields, their types and ranges; `body` is any JSON object. After it `model` is a string.
Verdict refuse_fields(const Json& body, Purpose purpose);
// 404 for a model that there is none of.
Verdict refuse_model(const Json& body);
// Everything else; `body` is what with_blocks made of the checked one.
Verdict refuse_message_request(const Json& body, Purpose purpose, const Terms& terms);

// The fields that refuse_fields does not know, for the echo.
Json unknown_message_fields(const Json& body);

}  // namespace aigw::simulated::anthropic
