#include "tokens/script_factors.h"

#include <algorithm>

namespace aigw::tokens {
namespace {

std::size_t index_of(Script script) {
    return static_cast<std::size_t>(script);
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

bool is_between(std::uint8_t byte, int first, int last) {
    return byte >= first && byte <= last;
}

// Of a character of three bytes, by its first two: Unicode's blocks are wider than what the third
// tells apart.
Script script_of_three(std::uint8_t first, std::uint8_t second) {
    if (first == 0xE0 && is_between(second, 0xA4, 0xA5)) return Script::Hindi;     // U+0900
    if (first == 0xE0 && is_between(second, 0xB8, 0xB9)) return Script::Thai;      // U+0E00
    if (first == 0xE3 && is_between(second, 0x81, 0x83)) return Script::Japanese;  // kana, U+3040
    if (is_between(first, 0xE3, 0xE9)) return Script::Chinese;  // and its marks, U+3000
    if (is_between(first, 0xEA, 0xED) && !(first == 0xEA && second < 0xB0))
        return Script::Korean;                                                    // U+AC00
    if (first == 0xEF && is_between(second, 0xA4, 0xAB)) return Script::Chinese;  // U+F900
    if (first == 0xEF && is_between(second, 0xBC, 0xBD)) return Script::Chinese;  // full width
    return Script::Latin;
}

Script script_of(std::uint8_t first, std::uint8_t second) {
    if (is_between(first, 0x30, 0x39)) return Script::Digits;
    if (first < 0xD8) return Script::Latin;
    if (first <= 0xDB) return Script::Arabic;  // U+0600
    if (first < 0xE0) return Script::Latin;
    if (first < 0xF0) return script_of_three(first, second);
    return first == 0xF0 && is_between(second, 0xA0, 0xB2) ? Script::Chinese : Script::Latin;
}

std::size_t length_by(std::uint8_t first) {
    if (first < 0xC0) return 1;
    if (first < 0xE0) return 2;
    return first < 0xF0 ? 3 : 4;
}

}  // namespace

void ScriptCount::add(std::string_view text) {
    size_ += text.size();
    for (std::size_t at = 0; at < text.size();) {
        const std::uint8_t first = byte_at(text, at);
        const std::size_t length = std::min(length_by(first), text.size() - at);
        bytes_[index_of(script_of(first, byte_at(text, at + 1)))] += length;
        at += length;
    }
}

ScriptBytes ScriptCount::by_script() const {
    ScriptBytes bytes = bytes_;
    std::uint64_t& han = bytes[index_of(Script::Chinese)];
    std::uint64_t& kana = bytes[index_of(Script::Japanese)];
    if (kana * 10 >= han) {
        kana += han;
        han = 0;
    }
    return bytes;
}

TextFactor ScriptCount::factor(const ScriptFactors& factors) const {
    const ScriptBytes bytes = by_script();
    double factor = 0;
    double error = 0;
    for (std::size_t i = 0; i < kScripts; ++i) {
        factor += static_cast<double>(bytes[i]) * factors[i].hundredths;
        error += static_cast<double>(bytes[i]) * factors[i].error_percent;
    }
    const double size = std::max(1.0, static_cast<double>(size_));
    return {factor / size / 100, error / size};
}

ScriptBytes count_script_bytes(std::string_view text) {
    ScriptCount count;
    count.add(text);
    return count.by_script();
}

TextFactor factor_of(const ScriptFactors& factors, std::string_view text) {
    ScriptCount count;
    count.add(text);
    return count.factor(factors);
}

}  // namespace aigw::tokens
