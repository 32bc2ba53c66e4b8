// Identifiers. Randomness is an argument, so that a seeded test sees the same ids again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace aigw {

// splitmix64: small, fast, seedable; for ids, jitter and simulated vendors, never for secrets.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    // 0 <= result < bound; bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    std::uint64_t state_;
};

// "req_" + 26 characters: 48 bits of milliseconds, 80 random bits, Crockford base 32. Sorts by
// time.
std::string make_request_id(TimePoint now, Random& random);

// True for ids that may be echoed in a header or a log: 1 to 128 of [A-Za-z0-9._:-].
bool is_safe_id(std::string_view id);

}  // namespace aigw
