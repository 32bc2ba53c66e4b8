#include "protocol/models_list.h"

#include "base/text.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

void append_model(std::string& out, const ModelCard& card, TimePoint created) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(created.time_since_epoch());
    out.append("{\"id\":");
    append_json_string(out, card.id);
    out.append(",\"object\":\"model\",\"created\":").append(std::to_string(seconds.count()));
    out.append(",\"owned_by\":");
    append_json_string(out, card.owned_by);
    out.push_back('}');
}

void write_anthropic_model(JsonWriter& json, const ModelCard& card, TimePoint created) {
    json.begin_object();
    json.field("type", "model");
    json.field("id", card.id);
    json.field("display_name", card.id);
    json.field("created_at", render_time(created));
    json.end_object();
}

void write_id(JsonWriter& json, std::string_view name, const ModelCard* card) {
    if (card == nullptr) return json.null_field(name);
    json.field(name, card->id);
}

}  // namespace

std::string render_models(std::span<const ModelCard> cards, TimePoint created) {
    std::string out = "{\"object\":\"list\",\"data\":[";
    for (const ModelCard& card : cards) {
        if (&card != cards.data()) out.push_back(',');
        append_model(out, card, created);
    }
    return out.append("]}");
}

std::string render_model(const ModelCard& card, TimePoint created) {
    std::string out;
    append_model(out, card, created);
    return out;
}

std::string render_anthropic_models(std::span<const ModelCard> cards, TimePoint created) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("data");
    json.begin_array();
    for (const ModelCard& card : cards) write_anthropic_model(json, card, created);
    json.end_array();
    json.boolean_field("has_more", false);
    write_id(json, "first_id", cards.empty() ? nullptr : &cards.front());
    write_id(json, "last_id", cards.empty() ? nullptr : &cards.back());
    json.end_object();
    return out;
}

std::string render_anthropic_model(const ModelCard& card, TimePoint created) {
    std::string out;
    JsonWriter json(out);
    write_anthropic_model(json, card, created);
    return out;
}

}  // namespace aigw::protocol
