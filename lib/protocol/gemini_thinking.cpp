#include "protocol/gemini_thinking.h"

#include <algorithm>
#include <string>

namespace aigw::protocol {
namespace {

using Mode = Reasoning::Mode;

constexpr std::int64_t kLow = 1'024;
constexpr std::int64_t kMedium = 8'192;
constexpr std::int64_t kHigh = 24'576;
constexpr std::int64_t kAsTheModelLikes = -1;

std::int64_t budget_of(Effort effort, const ModelTraits& traits) {
    switch (effort) {
        case Effort::None:
            return 0;
        case Effort::Minimal:
        case Effort::Low:
            return kLow;
        case Effort::Medium:
            return kMedium;
        case Effort::High:
            return kHigh;
        case Effort::Xhigh:
        case Effort::Max:
            return traits.max_thinking_budget;
    }
    return 0;
}

Effort level_of(std::int64_t budget) {
    if (budget <= kLow) return Effort::Low;
    return budget <= kMedium ? Effort::Medium : Effort::High;
}

class Chooser {
public:
    Chooser(const Reasoning& asked, std::string_view path, RequestConversion& to)
        : asked_(asked), path_(path), to_(to) {}

    GeminiThinking choose() {
        const bool is_off = asked_.mode == Mode::Disabled || asked_.effort == Effort::None;
        switch (to_.traits.thinking) {
            case ModelTraits::Thinking::None:
                if (!is_off) to_.losses.add(LossKind::Dropped, path_);
                return {};
            case ModelTraits::Thinking::Budget:
                return is_off ? without_budget() : with_budget();
            case ModelTraits::Thinking::Adaptive:
            case ModelTraits::Thinking::Both:
                return is_off ? at_lowest_level() : at_level();
        }
        return {};
    }

private:
    bool shows_thoughts() const { return asked_.display != "omitted"; }

    GeminiThinking without_budget() {
        if (to_.traits.thinking_can_be_off) return {.budget = 0};
        to_.losses.add(LossKind::Approximated, path_);
        return {.budget = to_.traits.min_thinking_budget};
    }

    GeminiThinking with_budget() {
        GeminiThinking thinking{.shows_thoughts = shows_thoughts(), .budget = kAsTheModelLikes};
        if (asked_.mode != Mode::Budget && !asked_.effort) return thinking;
        const std::int64_t wanted =
            asked_.mode == Mode::Budget ? asked_.budget : budget_of(*asked_.effort, to_.traits);
        thinking.budget =
            std::clamp(wanted, to_.traits.min_thinking_budget, to_.traits.max_thinking_budget);
        if (thinking.budget != wanted) to_.losses.add(LossKind::Clamped, path_);
        return thinking;
    }

    GeminiThinking at_lowest_level() {
        to_.losses.add(LossKind::Approximated, path_);
        return {.level = nearest_effort(to_.traits.efforts, Effort::Minimal)};
    }

    GeminiThinking at_level() {
        GeminiThinking thinking{.shows_thoughts = shows_thoughts()};
        if (asked_.effort) {
            thinking.level = nearest_effort(to_.traits.efforts, *asked_.effort);
        } else if (asked_.mode == Mode::Budget) {
            thinking.level = nearest_effort(to_.traits.efforts, level_of(asked_.budget));
        }
        return thinking;
    }

    const Reasoning& asked_;
    std::string_view path_;
    RequestConversion& to_;
};

std::string_view name_of_level(Effort level) {
    switch (level) {
        case Effort::None:
        case Effort::Minimal:
            return "MINIMAL";
        case Effort::Low:
            return "LOW";
        case Effort::Medium:
            return "MEDIUM";
        case Effort::High:
        case Effort::Xhigh:
        case Effort::Max:
            return "HIGH";
    }
    return "HIGH";
}

}  // namespace

GeminiThinking choose_gemini_thinking(const ChatRequest& request, RequestConversion& to) {
    const Reasoning& asked = request.reasoning;
    if (asked.mode == Mode::Unset && !asked.effort) return {};
    const std::string_view path =
        asked.mode == Mode::Unset ? request.names.effort : request.names.thinking;
    return Chooser(asked, path, to).choose();
}

void write_gemini_thinking(JsonWriter& json, const GeminiThinking& thinking) {
    if (thinking == GeminiThinking{}) return;
    json.key("thinkingConfig");
    json.begin_object();
    if (thinking.shows_thoughts) json.boolean_field("includeThoughts", true);
    if (thinking.budget) json.integer_field("thinkingBudget", *thinking.budget);
    if (thinking.level) json.field("thinkingLevel", name_of_level(*thinking.level));
    json.end_object();
}

}  // namespace aigw::protocol
