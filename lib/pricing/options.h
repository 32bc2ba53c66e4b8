// What the configuration says about prices ([pricing], [platforms.X.pricing]).
#pragma once

#include <cstdint>

namespace aigw::pricing {

enum class Catalog : std::uint8_t { Builtin, None };
// A model without a price: refuse the call, assume the dearest known price, or let it through and
// count it.
enum class Missing : std::uint8_t { Reject, WorstCase, Unpriced };

struct Options {
    Catalog catalog = Catalog::Builtin;
    Missing missing = Missing::Unpriced;
};

}  // namespace aigw::pricing
