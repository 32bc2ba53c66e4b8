// OpenAI's encrypted reasoning, on its way through callers who speak another protocol.
//
// Shape:   an item of reasoning has a content that OpenAI alone can open, and wants back before the
//          call or the text that followed it, where nothing is kept between calls. It goes out as
//          the signature of the thoughts, the item's id with it, behind a mark: models of other
//          vendors refuse what is not theirs.
// Source:  platform.openai.com/docs/guides/reasoning (encrypted reasoning items).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aigw::protocol {

struct SealedReasoning {
    std::string_view id;  // may be empty
    std::string_view content;
};

// No signature has a colon: they are base64.
inline constexpr std::string_view kOpenAiMark = "openai:";

inline std::string marked_reasoning(const SealedReasoning& sealed) {
    return std::string(kOpenAiMark).append(sealed.id).append(":").append(sealed.content);
}

// Nothing when the signature is another vendor's.
inline std::optional<SealedReasoning> find_sealed_reasoning(std::string_view signature) {
    if (!signature.starts_with(kOpenAiMark)) return std::nullopt;
    signature.remove_prefix(kOpenAiMark.size());
    const std::size_t colon = signature.find(':');
    if (colon == std::string_view::npos || colon + 1 == signature.size()) return std::nullopt;
    return SealedReasoning{.id = signature.substr(0, colon),
                           .content = signature.substr(colon + 1)};
}

}  // namespace aigw::protocol
