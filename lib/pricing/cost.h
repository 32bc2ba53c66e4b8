// Price of one exchange.
//
// Shape:   usage is counts per kind of token; the price is one line item per kind that was used,
//          and their sum. `estimate` prices what a request may use by the same path.
// Rates:   the whole request is priced at the tier that its input reaches. Where a row names no
//          rate, cached input and cache writes cost what input costs, reasoning what output costs.
// Units:   rates per million tokens; each line is rounded once, half to even, to 1e-8, so that the
//          lines always add up to the total.
// Errors:  not_found when a kind of token was used that the row has no rate for; invalid_request
//          for a negative count or an amount too large to compute exactly.
// Memory:  a Price holds its lines inline; pricing allocates nothing.
// Source:  contracts of the project ("Money"); gateway.toml(5), [pricing].
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/result.h"
#include "base/usage.h"
#include "pricing/price_row.h"

namespace aigw::pricing {

enum class Item : std::uint8_t { Input, CachedInput, CacheWrite, Output, Reasoning };
inline constexpr std::size_t kItems = 5;
std::string_view name_of(Item item);  // "input", "cached_input", …

struct LineItem {
    Item item = Item::Input;
    std::int64_t quantity = 0;  // tokens
    Decimal base{};             // per kUnit, as the list has it
    Decimal discount = 1;
    Decimal unit_price{};  // base × discount
    Money amount{};
    std::string_view source{};  // the row's; lives as long as the row does
    friend bool operator==(const LineItem&, const LineItem&) = default;
};

class Price {
public:
    Price() = default;
    explicit Price(Currency currency) : total_(0, currency) {}

    // At most one line per item, in the order of Item; nothing for what was not used.
    std::span<const LineItem> lines() const { return {lines_.data(), size_}; }
    const Money& total() const { return total_; }
    const Currency& currency() const { return total_.currency(); }
    void add(const LineItem& line);

    friend bool operator==(const Price&, const Price&) = default;

private:
    std::array<LineItem, kItems> lines_{};
    std::uint32_t size_ = 0;
    Money total_{};
};

// `row` is the one that PriceBook::find gave for the time of the call: a price does not change
// while an exchange runs.
Result<Price> cost(const Usage& usage, const PriceRow& row, const Decimal& discount = 1);

// What a request costs at most that sends `input_tokens` and is answered with `max_output` tokens:
// all of it uncached, none of it thought. (A model whose thoughts have a rate of their own may cost
// more.)
Result<Price> estimate(std::int64_t input_tokens, std::int64_t max_output, const PriceRow& row,
                       const Decimal& discount = 1);

// A rate as price lists print it, with at least two digits after the point: "2.50".
std::string render_rate(const Decimal& rate);

}  // namespace aigw::pricing
