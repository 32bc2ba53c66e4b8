#include "identity/client_address.h"

#include <catch2/catch.hpp>

using namespace aigw::identity;

TEST_CASE("identity: a forwarded address counts only through trusted proxies", "[identity]") {
    using Values = std::vector<std::string_view>;
    struct Case {
        const char* name;
        std::vector<std::string> trusted;
        const char* peer;
        Values forwarded_for;
        const char* client;
    };
    const std::vector<std::string> lan = {"10.0.0.0/8", "2001:db8::/32"};
    const Case cases[] = {
        {"no proxy, no header", {}, "203.0.113.9", {}, "203.0.113.9"},
        {"nobody is trusted", {}, "10.0.0.1", {"198.51.100.1"}, "10.0.0.1"},
        {"a stranger claims another address", lan, "203.0.113.9", {"198.51.100.1"}, "203.0.113.9"},
        {"one proxy", lan, "10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
        {"the client lies in front", lan, "10.0.0.1", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
        {"two proxies", lan, "10.0.0.1", {"1.1.1.1, 198.51.100.1, 10.2.3.4"}, "198.51.100.1"},
        {"in two fields", lan, "10.0.0.1", {"1.1.1.1, 198.51.100.1", "10.2.3.4"}, "198.51.100.1"},
        {"all are trusted", lan, "10.0.0.1", {"10.9.9.9,10.2.3.4"}, "10.9.9.9"},
        {"the proxy sends no header", lan, "10.0.0.1", {}, "10.0.0.1"},
        {"garbage", lan, "10.0.0.1", {"unknown"}, "10.0.0.1"},
        {"garbage behind a proxy", lan, "10.0.0.1", {"1.1.1.1, <script>, 10.2.3.4"}, "10.2.3.4"},
        {"an empty value", lan, "10.0.0.1", {""}, "10.0.0.1"},
        {"an empty element", lan, "10.0.0.1", {"198.51.100.1,"}, "10.0.0.1"},
        {"an empty first element", lan, "10.0.0.1", {"198.51.100.1", ",10.2.3.4"}, "10.2.3.4"},
        {"an open bracket", lan, "10.0.0.1", {"["}, "10.0.0.1"},
        {"an address in an open bracket", lan, "10.0.0.1", {"[2a00::7"}, "10.0.0.1"},
        {"only a colon", lan, "10.0.0.1", {":"}, "10.0.0.1"},
        {"with a port", lan, "10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},
        {"IPv6", lan, "2001:db8::1", {"2a00::7"}, "2a00::7"},
        {"IPv6 with a port", lan, "10.0.0.1", {"\"[2a00::7]:4711\""}, "2a00::7"},
        {"IPv4 in IPv6", lan, "::ffff:10.0.0.1", {"::ffff:198.51.100.1"}, "198.51.100.1"},
        {"IPv4 in IPv6 without a proxy", lan, "::ffff:203.0.113.9", {}, "203.0.113.9"},
        {"a Unix socket that is trusted", {"unix"}, "unix", {"198.51.100.1"}, "198.51.100.1"},
        {"a Unix socket that is not", lan, "unix", {"198.51.100.1"}, "unix"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(TrustedProxies::make(c.trusted).client_of(c.peer, c.forwarded_for) == c.client);
        }
    }
}
