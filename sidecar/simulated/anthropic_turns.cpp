#include "sidecar/simulated/anthropic_turns.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sidecar/simulated/fields.h"

namespace aigw::simulated::anthropic {
namespace {

void write_as_blocks(Json& content) {
    if (!content.is_string()) return;
    const auto text = content.get<std::string>();
    content = Json::array();
    if (!text.empty()) content.push_back({{"type", "text"}, {"text", text}});
}

}  // namespace

std::string_view Block::type() const {
    return text_field(*json, "type");
}

std::string Block::path() const {
    return "messages." + std::to_string(message) + ".content." + std::to_string(index);
}

bool Turn::has(std::string_view type) const {
    return std::any_of(blocks.begin(), blocks.end(),
                       [&](const Block& block) { return block.type() == type; });
}

Json with_blocks(const Json& body) {
    Json copy = body;
    if (copy.contains("system")) write_as_blocks(copy["system"]);
    if (find_field(copy, "messages") == nullptr || !copy["messages"].is_array()) return copy;
    for (Json& message : copy["messages"]) {
        if (message.is_object() && message.contains("content")) write_as_blocks(message["content"]);
    }
    return copy;
}

std::vector<Turn> read_turns(const Json& body) {
    std::vector<Turn> turns;
    const Json& messages = body["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::string_view role = text_field(messages[i], "role");
        if (turns.empty() || turns.back().role != role) turns.push_back({role, i, {}});
        const Json* content = find_field(messages[i], "content");
        if (content == nullptr) continue;
        for (std::size_t at = 0; at < content->size(); ++at) {
            turns.back().blocks.push_back({&(*content)[at], i, at});
        }
    }
    return turns;
}

}  // namespace aigw::simulated::anthropic
