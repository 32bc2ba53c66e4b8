#include "protocol/gemini_grounding.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "protocol/annotations.h"
#include "protocol/anthropic_answer.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {
namespace {

// Places in bytes as places in characters, whatever their order and number.
class Characters {
public:
    explicit Characters(std::string_view text) : text_(text) {
        for (std::size_t at = 0; at < text.size(); at += kBlock)
            before_.push_back(before_.back() + count_characters(text.substr(at, kBlock)));
    }

    std::size_t before(JsonValue place) const {
        const std::int64_t asked = place.integer().value_or(0);
        if (asked <= 0) return 0;
        const std::size_t bytes = std::min(static_cast<std::size_t>(asked), text_.size());
        const std::size_t block = bytes / kBlock;
        return before_[block] + count_characters(text_.substr(block * kBlock, bytes % kBlock));
    }

private:
    static constexpr std::size_t kBlock = 1024;
    std::string_view text_;
    std::vector<std::size_t> before_{0};  // … the block of that number
};

using Source = std::optional<WebCitation>;

std::vector<Source> read_sources(JsonValue chunks) {
    std::vector<Source> sources;
    if (!chunks.is_array()) return sources;
    for (const JsonValue& chunk : chunks) {
        const JsonValue web = chunk["web"];
        Source& source = sources.emplace_back();
        if (web["uri"].is_string())
            source = WebCitation{.url = web["uri"].text(), .title = web["title"].text()};
    }
    return sources;
}

const WebCitation* find_source(const std::vector<Source>& sources, JsonValue number) {
    const auto wanted = number.integer();
    if (!wanted || *wanted < 0 || *wanted >= static_cast<std::int64_t>(sources.size()))
        return nullptr;
    const Source& source = sources[static_cast<std::size_t>(*wanted)];
    return source ? &*source : nullptr;
}

}  // namespace

void give_grounding(std::string_view grounding, std::string_view answer, ChatSink& sink) {
    JsonTree tree;
    const auto root = tree.parse(grounding);
    if (!root || !(*root)["groundingSupports"].is_array()) return;
    const Characters characters(answer);
    const std::vector<Source> sources = read_sources((*root)["groundingChunks"]);
    std::size_t given = 0;
    for (const JsonValue& support : (*root)["groundingSupports"]) {
        const JsonValue numbers = support["groundingChunkIndices"];
        if (!numbers.is_array()) continue;
        const JsonValue segment = support["segment"];
        for (const JsonValue& number : numbers) {
            const WebCitation* source = find_source(sources, number);
            if (source == nullptr) continue;
            const std::string annotation =
                url_annotation(*source, characters.before(segment["startIndex"]),
                               characters.before(segment["endIndex"]));
            given += annotation.size();
            if (given > kMaxHeldBytes) return;
            sink.take({.kind = ChatEventKind::Annotation, .text = annotation});
        }
    }
}

}  // namespace aigw::protocol
