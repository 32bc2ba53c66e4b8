// What the simulated OpenAI refuses of `POST /v1/responses`.
//
// Nothing is kept from call to call, so what refers to an earlier one is refused as unknown.
// Source: OpenAI's API reference (responses) and the error bodies that its service gives.
#pragma once

#include <optional>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {

// `body` is any JSON object; its model is looked at first.
Verdict refuse_response_request(const Json& body);

// What a reasoning item of this id holds when its content is asked for; verified when it returns.
std::string encrypted_content(std::string_view model, std::string_view id);

// The type of an input item: a message may leave it out.
std::string_view item_type(const Json& item);

// "none", "low", … as asked, or the model's default; "" for a model that does not reason.
std::string_view effort_of_response(const Json& body, const Model& model);

// The fields that the rules do not know, for the echo.
Json unknown_response_fields(const Json& body);

}  // namespace aigw::simulated::openai
