// A half-open range of bytes in a body: what a scanner finds and a splice replaces.
#pragma once

#include <cstddef>
#include <string_view>

namespace aigw::protocol {

struct ByteRange {
    std::size_t begin = 0;
    std::size_t end = 0;

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
    std::size_t size() const { return end - begin; }
    std::string_view of(std::string_view body) const { return body.substr(begin, size()); }
};

}  // namespace aigw::protocol
