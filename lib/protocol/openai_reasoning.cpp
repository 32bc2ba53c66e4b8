#include "protocol/openai_reasoning.h"

namespace aigw::protocol {
namespace {

using Field = ModelTraits::ReasoningField;
using State = ReasoningChoice::State;

// Budgets of tokens in the words of those who know levels only.
Effort effort_of_budget(std::int64_t budget) {
    if (budget <= 1'024) return Effort::Low;
    if (budget <= 8'192) return Effort::Medium;
    return budget <= 24'576 ? Effort::High : Effort::Xhigh;
}

// Levels in the words of those who know budgets only; 0: no bound.
std::int64_t budget_of_effort(Effort effort) {
    switch (effort) {
        case Effort::None:
        case Effort::Minimal:
        case Effort::Low:
            return 1'024;
        case Effort::Medium:
            return 4'096;
        case Effort::High:
            return 8'192;
        case Effort::Xhigh:
        case Effort::Max:
            return 0;
    }
    return 0;
}

// What is said in the server's own words counts more.
std::optional<State> own_state(const ChatRequest& request, const ModelTraits& traits) {
    const ExtraField* own = request.find_extra("enable_thinking");
    if (own == nullptr || !has_name(traits.own_fields, own->name)) return std::nullopt;
    return own->json == "true" ? State::On : State::Off;
}

ReasoningChoice asked_by(const Reasoning& asked) {
    switch (asked.mode) {
        case Reasoning::Mode::Disabled:
            return {.state = State::Off, .effort = Effort::None};
        case Reasoning::Mode::Budget:
            return {.state = State::On, .budget = asked.budget, .effort = std::nullopt};
        case Reasoning::Mode::Adaptive:
            return {.state = State::On, .is_adaptive = true, .effort = asked.effort};
        case Reasoning::Mode::Unset:
            break;
    }
    if (!asked.effort) return {.effort = std::nullopt};
    const bool is_off = asked.effort == Effort::None;
    return {.state = is_off ? State::Off : State::On, .is_adaptive = true, .effort = asked.effort};
}

Effort level_of(const ReasoningChoice& choice) {
    if (choice.budget > 0) return effort_of_budget(choice.budget);
    return choice.effort.value_or(Effort::High);
}

class Fields {
public:
    Fields(const ChatRequest& request, const ModelTraits& traits, JsonWriter& json)
        : request_(request), traits_(traits), json_(json) {}

    // What the caller says in the server's own words counts.
    bool may_write(std::string_view name) const {
        return request_.find_extra(name) == nullptr || !has_name(traits_.own_fields, name);
    }
    void text(std::string_view name, std::string_view value) {
        if (may_write(name)) json_.field(name, value);
    }
    void flag(std::string_view name, bool value) {
        if (may_write(name)) json_.boolean_field(name, value);
    }
    void count(std::string_view name, std::int64_t value) {
        if (value > 0 && may_write(name)) json_.integer_field(name, value);
    }
    void thinking_type(std::string_view type) {
        if (!may_write("thinking")) return;
        json_.key("thinking");
        json_.begin_object();
        json_.field("type", type);
        json_.end_object();
    }
    void effort(Effort level) {
        text("reasoning_effort", name_of(nearest_effort(traits_.efforts, level)));
    }

private:
    const ChatRequest& request_;
    const ModelTraits& traits_;
    JsonWriter& json_;
};

void write_effort(const ReasoningChoice& choice, const ModelTraits& traits, Fields& fields) {
    if (choice.state == State::On) fields.effort(level_of(choice));
    if (choice.state == State::Off && traits.efforts.has(Effort::None)) fields.effort(Effort::None);
}

void write_enable_thinking(const ReasoningChoice& choice, const ChatRequest& request,
                           const ModelTraits& traits, Fields& fields) {
    if (choice.state == State::Unsaid) return;
    fields.flag("enable_thinking", choice.state == State::On);
    if (choice.state == State::Off) return;
    fields.count("thinking_budget", choice.budget);
    if (choice.budget > 0 || !choice.effort) return;
    if (!traits.efforts.empty()) {
        fields.effort(*choice.effort);
    } else if (request.protocol != Protocol::Anthropic) {
        fields.count("thinking_budget", budget_of_effort(*choice.effort));
    }
}

void write_thinking_type(const ReasoningChoice& choice, const ModelTraits& traits, Fields& fields) {
    if (choice.state == State::Unsaid) return;
    if (choice.state == State::Off) {
        fields.thinking_type("disabled");
        return;
    }
    const bool has_level = choice.budget > 0 || choice.effort.has_value();
    // Means no thinking; "enabled" beside it would say the opposite.
    if (choice.effort == Effort::Minimal && traits.efforts.has(Effort::Minimal))
        return fields.effort(Effort::Minimal);
    const bool is_plain = !choice.is_adaptive || (has_level && !traits.efforts.empty());
    fields.thinking_type(is_plain ? traits.thinking_on : traits.thinking_adaptive);
    if (has_level && !traits.efforts.empty()) fields.effort(level_of(choice));
}

}  // namespace

std::string_view path_of_reasoning(const ChatRequest& request) {
    return request.reasoning.mode == Reasoning::Mode::Unset ? request.names.effort
                                                            : request.names.thinking;
}

ReasoningChoice choose_reasoning(const ChatRequest& request, bool has_tools,
                                 RequestConversion& to) {
    const ModelTraits& traits = to.traits;
    ReasoningChoice choice = asked_by(request.reasoning);
    choice.state = own_state(request, traits).value_or(choice.state);
    const std::string_view path = path_of_reasoning(request);
    // Nothing but "no thinking" can be meant where a server has no lower level.
    if (choice.effort == Effort::Minimal && traits.reasoning_field == Field::EnableThinking &&
        traits.efforts.empty())
        choice.state = State::Off;
    if (traits.reasoning_field == Field::None) {
        if (choice.state == State::On) to.losses.add(LossKind::Dropped, path);
        return {.effort = std::nullopt};
    }
    if (choice.state == State::Off && !traits.thinking_can_be_off) {
        to.losses.add(LossKind::Approximated, path);
        return {.effort = std::nullopt};
    }
    if (choice.state == State::On && has_tools && !traits.effort_with_tools) {
        to.losses.add(LossKind::Dropped, path);
        return {.effort = std::nullopt};
    }
    if (choice.budget > 0 && traits.reasoning_field == Field::ThinkingType &&
        traits.efforts.empty())
        to.losses.add(LossKind::Dropped, "thinking.budget_tokens");
    const bool is_level_known = !choice.effort || choice.effort == Effort::None ||
                                traits.efforts.empty() ||
                                nearest_effort(traits.efforts, *choice.effort) == *choice.effort;
    if (traits.reasoning_field == Field::ThinkingType && !is_level_known)
        to.losses.add(LossKind::Approximated, request.names.effort);
    // Thinking that nobody asked for is no reason to wait for a stream.
    const bool is_better_off = traits.thinks_by_default && traits.thinks_only_in_streams &&
                               traits.thinking_can_be_off && !request.is_stream;
    if (choice.state == State::Unsaid && is_better_off) choice.state = State::Off;
    return choice;
}

bool is_thinking(const ReasoningChoice& choice, const ModelTraits& traits) {
    if (choice.state == State::Unsaid) return traits.thinks_by_default;
    return choice.state == State::On;
}

void write_openai_reasoning(const ReasoningChoice& choice, const ChatRequest& request,
                            const ModelTraits& traits, JsonWriter& json) {
    Fields fields(request, traits, json);
    switch (traits.reasoning_field) {
        case Field::None:
            return;
        case Field::Effort:
            write_effort(choice, traits, fields);
            return;
        case Field::EnableThinking:
            write_enable_thinking(choice, request, traits, fields);
            return;
        case Field::ThinkingType:
            write_thinking_type(choice, traits, fields);
            return;
    }
}

}  // namespace aigw::protocol
