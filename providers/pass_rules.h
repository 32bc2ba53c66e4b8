// Whether a body in OpenAI's words may pass to a server that speaks the protocol with rules of its
// own: what it would refuse, or take in another sense, is written anew instead.
//
// Source:  the vendors' sheets, by way of the model's traits.
#pragma once

#include "protocol/model_traits.h"
#include "protocol/request_facts.h"

namespace aigw::providers {

// Of a chat.
bool takes_as_it_stands(const protocol::ModelTraits& traits, const protocol::RequestFacts& facts);

}  // namespace aigw::providers
