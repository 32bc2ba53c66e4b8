#include "base/inline_vector.h"

#include <catch2/catch.hpp>
#include <string>

using aigw::InlineVector;

TEST_CASE("base: an inline vector keeps its elements in order past its inline room", "[base]") {
    InlineVector<std::string, 2> words;
    CHECK(words.empty());
    for (const char* word : {"one", "two", "three", "four", "five"}) words.push_back(word);
    CHECK(words.size() == 5);
    CHECK(words[1] == "two");
    CHECK(words.back() == "five");
    CHECK(words == InlineVector<std::string, 2>{"one", "two", "three", "four", "five"});
    CHECK(std::string(words.end()[-2]) == "four");
}

TEST_CASE("base: a copy of an inline vector is independent and a moved one is empty", "[base]") {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
        DYNAMIC_SECTION(count << " elements of 2") {
            InlineVector<int, 2> source;
            for (std::size_t i = 0; i < count; ++i) source.push_back(static_cast<int>(i));
            InlineVector<int, 2> copy = source;
            copy.push_back(9);
            CHECK(source.size() == count);
            const InlineVector<int, 2> moved = std::move(source);
            CHECK(moved.size() == count);
            CHECK(moved[count - 1] == static_cast<int>(count) - 1);
            CHECK(source.empty());
            source.push_back(7);
            CHECK(source[0] == 7);
        }
    }
}
