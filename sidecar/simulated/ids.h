// Ids as vendors write them, drawn from a seed.
#pragma once

#include <cstddef>
#include <string>

#include "base/ids.h"

namespace aigw::simulated {

// `length` of [A-Za-z0-9].
std::string make_id(std::size_t length, Random& random);
// `length` of [0-9a-f].
std::string make_hex(std::size_t length, Random& random);
// "8af536f9-8c1e-9d0a-b1c2-5f0c2f1e8a53": the shape of a version 4 UUID (RFC 9562).
std::string make_uuid(Random& random);

}  // namespace aigw::simulated
