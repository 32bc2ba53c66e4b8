#include "pricing/cost.h"

#include <algorithm>
#include <cassert>

namespace aigw::pricing {
namespace {

using Choice = const std::optional<Rate>&;

Choice first_of(Choice rate, Choice fallback) {
    return rate ? rate : fallback;
}

// What each kind of token costs in this exchange, by Item.
std::array<std::optional<Rate>, kItems> rates_of(const Usage& usage, const PriceRow& row) {
    const Rates& rates = row.rates_at(usage.total_input());
    std::optional<Rate> output = rates.output;
    if (usage.reasoning_tokens > 0) {
        output = first_of(rates.thinking_output, output);
    } else if (row.short_output && usage.total_input() <= row.short_output->max_input_tokens &&
               usage.total_output() <= row.short_output->max_output_tokens) {
        output = row.short_output->output;
    }
    return {rates.input, first_of(rates.cached_input, rates.input),
            first_of(rates.cache_write, rates.input), output, first_of(rates.reasoning, output)};
}

Error missing_rate(Item item, const PriceRow& row) {
    return Error{ErrorCode::NotFound, std::string(row.source) + " has no price for " +
                                          std::string(name_of(item)) + " tokens"};
}

Error negative_count(Item item) {
    return Error{ErrorCode::InvalidRequest,
                 "the count of " + std::string(name_of(item)) + " tokens is negative"};
}

}  // namespace

std::string_view name_of(Item item) {
    switch (item) {
        case Item::Input:
            return "input";
        case Item::CachedInput:
            return "cached_input";
        case Item::CacheWrite:
            return "cache_write";
        case Item::Output:
            return "output";
        case Item::Reasoning:
            return "reasoning";
    }
    return "";
}

void Price::add(const LineItem& line) {
    assert(size_ < lines_.size());
    lines_[size_++] = line;
    total_ += line.amount;
}

Result<Price> cost(const Usage& usage, const PriceRow& row, const Decimal& discount) {
    const std::array<std::int64_t, kItems> counts = {usage.input_tokens, usage.cached_input_tokens,
                                                     usage.cache_write_tokens, usage.output_tokens,
                                                     usage.reasoning_tokens};
    const auto rates = rates_of(usage, row);
    Result<Price> price(Price(row.currency));
    for (std::size_t i = 0; i < kItems; ++i) {
        if (counts[i] == 0) continue;
        const Item item = static_cast<Item>(i);
        if (counts[i] < 0) return negative_count(item);
        if (!rates[i]) return missing_rate(item, row);
        const Decimal base = rates[i]->decimal();
        const Decimal unit_price = TRY(base.times(discount));
        const Money amount =
            TRY(Money::from_product({counts[i], unit_price}, kTokensPerUnit, row.currency));
        price->add({item, counts[i], base, discount, unit_price, amount, row.source});
    }
    return price;
}

Result<Price> estimate(std::int64_t input_tokens, std::int64_t max_output, const PriceRow& row,
                       const Decimal& discount) {
    return cost({.input_tokens = input_tokens, .output_tokens = max_output, .is_estimated = true},
                row, discount);
}

std::string render_rate(const Decimal& rate) {
    std::string text = rate.text();
    if (rate.scale() == 0) text += '.';
    for (int places = rate.scale(); places < 2; ++places) text += '0';
    return text;
}

}  // namespace aigw::pricing
