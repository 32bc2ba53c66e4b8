// Signatures of Gemini's thoughts, on their way through callers who speak another protocol.
//
// Shape:   Gemini signs parts of any kind and wants each signature back with its part. A call keeps
//          its own (CallPart::signature). As OpenAI's callers alone have a place for that, and a
//          text has none, each goes out as the signature of thinking, too: before the call that it
//          belongs to, behind the text. There it has a mark, since Anthropic's models refuse what
//          is not theirs, and Gemini refuses theirs.
// Source:  ai.google.dev/gemini-api/docs/thought-signatures.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aigw::protocol {

// No signature has a colon: they are base64.
inline constexpr std::string_view kGeminiMark = "gemini:";

inline std::string marked_signature(std::string_view signature) {
    return std::string(kGeminiMark).append(signature);
}

// The signature as Gemini gave it; nothing when it is another vendor's.
inline std::optional<std::string_view> find_gemini_signature(std::string_view marked) {
    if (!marked.starts_with(kGeminiMark)) return std::nullopt;
    return marked.substr(kGeminiMark.size());
}

}  // namespace aigw::protocol
