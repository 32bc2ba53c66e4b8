#include "base/text.h"

#include <catch2/catch.hpp>

using namespace aigw;

TEST_CASE("text: a glob's star matches any run", "[base]") {
    struct Case {
        const char* pattern;
        const char* text;
        bool matches;
    };
    const Case cases[] = {
        {"gpt-*", "gpt-4o", true},
        {"gpt-*", "gpt-", true},
        {"gpt-*", "xgpt-4", false},
        {"*", "", true},
        {"*-mini", "o4-mini", true},
        {"a*b*c", "a1b2c", true},
        {"a*b*c", "acb", false},
        {"", "", true},
        {"", "a", false},
        {"**", "anything", true},
        {"gpt-4o", "GPT-4o", false},
        {"a*a", "a", false},
        {"*aab", "aaaaaab", true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.pattern << " on \"" << c.text << "\"") {
            CHECK(matches_glob(c.pattern, c.text) == c.matches);
        }
    }
}

TEST_CASE("text: UTF-8 is checked as RFC 3629 has it", "[base]") {
    CHECK(is_utf8("plain"));
    CHECK(is_utf8("汉字 \xF0\x9F\x98\x80"));
    CHECK_FALSE(is_utf8("\xC0\x80"));          // overlong
    CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
    CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));  // over U+10FFFF
    CHECK_FALSE(is_utf8("\xE6\xB1"));          // cut
    CHECK_FALSE(is_utf8("\x80"));
}

TEST_CASE("text: JSON strings are escaped and never broken", "[base]") {
    CHECK(json_string("a\"b\\c\n\r\t\x01\x7F") == R"("a\"b\\c\n\r\t\u0001\u007f")");
    CHECK(json_string("汉") == "\"汉\"");
    CHECK(json_string("\xFF") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("text: sizes carry binary units", "[base]") {
    struct Case {
        const char* text;
        std::int64_t bytes;  // -1: refused
    };
    const Case cases[] = {{"64KiB", 65536},
                          {"32MiB", 33554432},
                          {"1GiB", 1073741824},
                          {"512B", 512},
                          {"100", 100},
                          {"1MB", -1},
                          {"", -1},
                          {"-1KiB", -1},
                          {"1.5MiB", -1},
                          {"99999999999GiB", -1}};
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.text << "\"") {
            const auto size = parse_size(c.text);
            REQUIRE(size.has_value() == (c.bytes >= 0));
            if (size) CHECK(*size == static_cast<std::uint64_t>(c.bytes));
        }
    }
    CHECK(render_size(33554432) == "32MiB");
    CHECK(render_size(1000) == "1000B");
}

TEST_CASE("text: the nearest word is offered only when it is near", "[base]") {
    const std::string_view words[] = {"models", "metrics", "listen"};
    CHECK(find_nearest("modles", words) == "models");
    CHECK(find_nearest("metric", words) == "metrics");
    CHECK_FALSE(find_nearest("zebra", words));
}

TEST_CASE("text: splitting keeps empty parts, trimming only strips the ends", "[base]") {
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(trim("  a b \n") == "a b");
    CHECK(equals_ignoring_case("Content-Type", "content-type"));
    CHECK(starts_with_ignoring_case("GPT-4o", "gpt-"));
}
