#include "protocol/responses_output.h"

#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"
#include "protocol/responses_reasoning.h"

namespace aigw::protocol {

std::string thoughts_of(JsonValue item) {
    const auto part = read_reasoning_item(item);
    const auto* thinking = part ? part->as<ThinkingPart>() : nullptr;
    return thinking == nullptr ? std::string() : thinking->text;
}

std::string nested_annotation(JsonValue annotation) {
    std::string out;
    if (!annotation["type"].is("url_citation") || annotation["url_citation"].is_given()) {
        append_compact(out, annotation.raw());
        return out;
    }
    JsonWriter json(out);
    json.begin_object();
    json.field("type", "url_citation");
    json.key("url_citation");
    json.begin_object();
    for (const JsonValue& member : annotation) {
        if (!member.has_key("type")) json.raw_field(member.key(), member.raw());
    }
    json.end_object();
    json.end_object();
    return out;
}

Stop read_responses_stop(JsonValue response, std::string_view refusal) {
    Stop stop{.reason = StopReason::EndTurn};
    if (response["status"].is("incomplete")) {
        const bool is_filtered = response["incomplete_details"]["reason"].is("content_filter");
        stop.reason = is_filtered ? StopReason::Refusal : StopReason::MaxTokens;
    }
    return refused_stop(std::move(stop), refusal);
}

}  // namespace aigw::protocol
