#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace aigw {
namespace {

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // before the four bytes of an IPv4 address
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error bad_block(std::string_view text, std::string_view why) {
    return Error{ErrorCode::Config,
                 "is " + json_string(text.substr(0, 80)) + ", which " + std::string(why),
                 R"(write it like "10.0.0.0/8", "192.0.2.7" or "2001:db8::/32")"};
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return {};
    std::ranges::copy(text, terminated.begin());
    Bytes bytes{};
    if (::inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1) return IpAddress(bytes);
    std::ranges::copy(kMapped, bytes.begin());
    if (::inet_pton(AF_INET, terminated.data(), bytes.data() + kMapped.size()) != 1) return {};
    return IpAddress(bytes);
}

bool IpAddress::is_v4() const {
    return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

IpAddress IpAddress::masked(unsigned bits) const {
    Bytes bytes{};
    const unsigned whole = bits / 8;
    std::copy_n(bytes_.begin(), whole, bytes.begin());
    if (whole < bytes.size()) {
        const unsigned mask = 0xff00U >> (bits % 8);
        bytes[whole] = static_cast<std::uint8_t>(bytes_[whole] & mask);
    }
    return IpAddress(bytes);
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4()) {
        ::inet_ntop(AF_INET, bytes_.data() + kMapped.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

Result<IpBlock> IpBlock::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return bad_block(text, "holds no address");
    if (slash == std::string_view::npos) return IpBlock(*address, kBits);

    // 10.0.0.0/8 counts from the IPv4 address, ::ffff:10.0.0.0/104 from the start.
    const bool is_written_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    const unsigned before = is_written_v4 ? kMappedBits : 0;
    const auto length = parse_uint(text.substr(slash + 1));
    if (!length || *length > kBits - before) {
        return bad_block(text, "has no length from 0 to " + std::to_string(kBits - before));
    }
    const unsigned bits = before + static_cast<unsigned>(*length);
    const IpAddress first = address->masked(bits);
    if (first != *address) {
        return bad_block(text, "has bits beyond its length; its block begins at " + first.text());
    }
    return IpBlock(first, bits);
}

bool IpBlock::contains(const IpAddress& address) const {
    return first_.is_v4() == address.is_v4() && address.masked(bits_) == first_;
}

}  // namespace aigw
