#include "tokens/stream_counter.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/lib/tokens/agreement.h"

using namespace aigw::tokens;

TEST_CASE("streams: every sample has its count after each way to split it in two", "[tokens]") {
    std::ifstream file(AIGW_SOURCE_DIR "/tests/lib/tokens/samples.jsonl");
    for (std::string line; std::getline(file, line);) {
        const std::string text = nlohmann::json::parse(line)["text"];
        for (const Encoding encoding : kEncodings) {
            Counter counter(built_vocabulary(encoding));
            for (std::size_t first = 1; first < text.size(); ++first) {
                const auto why = stream_disagreement(counter, text, {first, text.size()});
                INFO(encoding_name(encoding) << " " << text);
                REQUIRE(why == std::nullopt);
            }
        }
    }
}

TEST_CASE("streams: odd texts in random parts have the count of the whole", "[tokens]") {
    std::mt19937_64 random(3);
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            std::vector<std::size_t> lengths(7);
            for (std::size_t& length : lengths) length = 1 + random() % (seed % 3 == 0 ? 70 : 9);
            INFO("seed " << seed);
            REQUIRE(stream_disagreement(counter, odd_text(seed), lengths) == std::nullopt);
        }
    }
}

TEST_CASE("streams: a part is cut where the last allowed token ends", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::Cl100kBase));
    StreamCounter stream(counter);
    stream.feed("one two");
    CHECK(stream.find_cut(2) == std::nullopt);
    CHECK(stream.find_cut(1) == 3U);
    stream.feed(" three four five");
    CHECK(stream.find_cut(3) == 6U);
    CHECK(stream.find_cut(4) == 11U);
    CHECK(stream.find_cut(5) == std::nullopt);
    // The second token ended before this part.
    CHECK(stream.find_cut(1) == 0U);
}

TEST_CASE("streams: a token that grows over the end of a part is counted once", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::Cl100kBase));
    StreamCounter stream(counter);
    for (const char* part : {" un", "beli", "ev", "able"}) stream.feed(part);
    CHECK(stream.total() == counter.count(" unbelievable"));
}

TEST_CASE("streams: half a character is held back until it is whole, or the end", "[tokens]") {
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        StreamCounter stream(counter);
        stream.feed("a\xE6\x97");
        CHECK(stream.total() == 1);
        stream.feed("\xA5");
        CHECK(stream.total() == counter.count("a\xE6\x97\xA5"));
        stream.feed("\xE6");
        stream.finish();
        CHECK(stream.total() == counter.count("a\xE6\x97\xA5\xEF\xBF\xBD"));
    }
}

TEST_CASE("streams: a contraction's letters are letters, no NUL stands for them", "[tokens]") {
    using namespace std::string_view_literals;
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (const std::string_view text : {"I'L\0\0"sv, "'l\0"sv, "we'r\0e"sv})
            CHECK(stream_disagreement(counter, text, {1}) == std::nullopt);
    }
}

TEST_CASE("streams: a limit is passed exactly when the total says so", "[tokens]") {
    std::mt19937_64 random(5);
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            const std::string text = odd_text(seed);
            StreamCounter stream(counter);
            const std::size_t limit = random() % 60;
            for (std::size_t at = 0; at < text.size(); at += 5) {
                stream.feed(std::string_view(text).substr(at, 5));
                REQUIRE(stream.exceeds(limit) == (stream.total() > limit));
            }
        }
    }
}

TEST_CASE("streams: a part of an endless piece costs what a part of a short one does", "[tokens]") {
    // Ten times the text in about ten times the time; a count of all so far would take a hundred.
    const auto seconds = [](Counter& counter, std::string_view part, std::size_t parts) {
        // The processor's time: others may hold the machine.
        const std::clock_t start = std::clock();
        StreamCounter stream(counter);
        std::size_t sum = 0;
        for (std::size_t i = 0; i < parts; ++i) {
            stream.feed(part);
            sum += stream.total();
        }
        const std::clock_t took = std::clock() - start;
        return sum == 0 ? 0.0 : static_cast<double>(took) / CLOCKS_PER_SEC;
    };
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (const std::string_view part : {"aaaa", "    ", "====", "\n\n\n\n", "AAAA"}) {
            DYNAMIC_SECTION(encoding_name(encoding) << " " << nlohmann::json(part).dump()) {
                const double few = seconds(counter, part, 4'000);
                const double many = seconds(counter, part, 40'000);
                CHECK(many < 50 * few + 0.1);
            }
        }
    }
}
