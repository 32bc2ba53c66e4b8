// Unicode's normal form NFC, for the short spans of a text that need it.
//
// Shape:   a span is a character that settles what stands before it (no kUnsettled in its class),
//          or none at a text's beginning, and all characters with kUnsettled behind it: no span
//          changes another.
// Source:  Unicode Standard Annex 15; section 3.11, with Hangul by arithmetic as in 3.12.
#pragma once

#include <string>

namespace aigw::tokens {

// Brings a span to NFC, in place. O(n log n) in its length.
void normalize_span(std::u32string& span);

// Whether a span is in NFC for sure, judged by its characters alone.
bool is_normal_span(const std::u32string& span);

}  // namespace aigw::tokens
