#include "decision/params.h"

#include <algorithm>

namespace aigw::decision {
namespace {

// The least that Responses may be asked for (platform.openai.com/docs/api-reference/responses): a
// shorter answer is what is left when that one is cut.
constexpr std::int64_t kLeastOfResponses = 16;

// In the words of the caller's protocol; of OpenAI's two for chats in that which every server
// knows.
void limit_output(const Decision& decision, policy::ParamEditor& editor) {
    const OutputLimit& limit = *decision.output_limit;
    if (decision.facts.protocol == Protocol::Responses) {
        editor.limit_output(std::max(limit.max_tokens, kLeastOfResponses), "max_output_tokens",
                            limit.reason);
    } else {
        editor.limit_output(limit.max_tokens, "max_tokens", limit.reason);
    }
}

}  // namespace

// What is only counted has no parameters to change: vendors refuse them there.
void apply_params(const Decision& decision, const Model* entry, policy::ParamEditor& editor) {
    if (decision.facts.operation == Operation::CountTokens) return;
    for (const PolicyReading& reading : decision.policies) {
        const policy::ParamsRule* rule = reading.policy().params();
        if (rule != nullptr && reading.policy().is_enforced())
            editor.apply(rule->params, reading.bound->reason);
    }
    if (decision.output_limit && writes_text(decision.facts.operation))
        limit_output(decision, editor);
    if (entry != nullptr) editor.apply(entry->params, entry->params_reason);
}

std::vector<protocol::Edit> edits(const Decision& decision, const Candidate& candidate) {
    if (candidate.change_count == 0) return {};
    const std::string_view replaced = decision.route->upstream_model;
    const std::string_view model = replaced.empty() ? decision.facts.model : replaced;
    policy::ParamEditor editor(decision.body);
    apply_params(decision, decision.platform_of(candidate).find_model(model), editor);
    return editor.edits();
}

}  // namespace aigw::decision
