// "1 platform", "2 platforms".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aigw::cmd {

// `noun` is one whose plural takes an s.
inline std::string render_count(std::size_t count, std::string_view noun) {
    return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

}  // namespace aigw::cmd
