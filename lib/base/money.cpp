#include "base/money.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <limits>

namespace aigw {
namespace {

constexpr int kMaxDigits = 18;
constexpr int kMoneyScale = 8;
constexpr int kMaxScale = 38;  // 10^38 fits 127 bits

constexpr auto kPowersOfTen = [] {
    std::array<std::int64_t, kMaxDigits + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Error overflow() {
    return Error{ErrorCode::InvalidRequest, "an amount is too large to compute exactly",
                 "use smaller quantities or prices"};
}

Error not_a_decimal(std::string_view text) {
    return Error{ErrorCode::InvalidRequest,
                 "\"" + std::string(text.substr(0, 40)) + "\" is not a decimal number",
                 "write digits with an optional point, such as 0.15"};
}

// Writes the digits of `value` from the end of a buffer to its front: at least one before the
// point.
template <class Int>
char* write_digits(char* front, Int value, int scale) {
    int written = 0;
    do {
        *--front = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
        if (++written == scale) *--front = '.';
    } while (value != 0 || written <= scale);
    return front;
}

std::string render(Int128 mantissa, int scale) {
    __extension__ typedef unsigned __int128 Wide;
    constexpr int kMostDigits = 39;  // of 2^127
    const bool negative = mantissa < 0;
    // In the unsigned type, since the lowest number has no positive twin.
    const Wide value =
        negative ? Wide{0} - static_cast<Wide>(mantissa) : static_cast<Wide>(mantissa);
    static_assert(kMaxScale < kMostDigits);
    std::array<char, kMostDigits + 2> buffer;  // and a point, and a sign
    char* const end = buffer.data() + buffer.size();
    char* front = value <= std::numeric_limits<std::uint64_t>::max()
                      ? write_digits(end, static_cast<std::uint64_t>(value), scale)
                      : write_digits(end, value, scale);
    if (negative) *--front = '-';
    return {front, end};
}

// Nearly every number fits 64 bits, where arithmetic costs a fraction of the wide one's.
bool fits_64_bits(Int128 value) {
    return value == static_cast<std::int64_t>(value);
}

// Multiplies in place; false when the product does not fit.
bool multiply(Int128& value, Int128 factor) {
    if (fits_64_bits(value) && fits_64_bits(factor)) {
        value = Int128{static_cast<std::int64_t>(value)} * static_cast<std::int64_t>(factor);
        return true;
    }
    return !__builtin_mul_overflow(value, factor, &value);
}

bool multiply_by_ten(Int128& value, int times) {
    for (; times > kMaxDigits; times -= kMaxDigits) {
        if (!multiply(value, kPowersOfTen.back())) return false;
    }
    return times <= 0 || multiply(value, kPowersOfTen[static_cast<std::size_t>(times)]);
}

template <class Int>
Int divide_half_even(Int numerator, Int divisor) {
    Int quotient = numerator / divisor;
    const Int remainder = numerator % divisor;
    const Int rest = remainder < 0 ? -remainder : remainder;
    // `rest > divisor - rest` is `2 * rest > divisor` without the overflow.
    const Int complement = divisor - rest;
    const bool is_odd = (quotient & 1) != 0;
    if (rest > complement || (rest == complement && is_odd)) quotient += numerator < 0 ? -1 : 1;
    return quotient;
}

template <class Int>
Int drop_trailing_zeros(Int mantissa, int& scale) {
    while (scale > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        --scale;
    }
    return mantissa;
}

}  // namespace

Result<Currency> Currency::parse(std::string_view text) {
    const bool letters =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (text.size() != 3 || !letters) {
        return Error{ErrorCode::InvalidRequest,
                     "\"" + std::string(text.substr(0, 20)) + "\" is not a currency",
                     "write three capital letters, such as USD or CNY"};
    }
    Currency currency;
    std::copy(text.begin(), text.end(), currency.letters_.begin());
    return currency;
}

Result<Decimal> Decimal::parse(std::string_view text) {
    std::string_view rest = text;
    const bool negative = !rest.empty() && rest.front() == '-';
    if (negative) rest.remove_prefix(1);

    Decimal decimal;
    int before = 0;
    bool seen_point = false;
    bool digit_last = false;
    for (const char c : rest) {
        if (c == '.' && !seen_point && digit_last) {
            seen_point = true;
            digit_last = false;
            continue;
        }
        if (!is_digit(c)) return not_a_decimal(text);
        digit_last = true;
        (seen_point ? decimal.scale_ : before) += 1;
        if (decimal.scale_ > kMaxDigits || before > kMaxDigits) {
            return Error{ErrorCode::InvalidRequest,
                         "\"" + std::string(text.substr(0, 40)) + "\" has too many digits",
                         "at most 18 before and 18 after the point"};
        }
        decimal.mantissa_ = decimal.mantissa_ * 10 + (c - '0');
    }
    if (!digit_last) return not_a_decimal(text);
    if (negative) decimal.mantissa_ = -decimal.mantissa_;
    return decimal;
}

Decimal Decimal::literal(std::string_view text) {
    auto parsed = parse(text);
    assert(parsed);
    return *parsed;
}

Result<Decimal> Decimal::times(const Decimal& other) const {
    Decimal product;
    product.mantissa_ = mantissa_;
    product.scale_ = scale_ + other.scale_;
    if (!multiply(product.mantissa_, other.mantissa_)) return overflow();
    product.mantissa_ =
        fits_64_bits(product.mantissa_)
            ? drop_trailing_zeros(static_cast<std::int64_t>(product.mantissa_), product.scale_)
            : drop_trailing_zeros(product.mantissa_, product.scale_);
    if (product.scale_ > kMaxScale) return overflow();
    return product;
}

std::string Decimal::text() const {
    return render(mantissa_, scale_);
}

bool operator==(const Decimal& a, const Decimal& b) {
    Int128 left = a.mantissa_;
    Int128 right = b.mantissa_;
    const int scale = std::max(a.scale_, b.scale_);
    // A number whose scaled-up form does not fit is larger than any that does.
    const bool left_fits = multiply_by_ten(left, scale - a.scale_);
    const bool right_fits = multiply_by_ten(right, scale - b.scale_);
    return left_fits && right_fits && left == right;
}

Result<Money> Money::parse(std::string_view text, Currency currency) {
    const Decimal decimal = TRY(Decimal::parse(text));
    if (decimal.scale() > kMoneyScale) {
        return Error{ErrorCode::InvalidRequest,
                     "\"" + std::string(text) + "\" is finer than 0.00000001",
                     "write at most eight digits after the point"};
    }
    Int128 units = decimal.mantissa();
    if (!multiply_by_ten(units, kMoneyScale - decimal.scale())) return overflow();
    return Money(units, currency);
}

Result<Money> Money::from_product(std::initializer_list<Decimal> factors, std::int64_t divisor,
                                  Currency currency) {
    assert(divisor > 0);
    Decimal product(1);
    for (const Decimal& factor : factors) product = TRY(product.times(factor));
    Int128 numerator = product.mantissa();
    Int128 denominator = divisor;
    const int shift = kMoneyScale - product.scale();
    const bool fits =
        shift >= 0 ? multiply_by_ten(numerator, shift) : multiply_by_ten(denominator, -shift);
    if (!fits) return overflow();
    if (fits_64_bits(numerator) && fits_64_bits(denominator)) {
        return Money(divide_half_even(static_cast<std::int64_t>(numerator),
                                      static_cast<std::int64_t>(denominator)),
                     currency);
    }
    return Money(divide_half_even(numerator, denominator), currency);
}

Money& Money::operator+=(const Money& other) {
    assert(currency_ == other.currency_ || (currency_.empty() && units_ == 0) ||
           (other.currency_.empty() && other.units_ == 0));
    if (currency_.empty()) currency_ = other.currency_;
    units_ += other.units_;
    return *this;
}

std::string Money::text() const {
    return render(units_, kMoneyScale);
}

}  // namespace aigw
