#include "protocol/models_list.h"

#include "base/text.h"

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

}  // namespace aigw::protocol
