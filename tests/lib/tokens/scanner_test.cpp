#include "tokens/scanner.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace aigw::tokens;

namespace {

using Pieces = std::vector<std::string>;

template <Encoding encoding>
Pieces pieces(const std::string& text) {
    Pieces found;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        const char* const next = piece_end<encoding>(at, end);
        found.emplace_back(at, next);
        at = next;
    }
    return found;
}

struct Case {
    const char* name;
    std::string text;
    Pieces cl100k;
    Pieces o200k;
};

}  // namespace

TEST_CASE("pieces: texts are cut where the patterns cut them", "[tokens]") {
    const Case cases[] = {
        {"words and blanks", "Hello  big world", {"Hello", " ", " big", " world"}, {}},
        {"white space before a newline", "a \n\n  b", {"a", " \n\n", " ", " b"}, {}},
        {"white space at the end", "a   ", {"a", "   "}, {}},
        {"a tab before a word, and before a sign", "\tif\t!", {"\tif", "\t", "!"}, {}},
        {"numbers by three", " 12345", {" ", "123", "45"}, {}},
        {"numbers that are no digits", "\xC2\xBD\xC2\xB2", {"\xC2\xBD\xC2\xB2"}, {}},
        {"signs and their line ends", " !!\r\n\na", {" !!\r\n\n", "a"}, {}},
        {"slashes behind a line end", "!\n//\n/a", {"!\n", "//\n", "/a"}, {"!\n//\n/", "a"}},
        {"one sign joins a word", "(a) !!b", {"(a", ")", " !!", "b"}, {}},
        {"contractions", "don't I'LL", {"don", "'t", " I", "'LL"}, {"don't", " I'LL"}},
        {"a contraction first", "'tis 'real", {"'t", "is", " '", "real"}, {"'tis", " '", "real"}},
        {"an incomplete contraction", "we'r we'", {"we", "'r", " we", "'"}, {}},
        {"a long s", "it'\xC5\xBF", {"it", "'\xC5\xBF"}, {"it'\xC5\xBF"}},
        {"a quote and half a long s", "it'\xC5\xB7", {"it", "'\xC5\xB7"}, {}},
        {"capitals",
         "camelCase HTTPServer",
         {"camelCase", " HTTPServer"},
         {"camel", "Case", " HTTPServer"}},
        {"capitals behind ideographs",
         "\xE6\x97\xA5\xE6\x9C\xAC"
         "ABC",
         {"\xE6\x97\xA5\xE6\x9C\xAC"
          "ABC"},
         {"\xE6\x97\xA5\xE6\x9C\xAC", "ABC"}},
        {"capitals behind ideographs, and a small letter",
         "\xE6\x97\xA5\xE6\x9C\xAC"
         "ABCd",
         {"\xE6\x97\xA5\xE6\x9C\xAC"
          "ABCd"},
         {"\xE6\x97\xA5\xE6\x9C\xAC"
          "ABCd"}},
        {"marks",
         "e\xCC\x81"
         "a",
         {"e",
          "\xCC\x81"
          "a"},
         {"e\xCC\x81"
          "a"}},
        {"a mark before capitals",
         "\xCC\x81"
         "ABC",
         {"\xCC\x81"
          "ABC"},
         {"\xCC\x81", "ABC"}},
        {"signs before a mark", "!\xCC\x81 !!\xCC\x81", {"!\xCC\x81", " !!\xCC\x81"}, {}},
        {"white space beyond ASCII",
         "a\xC2\x85\xE3\x80\x80"
         "b",
         {"a", "\xC2\x85",
          "\xE3\x80\x80"
          "b"},
         {}},
        {"what only looks white",
         "\xEF\xBB\xBF"
         "a\xE2\x80\x8B",
         {"\xEF\xBB\xBF"
          "a",
          "\xE2\x80\x8B"},
         {}},
        {"words longer than a register",
         "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
         {"abcdefghijklmnopqrstuvwxyz", " ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
         {}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(pieces<Encoding::Cl100kBase>(c.text) == c.cl100k);
            CHECK(pieces<Encoding::O200kBase>(c.text) == (c.o200k.empty() ? c.cl100k : c.o200k));
            // Behind them the text goes on: the fast path for words sees the same.
            const std::string longer = c.text + "\n0123456789abcdefghij";
            const Pieces plain = pieces<Encoding::Cl100kBase>(c.text + "\n");
            Pieces begun = pieces<Encoding::Cl100kBase>(longer);
            begun.resize(plain.size());
            CHECK(begun == plain);
        }
    }
}

TEST_CASE("pieces: Qwen takes each number alone", "[tokens]") {
    CHECK(pieces<Encoding::Qwen>("a 12\xC2\xBD") == Pieces{"a", " ", "1", "2", "\xC2\xBD"});
    CHECK(pieces<Encoding::Qwen>("don't!") == Pieces{"don", "'t", "!"});
}
