// A value that a JSON Schema accepts: what a model writes as tool arguments or structured output.
#pragma once

#include <span>
#include <string>

#include "base/ids.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated {

// Required properties only, or all when none is required. Understands type, enum, const, default,
// properties, items, minItems, minimum, maximum, minLength, format, anyOf/oneOf/allOf and local
// $ref; other keywords are not obeyed. Strings are taken from `words` before they are made up.
Json make_example(const Json& schema, std::span<const std::string> words, Random& random);

}  // namespace aigw::simulated
