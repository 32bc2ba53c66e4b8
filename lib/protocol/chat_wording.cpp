#include "protocol/chat_wording.h"

#include <algorithm>

#include "protocol/model_traits.h"

namespace aigw::protocol {
namespace {

// The bit of a name; 0: it is none of them.
std::uint32_t bit_of(std::string_view name) {
    const auto* const found = std::ranges::find(kUncommonFields, name);
    if (found == kUncommonFields.end()) return 0;
    return std::uint32_t{1} << (found - kUncommonFields.begin());
}

}  // namespace

void UncommonFields::note(std::string_view name) {
    bits_ |= bit_of(name);
}

bool UncommonFields::has(std::string_view name) const {
    return (bits_ & bit_of(name)) != 0;
}

bool UncommonFields::has_any_of(std::string_view names) const {
    for (std::size_t i = 0; i < kUncommonFields.size(); ++i) {
        const bool is_there = ((bits_ >> i) & 1U) != 0;
        if (is_there && has_name(names, kUncommonFields[i])) return true;
    }
    return false;
}

}  // namespace aigw::protocol
