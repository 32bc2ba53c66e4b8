// Absolute http and https URLs (RFC 3986, RFC 9110 section 4.2), as configuration names upstreams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw::http {

struct Url {
    bool is_tls = false;
    std::string host{};  // without brackets
    std::uint16_t port = 0;
    std::string target = "/";  // path and query

    friend bool operator==(const Url&, const Url&) = default;
    // "host:port", IPv6 in brackets, the scheme's own port left out: what a Host header has.
    std::string authority() const;
    std::string origin() const;  // "https://host:port", the port left out likewise
    std::string text() const;
};

// Errors: another scheme, no host, a bad port, user:password, a fragment, blanks or control bytes.
Result<Url> parse_url(std::string_view text);

}  // namespace aigw::http
