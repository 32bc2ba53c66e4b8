#include "decision/input_count.h"

#include <algorithm>

namespace aigw::decision {

CountedModel counted_model(const Selection& selection) {
    const std::string_view asked = selection.facts.model;
    if (!selection.match || selection.match->platforms.empty()) return {.model = asked};
    const Platform& platform = selection.snapshot->platform(selection.match->platforms[0]);
    const std::string_view replaced = selection.match->route->upstream_model;
    const std::string_view model = replaced.empty() ? asked : replaced;
    const Model* entry = platform.find_model(model);
    return {.platform = platform.name,
            .model = entry != nullptr ? std::string_view(entry->upstream) : model};
}

bool needs_count(const Selection& selection) {
    const auto counts_tokens = [](const PolicyReading& reading) {
        const policy::RequestTokensRule* rule = reading.policy().request_tokens();
        if (rule != nullptr && rule->max_input > 0) return true;
        return std::ranges::any_of(reading.bound->limits, [](const BoundLimit& bound) {
            return bound.limit.quantity() == limits::Quantity::Tokens;
        });
    };
    return selection.snapshot->has_token_limits() ||
           selection.facts.operation == Operation::CountTokens ||
           std::ranges::any_of(selection.policies, counts_tokens);
}

void apply(const tokens::PromptCount& count, protocol::RequestFacts& facts) {
    facts.input_tokens = count.tokens;
    facts.input_exact = count.is_exact;
    facts.input_margin_percent = count.margin_percent;
    facts.input_counter = count.counter;
}

}  // namespace aigw::decision
