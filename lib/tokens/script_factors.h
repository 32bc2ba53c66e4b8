// How the tokens of a vocabulary that we lack relate to o200k_base's, by the script of the text.
//
// Shape:   a factor and the error measured with it for each script; a text's factor is the mean of
//          them, weighted by the scripts' shares of its bytes.
// Scripts: Japanese is a text with kana: its Han characters are counted with them. Latin is all
//          that has no column of its own.
// Cost:    one pass over the text.
// Source:  lib/tokens/data/model_rows.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace aigw::tokens {

enum class Script : std::uint8_t {
    Latin,
    Digits,
    Chinese,
    Japanese,
    Korean,
    Arabic,
    Hindi,
    Thai,
};
inline constexpr std::size_t kScripts = 8;

// Bytes of each script, by index.
using ScriptBytes = std::array<std::uint64_t, kScripts>;
ScriptBytes count_script_bytes(std::string_view text);

struct ScriptFactor {
    std::int32_t hundredths = 100;
    std::int32_t error_percent = 0;
    friend bool operator==(const ScriptFactor&, const ScriptFactor&) = default;
};

using ScriptFactors = std::array<ScriptFactor, kScripts>;

struct TextFactor {
    double factor = 1;
    double error_percent = 0;
};
TextFactor factor_of(const ScriptFactors& factors, std::string_view text);

// Of a text that grows by whole characters: always what all of it together says.
class ScriptCount {
public:
    void add(std::string_view text);
    std::uint64_t bytes() const { return size_; }
    ScriptBytes by_script() const;
    TextFactor factor(const ScriptFactors& factors) const;

private:
    ScriptBytes bytes_{};  // Han characters are Chinese here, beside kana or not
    std::uint64_t size_ = 0;
};

// Every script has this factor and this error.
constexpr ScriptFactors uniform_factors(std::int32_t hundredths, std::int32_t error_percent) {
    ScriptFactors factors;
    factors.fill({hundredths, error_percent});
    return factors;
}

}  // namespace aigw::tokens
