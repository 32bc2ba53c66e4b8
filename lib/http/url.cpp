#include "http/url.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::http {
namespace {

Error bad_url(std::string_view text, std::string_view why) {
    // A URL may carry a secret in its query or before an @: only what can't hold one is repeated.
    std::string shown(text.substr(0, std::min(text.find_first_of("?#"), std::size_t{80})));
    if (text.find('@') != std::string_view::npos) {
        const std::size_t scheme = shown.find("://");
        shown = scheme == std::string::npos ? "…" : shown.substr(0, scheme + 3) + "…";
    }
    return Error{ErrorCode::InvalidRequest,
                 "\"" + shown + "\" is not a usable URL: " + std::string(why),
                 "write it like https://host/path"};
}

}  // namespace

std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (is_tls ? 443 : 80)) text += ":" + std::to_string(port);
    return text;
}

std::string Url::origin() const {
    return (is_tls ? "https://" : "http://") + authority();
}

std::string Url::text() const {
    return (is_tls ? "https://" : "http://") + authority() + target;
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    std::string_view rest = text;
    const auto is_bad_byte = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
    };
    if (std::any_of(text.begin(), text.end(), is_bad_byte))
        return bad_url(text, "it holds blanks or control characters");
    if (starts_with_ignoring_case(rest, "https://")) {
        url.is_tls = true;
        rest.remove_prefix(8);
    } else if (starts_with_ignoring_case(rest, "http://")) {
        rest.remove_prefix(7);
    } else {
        return bad_url(text, "it does not begin with http:// or https://");
    }
    if (rest.find('#') != std::string_view::npos) return bad_url(text, "it has a fragment");

    const std::size_t path = rest.find_first_of("/?");
    std::string_view authority = rest.substr(0, path);
    if (path != std::string_view::npos) {
        url.target = std::string(rest.substr(path));
        if (url.target.front() == '?') url.target.insert(0, 1, '/');
    }
    if (authority.find('@') != std::string_view::npos)
        return bad_url(text, "it has a user name or password");

    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos) return bad_url(text, "its [ is not closed");
        url.host = std::string(authority.substr(1, close - 1));
        authority.remove_prefix(close + 1);
        if (!authority.empty() && !authority.starts_with(':'))
            return bad_url(text, "its port is not a number");
        if (!authority.empty()) port = authority.substr(1);
        if (!authority.empty() && port.empty()) return bad_url(text, "its port is not a number");
        if (!url.host.empty() && url.host.find(':') == std::string::npos)
            return bad_url(text, "its [ ] hold no IPv6 address");
    } else {
        const std::size_t colon = authority.find(':');
        url.host = std::string(authority.substr(0, colon));
        if (colon != std::string_view::npos) {
            port = authority.substr(colon + 1);
            if (port.empty()) return bad_url(text, "its port is not a number");
        }
    }
    if (url.host.empty()) return bad_url(text, "it has no host");
    if (url.host.find_first_of("[]") != std::string::npos)
        return bad_url(text, "its host has a stray [ or ]");
    url.port = url.is_tls ? 443 : 80;
    if (!port.empty()) {
        const auto number = parse_uint(port);
        if (!number || *number == 0 || *number > 65535)
            return bad_url(text, "its port is not a number from 1 to 65535");
        url.port = static_cast<std::uint16_t>(*number);
    }
    return url;
}

}  // namespace aigw::http
