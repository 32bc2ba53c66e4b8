#include "tokens/normalization.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "tokens/characters.h"
#include "tokens/text_cleaner.h"
#include "tokens/utf8.h"

using namespace aigw::tokens;

namespace {

std::u32string nfc(std::u32string span) {
    normalize_span(span);
    return span;
}

std::string utf8(std::u32string_view characters) {
    std::string text;
    for (const char32_t character : characters) append_utf8(text, character);
    return text;
}

std::string cleaned(std::string_view text) {
    TextCleaner cleaner(Encoding::Qwen);
    return std::string(cleaner.clean(text, Origins::Forgotten));
}

}  // namespace

TEST_CASE("NFC: characters come to the form that the standard gives", "[tokens]") {
    struct Case {
        const char* name;
        std::u32string from, to;
    };
    const Case cases[] = {
        {"composes", U"e\u0301", U"\u00E9"},
        {"composes twice", U"u\u0308\u0304", U"\u01D6"},
        {"orders marks", U"q\u0307\u0323", U"q\u0323\u0307"},
        {"orders, then composes past a mark", U"a\u0323\u0302\u0307", U"\u1EAD\u0307"},
        {"is blocked by a mark of the same class", U"a\u0305\u0300", U"a\u0305\u0300"},
        {"takes a composed character apart first", U"\u1E0B\u0323", U"\u1E0D\u0307"},
        {"another character", U"\u212B", U"\u00C5"},
        {"excluded from composition", U"\u0958", U"\u0915\u093C"},
        {"compatibility ideograph", U"\uF900", U"\u8C48"},
        {"musical symbol", U"\U0001D160", U"\U0001D158\U0001D165\U0001D16E"},
        {"jamo", U"\u1112\u1161\u11AB", U"\uD55C"},
        {"jamo behind a syllable", U"\uAC00\u11A8", U"\uAC01"},
        {"no syllable has two ends", U"\uAC01\u11A8", U"\uAC01\u11A8"},
        {"marks alone", U"\u0301\u0323", U"\u0323\u0301"},
        {"voiced kana", U"\u304B\u3099", U"\u304C"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(utf8(nfc(c.from)) == utf8(c.to));
            CHECK(utf8(nfc(c.to)) == utf8(c.to));
            CHECK(cleaned(utf8(c.from)) == utf8(c.to));
            // Nothing joins a digit.
            CHECK(cleaned("1" + utf8(c.from) + "2" + utf8(c.from)) ==
                  "1" + utf8(c.to) + "2" + utf8(c.to));
        }
    }
}

TEST_CASE("NFC: every character and its decomposition have one form, which is kept", "[tokens]") {
    for (const Decomposition& row : tables::kDecompositions) {
        std::u32string parts(1, row.first);
        if (row.second != 0) parts.push_back(row.second);
        const std::u32string whole = nfc(std::u32string(1, row.character));
        INFO(std::hex << row.character);
        REQUIRE(nfc(parts) == whole);
        REQUIRE(nfc(whole) == whole);
        REQUIRE(cleaned(utf8(std::u32string(1, row.character))) == utf8(whole));
    }
    for (char32_t syllable = 0xAC00; syllable < 0xD7A4; ++syllable)
        REQUIRE(nfc({syllable}) == std::u32string{syllable});
}

TEST_CASE("NFC: a character without kUnsettled never joins what stands before it", "[tokens]") {
    for (const Composition& row : tables::kCompositions) {
        INFO(std::hex << row.second);
        REQUIRE((class_of(row.second) & kUnsettled) != 0);
        // A piece that ended before the joined character would have ended before its first part.
        constexpr CharacterClass kKinds = kLetter | kNumber | kWhite;
        REQUIRE((class_of(row.first) & kKinds) == (class_of(row.character) & kKinds));
    }
}

TEST_CASE("NFC: changed text knows where it comes from", "[tokens]") {
    TextCleaner cleaner(Encoding::Qwen);
    const std::string text = "ae\xCC\x81z\xFFz";
    CHECK(cleaner.clean(text, Origins::Kept) == "a\xC3\xA9z\xEF\xBF\xBDz");
    const std::size_t origins[] = {0, 1, 1, 4, 5, 5, 5, 6, 7};
    for (std::size_t at = 0; at < std::size(origins); ++at)
        CHECK(cleaner.origin(at) == origins[at]);
    const std::string clean = "\xE0\xA4\x95\xE0\xA5\x8D plain";
    CHECK(cleaner.clean(clean, Origins::Kept).data() == clean.data());
}

TEST_CASE("NFC: a long row of marks is put in order in no time", "[tokens]") {
    std::string text = "a";
    for (int i = 0; i < 100'000; ++i) text += i % 2 == 0 ? "\xCC\x81" : "\xCC\xA3";
    const std::string clean = cleaned(text);
    CHECK(clean.starts_with("\xE1\xBA\xA1\xCC\xA3"));
    CHECK(clean.ends_with("\xCC\x81"));
    CHECK(cleaned(clean) == clean);
}
