#include "base/ids.h"

#include <algorithm>

namespace aigw {

std::uint64_t Random::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

std::string make_request_id(TimePoint now, Random& random) {
    constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const auto ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
    std::string id = "req_";
    id.resize(30);
    // 50 bits for the time in ten characters, 40 random bits in each eight of the others.
    for (std::size_t i = 0; i < 10; ++i) id[4 + i] = kAlphabet[(ms >> (45 - 5 * i)) & 31U];
    for (std::size_t half = 0; half < 2; ++half) {
        const std::uint64_t bits = random.next();
        for (std::size_t i = 0; i < 8; ++i)
            id[14 + 8 * half + i] = kAlphabet[(bits >> (5 * i)) & 31U];
    }
    return id;
}

bool is_safe_id(std::string_view id) {
    return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == ':' || c == '-';
    });
}

}  // namespace aigw
