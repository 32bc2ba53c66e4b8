// Addresses of the Internet and blocks of them: 192.0.2.7, 2001:db8::1, 10.0.0.0/8.
//
// Shape:   both families in one 128-bit value, IPv4 as IPv6 maps it (::ffff:a.b.c.d), so that a
//          mapped address is the IPv4 address it stands for.
// Errors:  parsing gives nothing for what is no address; a port, brackets or a zone are not part of
//          one. A block whose address has bits beyond its length is refused: it hides a mistake.
// Source:  RFC 4291, sections 2.2 and 2.5.5.2; RFC 4632, section 3.1; RFC 5952 for the text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw {

class IpAddress {
public:
    static std::optional<IpAddress> parse(std::string_view text);

    bool is_v4() const;
    // The first `bits` of the 128, the rest zero.
    IpAddress masked(unsigned bits) const;
    // "192.0.2.7" also for ::ffff:192.0.2.7.
    std::string text() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;

private:
    using Bytes = std::array<std::uint8_t, 16>;
    explicit IpAddress(const Bytes& bytes) : bytes_(bytes) {}

    Bytes bytes_{};
};

// An address with the number of its leading bits that count; one address is a block of its own.
class IpBlock {
public:
    static Result<IpBlock> parse(std::string_view text);

    // False for addresses of the other family.
    bool contains(const IpAddress& address) const;
    friend bool operator==(const IpBlock&, const IpBlock&) = default;

private:
    IpBlock(const IpAddress& first, unsigned bits) : first_(first), bits_(bits) {}

    IpAddress first_;
    unsigned bits_;  // of the 128
};

}  // namespace aigw
