#include "tokens/encoding.h"

namespace aigw::tokens {

std::string_view encoding_name(Encoding encoding) {
    switch (encoding) {
        case Encoding::Cl100kBase:
            return "cl100k_base";
        case Encoding::O200kBase:
            return "o200k_base";
        case Encoding::Qwen:
            return "qwen";
    }
    return {};
}

std::optional<Encoding> find_encoding(std::string_view name) {
    for (const Encoding encoding : kEncodings) {
        if (encoding_name(encoding) == name) return encoding;
    }
    return std::nullopt;
}

}  // namespace aigw::tokens
