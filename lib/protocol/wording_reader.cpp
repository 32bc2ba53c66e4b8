#include "protocol/wording_reader.h"

#include <simdjson.h>

namespace aigw::protocol {
namespace {

using simdjson::dom::element;

constexpr std::array<std::string_view, 4> kPlainFields = {"model", "messages", "stream", "tools"};

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
    if (std::ranges::find(kPlainFields, name) != kPlainFields.end() || value.is_null()) return;
    wording.fields.note(name);
    if (name == "temperature") {
        wording.temperature = number_of(value);
    } else if (name == "top_p") {
        wording.top_p = number_of(value);
    } else if (name == "seed") {
        wording.seed = number_of(value);
    } else if (name == "top_logprobs") {
        wording.top_logprobs = number_of(value);
    } else if (name == "max_tokens") {
        wording.has_max_tokens = true;
    } else if (name == "max_completion_tokens") {
        wording.has_max_completion_tokens = true;
    } else if (name == "tool_choice") {
        wording.choice = mode_of(value);
    } else if (name == "response_format") {
        wording.format = format_of(value);
    } else if (name == "reasoning_effort") {
        wording.effort = find_effort(value_of<std::string_view>(value).value_or(""));
    } else if (name == "enable_thinking") {
        wording.thinking = value_of<bool>(value);
    } else if (name == "service_tier") {
        wording.has_rare_tier = !is_common_tier(value);
    }
}

}  // namespace aigw::protocol
