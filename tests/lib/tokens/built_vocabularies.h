// The vocabularies that this build made, each mapped once.
#pragma once

#include "tokens/vocabularies.h"

namespace aigw::tokens {

inline const Vocabulary& vocabulary_of(Encoding encoding) {
    static const Vocabularies vocabularies({AIGW_BINARY_DIR "/share/aigw/vocab"});
    return **vocabularies.find(encoding);
}

}  // namespace aigw::tokens
