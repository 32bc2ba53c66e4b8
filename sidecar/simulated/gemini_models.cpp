#include "sidecar/simulated/gemini_models.h"

#include <algorithm>
#include <array>

namespace aigw::simulated::gemini {
namespace {

constexpr std::string_view kThreeLevels = "LOW MEDIUM HIGH";
constexpr std::string_view kFourLevels = "MINIMAL LOW MEDIUM HIGH";
constexpr BudgetRange kNoBudget{};
constexpr std::int64_t kInput = 1'048'576;
constexpr std::int64_t kOutput = 65'536;

// Columns: id, name, levels, budget, thinks by default, needs signatures, call ids, pairs results,
// max candidates, max logprobs, input limit, output limit.
constexpr std::array kModels = {
    Model{"gemini-3.8-flash", "Gemini 3.8 Flash", kThreeLevels, kNoBudget, true, true, true, true,
          1, 20, kInput, kOutput},
    Model{"gemini-3.7-flash", "Gemini 3.7 Flash", kThreeLevels, kNoBudget, true, true, true, false,
          1, 20, kInput, kOutput},
    Model{"gemini-3.6-flash", "Gemini 3.6 Flash", kFourLevels, kNoBudget, true, true, true, false,
          1, 20, kInput, kOutput},
    Model{"gemini-3.5-flash", "Gemini 3.5 Flash", kFourLevels, kNoBudget, true, true, true, false,
          1, 20, kInput, kOutput},
    Model{"gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", kFourLevels, kNoBudget, false, true,
          true, false, 1, 20, kInput, kOutput},
    Model{"gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", kFourLevels, kNoBudget, false, true,
          true, false, 1, 20, kInput, kOutput},
    Model{"gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", kThreeLevels, kNoBudget, true, true,
          true, false, 1, 20, kInput, kOutput},
    Model{"gemini-2.5-pro",
          "Gemini 2.5 Pro",
          "",
          {128, 32'768, false},
          true,
          false,
          false,
          false,
          8,
          5,
          kInput,
          kOutput},
    Model{"gemini-2.5-flash",
          "Gemini 2.5 Flash",
          "",
          {1, 24'576, true},
          true,
          false,
          false,
          false,
          8,
          5,
          kInput,
          kOutput},
    Model{"gemini-2.5-flash-lite",
          "Gemini 2.5 Flash-Lite",
          "",
          {512, 24'576, true},
          false,
          false,
          false,
          false,
          8,
          5,
          kInput,
          kOutput},
};

// It thinks only when it is told to.
constexpr Model kSimulatedModel = {"sim-chat",  "Simulated Gemini",
                                   kFourLevels, {1, 32'768, true},
                                   false,       true,
                                   true,        false,
                                   8,           20,
                                   kInput,      100'000};

constexpr std::array<std::string_view, 4> kRetired = {"gemini-1.0-", "gemini-1.5-", "gemini-2.0-",
                                                      "gemini-pro"};

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    for (const Model& model : kModels) {
        if (model.id == id) return model;
    }
    if (!id.starts_with("sim-")) return std::nullopt;
    Model model = kSimulatedModel;
    model.id = id;
    return model;
}

bool is_retired(std::string_view id) {
    return std::any_of(kRetired.begin(), kRetired.end(),
                       [&](std::string_view beginning) { return id.starts_with(beginning); });
}

}  // namespace aigw::simulated::gemini
