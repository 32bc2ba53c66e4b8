#include "protocol/wording_reader.h"

#include <simdjson.h>

namespace aigw::protocol {
namespace {

using simdjson::dom::element;

template <class T>
std::optional<T> value_of(const element& value) {
    T found{};
    if (value.get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
}

std::optional<double> number_of(const element& value) {
    return value.is_number() ? value_of<double>(value) : std::nullopt;
}

std::string_view type_inside(const element& value) {
    if (!value.is_object()) return {};
    std::string_view type;
    return value["type"].get(type) == simdjson::SUCCESS ? type : std::string_view();
}

ToolChoice::Mode mode_of(const element& value) {
    using Mode = ToolChoice::Mode;
    if (value.is_object()) return Mode::Named;
    const auto word = value_of<std::string_view>(value);
    if (word == "required") return Mode::Required;
    if (word == "auto") return Mode::Auto;
    return word == "none" ? Mode::None : Mode::Unset;
}

ResponseFormat::Kind format_of(const element& value) {
    const std::string_view type = type_inside(value);
    if (type == "json_object") return ResponseFormat::Kind::JsonObject;
    return type == "json_schema" ? ResponseFormat::Kind::JsonSchema : ResponseFormat::Kind::Text;
}

bool is_common_tier(const element& value) {
    const auto tier = value_of<std::string_view>(value);
    return !tier || tier == "auto" || tier == "default" || tier == "flex";
}

}  // namespace

void note_field(std::string_view name, const element& value, ChatWording& wording) {
    const auto field = find_chat_field(name);
    if (!field || value.is_null()) return;
    wording.fields.add(*field);
    switch (*field) {
        case ChatField::Temperature:
            wording.temperature = number_of(value);
            return;
        case ChatField::TopP:
            wording.top_p = number_of(value);
            return;
        case ChatField::Seed:
            wording.seed = number_of(value);
            return;
        case ChatField::TopLogprobs:
            wording.top_logprobs = number_of(value);
            return;
        case ChatField::ToolChoice:
            wording.choice = mode_of(value);
            return;
        case ChatField::ResponseFormat:
            wording.format = format_of(value);
            return;
        case ChatField::ReasoningEffort:
            wording.effort = find_effort(value_of<std::string_view>(value).value_or(""));
            return;
        case ChatField::EnableThinking:
            wording.thinking = value_of<bool>(value);
            return;
        case ChatField::ServiceTier:
            wording.has_rare_tier = !is_common_tier(value);
            return;
        case ChatField::N:
        case ChatField::Stop:
        case ChatField::User:
        case ChatField::Audio:
        case ChatField::Store:
        case ChatField::Logprobs:
        case ChatField::Metadata:
        case ChatField::Functions:
        case ChatField::Verbosity:
        case ChatField::LogitBias:
        case ChatField::MaxTokens:
        case ChatField::Modalities:
        case ChatField::Moderation:
        case ChatField::Prediction:
        case ChatField::FunctionCall:
        case ChatField::ParallelToolCalls:
        case ChatField::PresencePenalty:
        case ChatField::PromptCacheKey:
        case ChatField::FrequencyPenalty:
        case ChatField::SafetyIdentifier:
        case ChatField::WebSearchOptions:
        case ChatField::MaxCompletionTokens:
        case ChatField::PromptCacheRetention:
            return;
    }
}

}  // namespace aigw::protocol
