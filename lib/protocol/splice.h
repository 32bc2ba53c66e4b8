// Edits of a body that leave every other byte as it was.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
// `out` is cleared and filled with the pieces of the edited body: views into `body` and into the
// edits, none empty. No byte is copied.
void splice_views(std::string_view body, std::span<const Edit> edits,
                  std::vector<std::string_view>& out);
std::string splice(std::string_view body, std::span<const Edit> edits);

}  // namespace aigw::protocol
