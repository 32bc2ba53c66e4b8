#include "tokens/counter.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/lib/tokens/agreement.h"
#include "tokens/prefix_counter.h"
#include "tokens/utf8.h"

using namespace aigw::tokens;

namespace {

struct Sample {
    std::string id;
    std::string text;
    std::array<std::size_t, kEncodings.size()> counts;
};

std::vector<Sample> samples() {
    std::ifstream file(AIGW_SOURCE_DIR "/tests/lib/tokens/samples.jsonl");
    std::vector<Sample> found;
    for (std::string line; std::getline(file, line);) {
        const auto json = nlohmann::json::parse(line);
        found.push_back({json["id"], json["text"], {json["cl100k"], json["o200k"], json["qwen"]}});
    }
    return found;
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    text.reserve(part.size() * times);
    for (; times > 0; --times) text += part;
    return text;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
    std::string text(size, '\0');
    for (char& byte : text) byte = static_cast<char>(random() & 0xFFU);
    return text;
}

std::string random_characters(std::mt19937_64& random, std::size_t count) {
    std::string text;
    for (; count > 0; --count) {
        const char32_t limit = random() % 2 == 0 ? 0x3000 : kCodePoints;
        append_utf8(text, static_cast<char32_t>(random() % limit));
    }
    return text;
}

}  // namespace

TEST_CASE("tokens: samples have the counts that other programs agree on", "[tokens]") {
    const std::vector<Sample> all = samples();
    REQUIRE(all.size() == 60);
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (const Sample& sample : all) {
            DYNAMIC_SECTION(encoding_name(encoding) << " " << sample.id) {
                CHECK(counter.count(sample.text) ==
                      sample.counts[static_cast<std::size_t>(encoding)]);
                CHECK(count_disagreement(counter, sample.text) == std::nullopt);
            }
        }
    }
}

TEST_CASE("tokens: a megabyte of one thing is counted, by each method", "[tokens]") {
    struct Case {
        const char* name;
        const char* part;
        std::size_t times;
        std::array<std::size_t, kEncodings.size()> counts;
    };
    const Case cases[] = {
        {"letter", "a", 1'000'000, {125'000, 125'000, 125'000}},
        {"blank", " ", 1'000'000, {7'813, 7'813, 7'813}},
        {"line feed", "\n", 1'000'000, {31'250, 62'500, 31'250}},
        {"equals sign", "=", 1'000'000, {15'625, 15'625, 15'625}},
        {"hyphen", "-", 1'000'000, {15'625, 15'625, 15'625}},
        {"digit", "0", 1'000'000, {333'334, 333'334, 1'000'000}},
        {"two letters", "ab", 500'000, {500'000, 250'000, 500'000}},
        {"ten letters", "abcdefghij", 100'000, {200'000, 200'000, 200'000}},
        {"ideograph", "\xE5\x93\x88", 333'334, {333'334, 166'667, 83'334}},
        {"emoji", "\xF0\x9F\x98\x80", 250'000, {500'000, 250'000, 250'000}},
        {"words", " a", 500'000, {500'000, 500'000, 500'000}},
        {"lines", "a\r\n", 300'000, {600'000, 600'000, 600'000}},
    };
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (const Case& c : cases) {
            DYNAMIC_SECTION(encoding_name(encoding) << " " << c.name) {
                const std::size_t wanted = c.counts[static_cast<std::size_t>(encoding)];
                const std::string text = repeated(c.part, c.times);
                CHECK(counter.count(text) == wanted);
                CHECK(counter.encode(text).size() == wanted);
                CHECK(counter.count_at_most(text, wanted).count.value_or(wanted) == wanted);
                CHECK_FALSE(counter.count_at_most(text, wanted - 1).fits);
                StreamCounter stream(counter);
                for (std::size_t at = 0; at < text.size(); at += 1000)
                    stream.feed(std::string_view(text).substr(at, 1000));
                CHECK(stream.total() == wanted);
            }
        }
    }
}

TEST_CASE("tokens: odd texts have one count, however they are counted", "[tokens]") {
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (std::uint64_t seed = 0; seed < 1500; ++seed) {
            const auto why = count_disagreement(counter, odd_text(seed));
            INFO("seed " << seed);
            REQUIRE(why == std::nullopt);
        }
    }
}

TEST_CASE("tokens: random bytes and characters have one count", "[tokens]") {
    std::mt19937_64 random(7);
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (int i = 0; i < 300; ++i) {
            REQUIRE(count_disagreement(counter, random_bytes(random, random() % 400)) ==
                    std::nullopt);
            REQUIRE(count_disagreement(counter, random_characters(random, random() % 300)) ==
                    std::nullopt);
        }
    }
}

TEST_CASE("tokens: backtracking, the heap and the prefixes give the same tokens", "[tokens]") {
    // No pattern cuts these: a merger must take any bytes.
    std::mt19937_64 random(11);
    const auto draw = [&](std::string_view from) {
        std::string piece(1 + random() % 300, '\0');
        for (char& byte : piece) byte = from[random() % from.size()];
        return piece;
    };
    for (const Encoding encoding : kEncodings) {
        const Vocabulary& vocabulary = built_vocabulary(encoding);
        Merger merger(vocabulary);
        HeapMerger heap(vocabulary);
        std::vector<TokenId> wanted;
        for (int i = 0; i < 4000; ++i) {
            const std::string_view alphabets[] = {
                "ab", "-=", " \n", "etaoin shrdlu", "\xE4\xBD\xA0", "\xE7\x9A\x84\xE6\x98\xAF"};
            const std::string piece = i % 7 == 0 ? random_bytes(random, 1 + random() % 300)
                                                 : draw(alphabets[random() % 6]);
            heap.merge(piece, wanted);
            const auto tokens = merger.merge(piece);
            REQUIRE(std::vector(tokens.begin(), tokens.end()) == wanted);
            REQUIRE(merger.count(piece) == wanted.size());
            PrefixCounter prefix;
            prefix.clear();
            prefix.append(merger, piece);
            REQUIRE(prefix.count() == wanted.size());
            // Every beginning, too.
            const std::size_t half = piece.size() - std::min<std::size_t>(piece.size() / 2, 127);
            if (half == 0) continue;
            heap.merge(std::string_view(piece).substr(0, half), wanted);
            REQUIRE(prefix.count_at(half) == wanted.size());
        }
    }
}

TEST_CASE("tokens: a long text of few tokens is cut without being counted whole", "[tokens]") {
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        const std::string text = repeated("a", 100'000);
        const AtMost answer = counter.count_at_most(text, 10);
        CHECK_FALSE(answer.fits);
        CHECK_FALSE(answer.count.has_value());
        CHECK(answer.cut == 80);
        CHECK(counter.count(text.substr(0, answer.cut)) == 10);
    }
}

TEST_CASE("tokens: a cut is at the end of a token and of a character", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::Cl100kBase));
    struct Case {
        const char* name;
        std::string text;
        std::size_t limit;
        std::size_t cut;
    };
    const Case cases[] = {
        {"words", "one two three", 2, 7},
        {"nothing is allowed", "one", 0, 0},
        {"half an emoji is left out", "\xF0\x9F\x98\x80", 1, 0},
        {"a broken byte", "\xFF hello", 1, 1},
        {"all of it", "one two three", 3, 13},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(counter.count_at_most(c.text, c.limit).cut == c.cut);
        }
    }
}

TEST_CASE("tokens: what the size alone answers needs no count", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::O200kBase));
    CHECK(counter.count_at_most("hello", 5).fits);
    CHECK_FALSE(counter.count_at_most("hello", 5).count.has_value());
    CHECK(counter.bounds("") == Bounds{0, 0});
    CHECK(counter.bounds(repeated("a", 129)) == Bounds{2, 129});
    CHECK(counter.bounds("\xFF") == Bounds{1, 3});
    Counter qwen(built_vocabulary(Encoding::Qwen));
    CHECK(qwen.bounds("\xE0\xA5\x98") == Bounds{1, 9});  // NFC makes U+0958 longer
    CHECK(qwen.count("\xE0\xA5\x98") == 3);
}

TEST_CASE("tokens: ids and bytes of each token", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::Cl100kBase));
    CHECK(counter.encode("hello world") == std::vector<Token>{{15339, 0, 5}, {1917, 5, 11}});
    Counter qwen(built_vocabulary(Encoding::Qwen));
    // e and U+0301 are one character, and one token, in NFC.
    CHECK(qwen.encode("e\xCC\x81") == std::vector<Token>{{963, 0, 3}});
    CHECK(qwen.encode("").empty());
}

TEST_CASE("tokens: broken UTF-8 counts as U+FFFD", "[tokens]") {
    struct Case {
        const char* name;
        const char* text;
        const char* same_as;
    };
    const Case cases[] = {
        {"a byte that begins nothing", "a\xFFz", "a\xEF\xBF\xBDz"},
        {"a character cut short", "a\xE6\x97z", "a\xEF\xBF\xBDz"},
        {"the end of the text", "a\xF0\x9F\x98", "a\xEF\xBF\xBD"},
        {"a lone surrogate", "a\xED\xA0\x80z", "a\xEF\xBF\xBDz"},
        {"an overlong form", "\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    for (const Encoding encoding : kEncodings) {
        Counter counter(built_vocabulary(encoding));
        for (const Case& c : cases) {
            DYNAMIC_SECTION(encoding_name(encoding) << ": " << c.name) {
                CHECK(counter.count(c.text) == counter.count(c.same_as));
            }
        }
    }
}

TEST_CASE("tokens: a text over the cap is estimated from slices", "[tokens]") {
    Counter counter(built_vocabulary(Encoding::O200kBase));
    std::string text;
    for (int i = 0; text.size() < 3'000'000; ++i)
        text += "Line " + std::to_string(i * 7919) + " of a long, dull report about nothing.\n";
    const Estimate exact = counter.estimate(text, text.size());
    CHECK(exact.is_exact);
    CHECK(exact.count == counter.count(text));
    const Estimate rough = counter.estimate(text, 2'000'000);
    CHECK_FALSE(rough.is_exact);
    CHECK(static_cast<double>(rough.count) ==
          Approx(static_cast<double>(exact.count)).epsilon(0.01));
    // Short texts over a tiny cap: slices shrink with the text.
    CHECK_FALSE(counter.estimate("hello world", 1).is_exact);
    CHECK(counter.estimate("", 0).count == 0);
}
