// Digests and constant-time comparison, behind one door to OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace aigw::crypto {

// SHA-256 (FIPS 180-4) as 64 lower-case hex digits.
std::string sha256_hex(std::string_view data);

// True when equal; the time depends on the lengths only, not on where the first difference is.
bool equals_constant_time(std::string_view a, std::string_view b);

}  // namespace aigw::crypto
