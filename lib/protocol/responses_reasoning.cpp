#include "protocol/responses_reasoning.h"

#include <utility>

#include "protocol/sealed_reasoning.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kSigned = "aigw-signed:";
constexpr std::string_view kRedacted = "aigw-redacted:";

// Of each list's texts, a blank line between them.
void append_texts(JsonValue list, std::string& out) {
    if (!list.is_array()) return;
    for (const JsonValue& part : list) {
        const std::string text = part["text"].text();
        if (text.empty()) continue;
        if (!out.empty()) out.append("\n\n");
        out.append(text);
    }
}

}  // namespace

std::string seal_signature(std::string_view signature) {
    if (const auto own = find_sealed_reasoning(signature)) return std::string(own->content);
    return std::string(kSigned).append(signature);
}

std::string seal_redacted(std::string_view data) {
    return std::string(kRedacted).append(data);
}

// In JSON both begin a string.
bool has_own_seal(std::string_view body) {
    constexpr std::string_view kStart = "\"aigw-";
    for (std::size_t at = body.find(kStart); at != std::string_view::npos;
         at = body.find(kStart, at + 1)) {
        const std::string_view text = body.substr(at + 1);
        if (text.starts_with(kSigned) || text.starts_with(kRedacted)) return true;
    }
    return false;
}

// Open models give their thoughts as they are, in `content`; others a summary of them.
std::optional<Part> read_reasoning_item(JsonValue item) {
    const std::string sealed = item["encrypted_content"].text();
    if (sealed.starts_with(kRedacted))
        return Part{.value = RedactedThinkingPart{sealed.substr(kRedacted.size())}};
    ThinkingPart thinking;
    append_texts(item["content"], thinking.text);
    if (thinking.text.empty()) append_texts(item["summary"], thinking.text);
    if (sealed.starts_with(kSigned)) {
        thinking.signature = sealed.substr(kSigned.size());
    } else if (!sealed.empty()) {
        const std::string id = item["id"].text();
        thinking.signature = marked_reasoning({.id = id, .content = sealed});
    }
    if (thinking.text.empty() && thinking.signature.empty()) return std::nullopt;
    return Part{.value = std::move(thinking)};
}

}  // namespace aigw::protocol
