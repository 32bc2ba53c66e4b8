// Exact decimals and amounts of money.
//
// Shape:   `Decimal` is an integer times a power of ten, as configuration and price lists write it
//          ("0.3", "2.50"); `Money` is an amount in units of 1e-8 of a currency.
// Units:   1 USD is 100'000'000 units. There is no conversion to or from a floating type.
// Rounding: one place, `Money::from_product`, half to even, to 1e-8. Sums of Money never round.
// Errors:  parsing refuses anything but [-]digits[.digits]; arithmetic that would not fit 127 bits
//          is an error, never a wrapped number.
// Source:  contracts of the project ("Money").
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw {

__extension__ typedef __int128 Int128;

class Currency {
public:
    Currency() = default;
    // Three upper-case letters (ISO 4217, or a unit of the user's own such as "CRD").
    static Result<Currency> parse(std::string_view text);
    // For literals in tables and tests; asserts on bad text.
    static constexpr Currency literal(std::string_view text) {
        assert(text.size() == 3);
        Currency currency;
        for (std::size_t i = 0; i < 3; ++i) {
            assert(text[i] >= 'A' && text[i] <= 'Z');
            currency.letters_[i] = text[i];
        }
        return currency;
    }

    bool empty() const { return letters_[0] == '\0'; }
    std::string_view text() const { return {letters_.data(), empty() ? 0U : 3U}; }
    friend bool operator==(const Currency&, const Currency&) = default;

private:
    std::array<char, 3> letters_{};
};

// value = mantissa / 10^scale; kept as written, so that "2.50" prints as "2.50".
class Decimal {
public:
    Decimal() = default;
    constexpr Decimal(std::int64_t whole) : mantissa_(whole) {}  // NOLINT(*-explicit-*)
    // At most 18 digits after the point and 18 before it.
    static Result<Decimal> parse(std::string_view text);
    static Decimal literal(std::string_view text);
    // mantissa / 10^scale; for tables that are compiled in.
    static constexpr Decimal scaled(std::int64_t mantissa, int scale) {
        Decimal decimal(mantissa);
        decimal.scale_ = scale;
        return decimal;
    }

    Int128 mantissa() const { return mantissa_; }
    int scale() const { return scale_; }
    bool is_zero() const { return mantissa_ == 0; }
    bool is_negative() const { return mantissa_ < 0; }

    // Exact product with trailing zeros after the point removed; an error when it does not fit, or
    // has more than 38 digits after the point.
    Result<Decimal> times(const Decimal& other) const;
    std::string text() const;
    // Numeric equality: 0.5 equals 0.50.
    friend bool operator==(const Decimal& a, const Decimal& b);

private:
    Int128 mantissa_ = 0;
    int scale_ = 0;
};

class Money {
public:
    static constexpr std::int64_t kUnitsPerOne = 100'000'000;

    Money() = default;
    Money(Int128 units, Currency currency) : units_(units), currency_(currency) {}

    // "12.34" of a currency; more than 8 digits after the point is an error, never rounded.
    static Result<Money> parse(std::string_view text, Currency currency);
    // (product of factors) / divisor, rounded half to even to 1e-8: the one rounding place of the
    // program. divisor > 0. Errors when an intermediate product does not fit 127 bits.
    static Result<Money> from_product(std::initializer_list<Decimal> factors, std::int64_t divisor,
                                      Currency currency);

    Int128 units() const { return units_; }
    const Currency& currency() const { return currency_; }
    bool is_zero() const { return units_ == 0; }
    // Same currency (or one side zero without a currency) required; asserts otherwise.
    Money& operator+=(const Money& other);
    friend Money operator+(Money a, const Money& b) { return a += b; }
    Money operator-() const { return {-units_, currency_}; }
    friend bool operator==(const Money&, const Money&) = default;

    // Always eight digits after the point: "0.00413100".
    std::string text() const;

private:
    Int128 units_ = 0;
    Currency currency_;
};

}  // namespace aigw
