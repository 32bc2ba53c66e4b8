#include "http/url.h"

#include <catch2/catch.hpp>

using namespace aigw;

TEST_CASE("url: absolute http and https addresses are taken apart", "[http]") {
    struct Case {
        const char* text;
        http::Url want;
        const char* authority;
    };
    const Case cases[] = {
        {"https://a.test", {true, "a.test", 443, "/"}, "a.test"},
        {"HTTP://a.test:8080/v1?x=y", {false, "a.test", 8080, "/v1?x=y"}, "a.test:8080"},
        {"https://[::1]:9/v1", {true, "::1", 9, "/v1"}, "[::1]:9"},
        {"http://a.test?x", {false, "a.test", 80, "/?x"}, "a.test"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            const auto url = http::parse_url(c.text);
            REQUIRE(url);
            CHECK(*url == c.want);
            CHECK(url->authority() == c.authority);
        }
    }
}

TEST_CASE("url: what is wrong is said, and nothing that may be secret is repeated", "[http]") {
    struct Case {
        const char* text;
        const char* message;
    };
    const Case cases[] = {
        {"ftp://a.test/x",
         "\"ftp://a.test/x\" is not a usable URL: it does not begin with http:// or https://"},
        {"https:///x", "\"https:///x\" is not a usable URL: it has no host"},
        {"https://a.test:0",
         "\"https://a.test:0\" is not a usable URL: its port is not a number from 1 to 65535"},
        {"https://a.test:", "\"https://a.test:\" is not a usable URL: its port is not a number"},
        {"https://[::1", "\"https://[::1\" is not a usable URL: its [ is not closed"},
        {"https://[a.test]",
         "\"https://[a.test]\" is not a usable URL: its [ ] hold no IPv6 address"},
        {"https://[[::1]", "\"https://[[::1]\" is not a usable URL: its host has a stray [ or ]"},
        {"https://a]:1", "\"https://a]:1\" is not a usable URL: its host has a stray [ or ]"},
        {"https://a b",
         "\"https://a b\" is not a usable URL: it holds blanks or control characters"},
        {"https://a.test/#key", "\"https://a.test/\" is not a usable URL: it has a fragment"},
        {"https://me:secret@a.test/",
         "\"https://…\" is not a usable URL: it has a user name or password"},
        {"me:secret@a.test",
         "\"…\" is not a usable URL: it does not begin with http:// or https://"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            const auto url = http::parse_url(c.text);
            REQUIRE_FALSE(url);
            CHECK(url.error().message == c.message);
        }
    }
}
