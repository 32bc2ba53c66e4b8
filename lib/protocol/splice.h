// Edits of a body that leave every other byte as it was.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/inline_vector.h"

namespace aigw::protocol {

// Replaces [begin, end) by `text`; begin == end inserts.
struct Edit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text{};

    friend bool operator==(const Edit&, const Edit&) = default;
};

// Edits come in ascending order and do not overlap; both are asserted.
//
// Adds the pieces of the edited body to `out`: views into `body` and into the edits, none empty. No
// byte is copied.
using Pieces = InlineVector<std::string_view, 8>;
void splice_views(std::string_view body, std::span<const Edit> edits, Pieces& out);
std::string splice(std::string_view body, std::span<const Edit> edits);

}  // namespace aigw::protocol
