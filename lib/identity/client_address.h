// From which address a call came: that of the connection, or the one that a trusted proxy names.
//
// Rules:   `X-Forwarded-For` is read from the right, as the proxies appended to it, and only as
//          long as the address that speaks is a trusted one: what stands further left is whatever
//          the client liked to write. An element that is no address ends the reading, too.
// Errors:  none: garbage leaves the last address that is known.
// Threads: never changes after construction; share it by const reference.
// Source:  gateway.toml(5), `trusted_proxies`; RFC 7239, sections 5.2 and 6 for elements with
// ports.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace aigw::identity {

// One entry of `trusted_proxies`: a block of addresses, or "unix" for all peers on Unix sockets.
Result<void> check_trusted_proxy(std::string_view text);

class TrustedProxies {
public:
    // Entries that check_trusted_proxy refuses are left out.
    static TrustedProxies make(std::span<const std::string> entries);

    // `peer` as the listener has it: "127.0.0.1", "::1", "unix".
    bool trusts(std::string_view peer) const;
    // `forwarded_for`: the values of the X-Forwarded-For fields in their order.
    std::string client_of(std::string_view peer,
                          std::span<const std::string_view> forwarded_for) const;

private:
    bool trusts(const IpAddress& address) const;

    std::vector<IpBlock> blocks_{};
    bool has_unix_ = false;
};

}  // namespace aigw::identity
