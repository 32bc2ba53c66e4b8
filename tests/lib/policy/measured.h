// Texts, and how the tests of capped answers count them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/output_gauge.h"
#include "tests/lib/tokens/agreement.h"
#include "tokens/utf8.h"

namespace aigw::policy {

inline Measure measure_of(std::string_view model) {
    const tokens::ModelCounter counter = tokens::ModelCounters().find(model);
    return {.model = counter, .counter = &tokens::built_counter(counter.encoding)};
}

// As gpt-4o counts.
inline std::size_t tokens_in(std::string_view text) {
    return tokens::built_counter(tokens::Encoding::O200kBase).count(text);
}

// Odd text of whole characters, as a JSON string gives it.
inline std::string whole_text(std::uint64_t seed) {
    const std::string odd = tokens::odd_text(seed);
    std::string text;
    const char* at = odd.data();
    const char* const end = at + odd.size();
    while (at != end) {
        const tokens::Decoded decoded = tokens::decode(at, end);
        tokens::append_utf8(text, decoded.character);
        at += decoded.bytes;
    }
    return text;
}

// So many characters in each.
inline std::vector<std::string> in_pieces(std::string_view text, std::size_t characters) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        for (std::size_t i = 0; i < characters && end < text.size(); ++i) {
            ++end;
            while (end < text.size() && tokens::continues(text[end])) ++end;
        }
        pieces.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return pieces;
}

}  // namespace aigw::policy
