#include "base/ip_address.h"

#include <catch2/catch.hpp>

using namespace aigw;

TEST_CASE("base: an address reads as it is written", "[base]") {
    struct Case {
        const char* name;
        std::string text;
        const char* shown;  // nullptr: no address
    };
    const Case cases[] = {
        {"IPv4", "192.0.2.7", "192.0.2.7"},
        {"IPv6", "2001:DB8:0:0::1", "2001:db8::1"},
        {"IPv4 in IPv6", "::ffff:192.0.2.7", "192.0.2.7"},
        {"the longest", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
        {"nothing", "", nullptr},
        {"a name", "localhost", nullptr},
        {"with a port", "192.0.2.7:80", nullptr},
        {"in brackets", "[::1]", nullptr},
        {"with a zone", "fe80::1%eth0", nullptr},
        {"with a blank", " 192.0.2.7", nullptr},
        {"too large a number", "192.0.2.256", nullptr},
        {"octal", "192.0.2.010", nullptr},
        {"three numbers", "192.0.2", nullptr},
        {"an end in the middle", std::string("192.0.2.7\0", 10), nullptr},
        {"far too long", std::string(500, '1'), nullptr},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto address = IpAddress::parse(c.text);
            REQUIRE(address.has_value() == (c.shown != nullptr));
            if (address) CHECK(address->text() == c.shown);
        }
    }
}

TEST_CASE("base: a block contains what shares its leading bits", "[base]") {
    struct Case {
        const char* block;
        const char* address;
        bool is_in;
    };
    const Case cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "203.0.113.9", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.address << " in " << c.block) {
            const auto block = IpBlock::parse(c.block);
            REQUIRE(block);
            CHECK(block->contains(*IpAddress::parse(c.address)) == c.is_in);
        }
    }
}

TEST_CASE("base: what is no block is refused with the reason", "[base]") {
    struct Case {
        const char* text;
        const char* message;
    };
    const Case cases[] = {
        {"proxy.test", R"(is "proxy.test", which holds no address)"},
        {"", R"(is "", which holds no address)"},
        {"10.0.0.0/", R"(is "10.0.0.0/", which has no length from 0 to 32)"},
        {"10.0.0.0/33", R"(is "10.0.0.0/33", which has no length from 0 to 32)"},
        {"10.0.0.0/-1", R"(is "10.0.0.0/-1", which has no length from 0 to 32)"},
        {"::/129", R"(is "::/129", which has no length from 0 to 128)"},
        {"10.0.0.1/8",
         R"(is "10.0.0.1/8", which has bits beyond its length; its block begins at 10.0.0.0)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION('"' << c.text << '"') {
            const auto block = IpBlock::parse(c.text);
            REQUIRE_FALSE(block);
            CHECK(block.error().message == c.message);
        }
    }
}
