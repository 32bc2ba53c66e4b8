// URLs: what parses prints as a URL that parses to the same, and goes into a request as it is.

#include <string>

#include "http/url.h"
#include "tests/fuzz/target.h"

namespace {

// The part of an error's message that repeats the URL.
std::string_view repeated(std::string_view message) {
    const std::size_t end = message.rfind("\" is not a usable URL: ");
    aigw::fuzz::must_hold(end != std::string_view::npos, "an error says what is wrong");
    return message.substr(0, end);
}

void check_refusal(std::string_view text, std::string_view message) {
    const std::string_view shown = repeated(message);
    const std::size_t scheme = text.find("://");
    const std::size_t at = text.find('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme + 3) return;
    std::string other(text);
    std::fill(other.begin() + static_cast<std::ptrdiff_t>(scheme) + 3,
              other.begin() + static_cast<std::ptrdiff_t>(at), 'x');
    const auto refused = aigw::http::parse_url(other);
    aigw::fuzz::must_hold(!refused && repeated(refused.error().message) == shown,
                          "what is shown of a URL does not depend on its password");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = aigw::http::parse_url(text);
    if (!url) {
        check_refusal(text, url.error().message);
        return 0;
    }
    aigw::fuzz::must_hold(!url->host.empty() && url->port != 0, "a URL has a host and a port");
    aigw::fuzz::must_hold(url->target.starts_with('/'), "a target begins with a slash");
    const std::string printed = url->text();
    for (const char c : printed) {
        aigw::fuzz::must_hold(static_cast<unsigned char>(c) > ' ' && c != 0x7F,
                              "nothing in a URL can end a request's line");
    }
    const auto again = aigw::http::parse_url(printed);
    aigw::fuzz::must_hold(again && *again == *url, "a printed URL parses to the same");
    return 0;
}
