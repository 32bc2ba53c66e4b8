// What the simulated Gemini sells: one row a model, every difference between them a column.
//
// Source: Google's pages on models, thinking and thought signatures. Which efforts a model has that
//         no page names, and how many candidates it gives, are the best reading there is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aigw::simulated::gemini {

// thinkingBudget of a model, 0 and -1 aside.
struct BudgetRange {
    std::int64_t min = 0;
    std::int64_t max = 0;  // 0: it takes no budget
    bool may_be_off = false;
};

struct Model {
    std::string_view id;
    std::string_view name;    // to show
    std::string_view levels;  // values of thinkingLevel, by blanks; empty: it takes none
    BudgetRange budget;
    bool thinks_by_default;
    bool needs_signatures;  // of function calls that come back
    bool has_call_ids;      // functionCall has an id
    bool pairs_results;     // results have the ids of the calls, in their order
    std::int64_t max_candidates;
    std::int64_t max_logprobs;
    std::int64_t input_limit;
    std::int64_t output_limit;

    bool thinks() const { return !levels.empty() || budget.max > 0; }
};

std::span<const Model> models();
// By name without "models/", or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);
// A model that there was once.
bool is_retired(std::string_view id);

}  // namespace aigw::simulated::gemini
