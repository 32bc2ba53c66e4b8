#include "decision/params.h"

namespace aigw::decision {
namespace {

// What a caller's protocol calls the longest answer; of OpenAI's two words the one that every
// server knows.
std::string_view output_field(const protocol::RequestFacts& facts) {
    return facts.protocol == Protocol::Responses ? "max_output_tokens" : "max_tokens";
}

}  // namespace

void apply_params(const Decision& decision, const Model* entry, policy::ParamEditor& editor) {
    for (const PolicyReading& reading : decision.policies) {
        const policy::ParamsRule* rule = reading.policy().params();
        if (rule != nullptr && reading.policy().is_enforced())
            editor.apply(rule->params, reading.bound->reason);
    }
    if (const auto& limit = decision.output_limit; limit && writes_text(decision.facts.operation))
        editor.limit_output(limit->max_tokens, output_field(decision.facts), limit->reason);
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
