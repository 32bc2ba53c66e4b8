#include "sidecar/simulated/gemini_thoughts.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::int64_t kDynamic = -1;
constexpr std::size_t kSignatureBytes = 60;
// As it is, and in base64.
constexpr std::array<std::string_view, 2> kPlaceholders = {
    "skip_thought_signature_validator", "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="};

std::string sign(std::string_view text) {
    Random random(hash_of(text, 1));
    return "CpQB" + make_id(kSignatureBytes, random);
}

Verdict refuse_budget(std::int64_t budget, const std::string& at, const Model& model) {
    const BudgetRange& range = model.budget;
    if (range.max == 0) {
        return invalid("Thinking budget is not supported for this model. Use thinking level.");
    }
    if (budget == kDynamic || (budget == 0 && range.may_be_off)) return std::nullopt;
    if (budget == 0) {
        return invalid("Budget 0 is invalid. This model only works in thinking mode.");
    }
    if (budget >= range.min && budget <= range.max) return std::nullopt;
    return unfit(at + ".thinking_budget", "The thinking budget " + std::to_string(budget) +
                                              " is invalid. Please choose a value between " +
                                              std::to_string(range.min) + " and " +
                                              std::to_string(range.max) + ".");
}

Verdict refuse_level(std::string_view level, const Model& model) {
    if (model.levels.empty()) {
        return invalid("Thinking level is not supported for this model.");
    }
    const auto levels = split(model.levels, ' ');
    if (std::find(levels.begin(), levels.end(), level) != levels.end()) return std::nullopt;
    return invalid("Thinking level " + std::string(level) +
                   " is not supported for this model. Please retry with other thinking level.");
}

}  // namespace

ThinkingOrder read_thinking(const Json& body, const Model& model) {
    ThinkingOrder order{.is_on = model.thinks_by_default};
    const Json* config = find_field(body, "generationConfig");
    const Json* thinking = config == nullptr ? nullptr : find_field(*config, "thinkingConfig");
    if (thinking == nullptr) return order;
    order.is_shown = is_true(*thinking, "includeThoughts");
    const std::string_view level = text_field(*thinking, "thinkingLevel");
    if (!level.empty()) order.is_on = level != "MINIMAL";
    if (const auto budget = integer_field(*thinking, "thinkingBudget")) {
        order.is_on = *budget != 0;
        if (*budget > 0) order.budget = budget;
    }
    return order;
}

Verdict refuse_thinking(const Json& thinking, const std::string& at, const Model& model) {
    constexpr std::array kMembers = {FieldRule{"includeThoughts", FieldType::Boolean},
                                     FieldRule{"thinkingBudget", FieldType::Integer},
                                     FieldRule{"thinkingLevel"}};
    if (auto refusal = refuse_members(thinking, at, kMembers)) return refusal;
    if (auto refusal = refuse_enum(thinking, "thinkingLevel", at, "ThinkingConfig.ThinkingLevel",
                                   "MINIMAL LOW MEDIUM HIGH")) {
        return refusal;
    }
    if (!model.thinks()) return invalid("Thinking is not enabled for this model.");
    const std::string_view level = text_field(thinking, "thinkingLevel");
    const auto budget = integer_field(thinking, "thinkingBudget");
    if (budget && !level.empty()) {
        return invalid(
            "You can only set only one of thinking budget and thinking level at the same time.");
    }
    if (budget) return refuse_budget(*budget, at, model);
    return level.empty() ? std::nullopt : refuse_level(level, model);
}

std::string sign_call(const Json& function_call) {
    const Json* given = find_field(function_call, "args");
    // The plain type sorts the keys.
    const nlohmann::json args = given == nullptr ? Json::object() : *given;
    return sign(std::string(text_field(function_call, "name")) +
                args.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string sign_text() {
    return sign("text");
}

bool is_signature_of(const Json& part) {
    const std::string_view given = text_field(part, "thoughtSignature");
    if (std::find(kPlaceholders.begin(), kPlaceholders.end(), given) != kPlaceholders.end()) {
        return true;
    }
    const Json* call = find_field(part, "functionCall");
    return given == (call == nullptr ? sign_text() : sign_call(*call));
}

}  // namespace aigw::simulated::gemini
