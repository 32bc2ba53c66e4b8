#include "providers/pass_rules.h"

#include "protocol/system_messages.h"

namespace aigw::providers {
namespace {

using protocol::ChatField;
using protocol::ChatWording;
using protocol::ModelTraits;
using protocol::Need;
using protocol::RequestFacts;
using Choice = protocol::ToolChoice::Mode;
using Format = protocol::ResponseFormat::Kind;
using Field = ModelTraits::ReasoningField;

bool takes_messages(const ModelTraits& traits, const RequestFacts& facts) {
    const ChatWording& said = facts.wording;
    if (said.has_developer && !traits.developer_role) return false;
    const bool keeps = keeps_late_system(traits, protocol::MidSystem::Native);
    if (said.has_late_system && !keeps) return false;
    if (said.has_parts && !traits.content_arrays) return false;
    if (said.has_auto_detail && !traits.auto_detail) return false;
    if (said.has_thoughts && !traits.replays_reasoning) return false;
    return traits.images || !facts.needs.has(Need::Vision);
}

bool takes_limit(const ModelTraits& traits, const ChatWording& said) {
    if (!said.fields.has(ChatField::MaxCompletionTokens)) return true;
    if (traits.max_field == ModelTraits::MaxField::MaxTokens) return false;
    return !said.fields.has(ChatField::MaxTokens);
}

bool takes_sampling(const ModelTraits& traits, const ChatWording& said) {
    const double temperature = said.temperature.value_or(1);
    const double top_p = said.top_p.value_or(1);
    if (!traits.takes_sampling) return temperature == 1 && top_p == 1;
    return temperature >= traits.min_temperature && temperature <= traits.max_temperature &&
           top_p >= traits.min_top_p;
}

bool takes_choice(const ModelTraits& traits, Choice choice, bool thinks) {
    switch (choice) {
        case Choice::Unset:
            return true;
        case Choice::Auto:
            return traits.choice_auto;
        case Choice::None:
            return traits.choice_none;
        case Choice::Required:
            return traits.choice_required && (traits.choice_while_thinking || !thinks);
        case Choice::Named:
            return traits.choice_named && (traits.choice_while_thinking || !thinks);
    }
    return false;
}

bool takes_format(const ModelTraits& traits, Format format, bool thinks) {
    switch (format) {
        case Format::Text:
            return true;
        case Format::JsonObject:
            return traits.json_object && !traits.json_word &&
                   (traits.json_while_thinking || !thinks);
        case Format::JsonSchema:
            return traits.json_schema && (traits.json_while_thinking || !thinks);
    }
    return false;
}

bool takes_effort(const ModelTraits& traits, const ChatWording& said) {
    return !said.effort || traits.efforts.has(*said.effort);
}

bool takes_extras(const ModelTraits& traits, const RequestFacts& facts, bool thinks) {
    const ChatWording& said = facts.wording;
    if (said.fields.empty()) return true;
    if (said.fields.has_any_of(traits.missing_fields)) return false;
    if (said.fields.has(ChatField::Stop) && !traits.takes_stop) return false;
    if (said.has_rare_tier && traits.service_tiers != ModelTraits().service_tiers) return false;
    const bool is_alone = facts.needs.has(Need::Tools) || thinks;
    if (facts.answers > 1 && traits.one_answer_alone && is_alone) return false;
    if (said.top_logprobs > static_cast<double>(traits.max_top_logprobs)) return false;
    const auto most = static_cast<double>(traits.max_seed);
    return most == 0 || !said.seed || (*said.seed >= 0 && *said.seed <= most);
}

// Only a stream can bring the answer, and none is asked for.
bool needs_stream(const ModelTraits& traits, const RequestFacts& facts, bool thinks) {
    if (facts.stream) return false;
    return traits.answers_only_in_streams || (traits.thinks_only_in_streams && thinks);
}

}  // namespace

bool takes_as_it_stands(const ModelTraits& traits, const RequestFacts& facts) {
    const ChatWording& said = facts.wording;
    const bool thinks = said.thinking.value_or(traits.thinks_by_default);
    return takes_messages(traits, facts) && takes_limit(traits, said) &&
           takes_sampling(traits, said) && takes_effort(traits, said) &&
           takes_choice(traits, said.choice, thinks) && takes_format(traits, said.format, thinks) &&
           takes_extras(traits, facts, thinks) && !needs_stream(traits, facts, thinks);
}

}  // namespace aigw::providers
