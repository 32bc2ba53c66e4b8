#include "protocol/splice.h"

#include <catch2/catch.hpp>

using namespace aigw::protocol;

TEST_CASE("protocol: a splice changes only what it edits", "[protocol]") {
    struct Case {
        const char* name;
        std::vector<Edit> edits;
        const char* want;
        std::size_t pieces;
    };
    const std::string body = R"({"model":"a", "x": 1})";
    const Case cases[] = {
        {"nothing", {}, R"({"model":"a", "x": 1})", 1},
        {"a value", {{9, 12, "\"b\""}}, R"({"model":"b", "x": 1})", 3},
        {"an insertion", {{1, 1, "\"y\":2,"}}, R"({"y":2,"model":"a", "x": 1})", 3},
        {"two", {{1, 1, "\"y\":2,"}, {9, 12, "\"b\""}}, R"({"y":2,"model":"b", "x": 1})", 5},
        {"a deletion", {{12, 20, ""}}, R"({"model":"a"})", 2},
        {"everything", {{0, 21, "{}"}}, "{}", 1},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Pieces pieces;
            splice_views(body, c.edits, pieces);
            std::string joined;
            for (const std::string_view piece : pieces) joined += piece;
            CHECK(joined == c.want);
            CHECK(splice(body, c.edits) == c.want);
            CHECK(pieces.size() == c.pieces);
        }
    }
}

TEST_CASE("protocol: pieces of a splice are views", "[protocol]") {
    const std::string body = "0123456789";
    const std::vector<Edit> edits = {{4, 5, "x"}};
    Pieces pieces;
    splice_views(body, edits, pieces);
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0].data() == body.data());
    CHECK(pieces[1].data() == edits[0].text.data());
    CHECK(pieces[2].data() == body.data() + 5);
}
