// Cuts a text into the pieces that an encoding merges on their own.
//
// Shape:   the patterns, alternatives tried in this order:
//            cl100k   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
//                     ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//            qwen     as cl100k with \p{N} in place of \p{N}{1,3}
//            o200k    [^\r\n\p{L}\p{N}]?U*V+C?|[^\r\n\p{L}\p{N}]?U+V*C?|\p{N}{1,3}|
//                     ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
//                     U = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], V = [\p{Ll}\p{Lm}\p{Lo}\p{M}],
//                     C = (?i:'s|'t|'re|'ve|'m|'ll|'d)
//          by hand: a scanner reads no character twice but the end of a run that goes to the next
//          piece, and has no stack to overflow.
// Source:  the pre-tokenizers published with the vocabularies (data/README.md).
#pragma once

#include "tokens/encoding.h"

namespace aigw::tokens {

// The end of the piece that begins at `at`, which is not `end`. The text is clean (text_cleaner.h).
template <Encoding Code>
const char* piece_end(const char* at, const char* end);

extern template const char* piece_end<Encoding::Cl100kBase>(const char*, const char*);
extern template const char* piece_end<Encoding::O200kBase>(const char*, const char*);
extern template const char* piece_end<Encoding::Qwen>(const char*, const char*);

}  // namespace aigw::tokens
