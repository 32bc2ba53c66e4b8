#include "protocol/object_scanner.h"

#include <catch2/catch.hpp>

using namespace aigw::protocol;

namespace {

// "key=value" of each field, then "." when the object was whole.
std::string fields_of(std::string_view text) {
    ObjectScanner scanner(text);
    std::string fields;
    while (const auto field = scanner.next()) {
        fields.append(field->key.of(text)).append("=").append(field->value.of(text)).append(" ");
    }
    return fields + (scanner.is_complete() ? "." : "");
}

}  // namespace

TEST_CASE("protocol: the scanner gives each field its bytes", "[protocol]") {
    struct Case {
        const char* text;
        const char* fields;
    };
    const Case cases[] = {
        {R"({"a":1,"b":"x","c":[1,{"d":"]}"}],"e":{"f":{}},"g":true})",
         R"("a"=1 "b"="x" "c"=[1,{"d":"]}"}] "e"={"f":{}} "g"=true .)"},
        {" { \"a\" : -1.5e3 ,\n\t\"b\" : null } \r\n", R"("a"=-1.5e3 "b"=null .)"},
        {R"({"a\"b":"\\","c":"\\\""})", R"("a\"b"="\\" "c"="\\\"" .)"},
        {"{}", "."},
        {"{ }", "."},
        {"", ""},
        {"[]", ""},
        {"{", ""},
        {R"({"a")", ""},
        {R"({"a":)", ""},
        {R"({"a":1)", ""},
        {R"({"a":"x)", ""},
        {R"({"a":"x\")", ""},
        {R"({"a":[1,2})", ""},
        {R"({"a":1,)", R"("a"=1 )"},
        {R"({"a":1} x)", R"("a"=1 )"},
        {R"({"a":}})", ""},
        {R"({a:1})", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            CHECK(fields_of(c.text) == c.fields);
        }
    }
}

TEST_CASE("protocol: what a value holds does not end it, wherever it stands", "[protocol]") {
    const std::string values[] = {
        R"({"a":"}","b":["]","{"],"c":{}})",
        R"([1,[2,[3,[4,[5]]]],"[[[[",{"x":"\\"}])",
        R"({"quote":"\"}","back":"\\","both":"\\\"]"})",
        R"([[[[]]],"0123456789abcdef0123456789abcdef",[]])",
        R"("\\\"}{][")",
        R"({"long":"a\nb\"c}d{e[f]g\\","then":[{},{},{}]})",
    };
    for (const std::string& value : values) {
        for (std::size_t before = 0; before < 40; ++before) {
            const std::string text =
                R"({"p":")" + std::string(before, 'x') + R"(","v":)" + value + R"(,"e":1})";
            CAPTURE(text);
            const auto found = find_field(text, "v");
            REQUIRE(found);
            CHECK(found->of(text) == value);
            CHECK(is_whole_object(text));
            for (std::size_t cut = 1; cut < text.size(); ++cut)
                CHECK_FALSE(is_whole_object(std::string_view(text).substr(0, cut)));
        }
    }
}

TEST_CASE("protocol: the last field of a name is found", "[protocol]") {
    const std::string_view text = R"({"a":1,"b":{"a":2},"a":3})";
    REQUIRE(find_field(text, "a"));
    CHECK(find_field(text, "a")->of(text) == "3");
    CHECK_FALSE(find_field(text, "c"));
    CHECK(is_whole_object(text));
    CHECK_FALSE(is_whole_object(text.substr(0, text.size() - 1)));
}
