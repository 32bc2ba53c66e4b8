#include "tokens/script_factors.h"

#include <catch2/catch.hpp>

#include "tokens/data/model_rows.h"

using namespace aigw::tokens;

namespace {

std::uint64_t bytes_of(Script script, std::string_view text) {
    return count_script_bytes(text)[static_cast<std::size_t>(script)];
}

}  // namespace

TEST_CASE("tokens: the bytes of each script are told apart", "[prompts]") {
    struct Case {
        const char* text;
        Script script;
        std::uint64_t bytes;
    };
    constexpr Case kCases[] = {
        {"plain words", Script::Latin, 11},
        {"Grüße, мир", Script::Latin, 15},
        {"12 345", Script::Digits, 5},
        {"天空为什么这么蓝。", Script::Chinese, 27},
        {"日本語のテキスト", Script::Japanese, 24},
        {"한국어", Script::Korean, 9},
        {"مرحبا", Script::Arabic, 10},
        {"नमस्ते", Script::Hindi, 18},
        {"สวัสดี", Script::Thai, 18},
        {"😀", Script::Latin, 4},
        {"\xE5\xA4", Script::Chinese, 2},  // cut off
    };
    for (const Case& c : kCases) {
        DYNAMIC_SECTION(c.text) {
            CHECK(bytes_of(c.script, c.text) == c.bytes);
        }
    }
}

TEST_CASE("tokens: a text of two scripts has a factor between theirs", "[prompts]") {
    const ScriptFactors& factors = data::kClaudeFactors;
    CHECK(factor_of(factors, "abc").factor == Approx(1.20));
    CHECK(factor_of(factors, "蓝").factor == Approx(1.35));
    CHECK(factor_of(factors, "abc蓝").factor == Approx(1.275));
    CHECK(factor_of(factors, "한").error_percent == Approx(30));
    CHECK(factor_of(factors, "abc한").error_percent == Approx(20));
    CHECK(factor_of(factors, "").factor == Approx(0));
    CHECK(factor_of(data::kGeminiFactors, "1234").factor == Approx(1.8));
}
