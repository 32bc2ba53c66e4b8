// Between match and rank: what the request's input is counted for, and what the count changes.
#pragma once

#include <string_view>

#include "decision/decision.h"
#include "tokens/prompt_count.h"

namespace aigw::decision {

// Whose tokens the input is counted in: of the first platform that may be asked, by the vendor's
// name of the model.
struct CountedModel {
    std::string_view platform{};  // empty: no route takes the model
    std::string_view model{};
};
CountedModel counted_model(const Selection& selection);

// Whether something that is decided depends on the number: else the estimate will do.
bool needs_count(const Selection& selection);

// The facts borrow the counter's name.
void apply(const tokens::PromptCount& count, protocol::RequestFacts& facts);

}  // namespace aigw::decision
