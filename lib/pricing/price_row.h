// What one model costs: the rates of one line of the price list.
//
// Shape:   a row holds the rates per million tokens of one (provider, model, condition); `tiers`
//          replace them, for the whole request, once its input reaches further.
// Units:   rates are exact decimals per 1M tokens, in the row's currency.
// Owner:   rows and all they refer to live in the program's read-only tables or in the PriceBook
//          that handed them out.
// Source:  lib/pricing/data/README.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/operation.h"
#include "base/time.h"

namespace aigw::pricing {

// What every rate is per, as a line item names it.
inline constexpr std::string_view kUnit = "1M tokens";
inline constexpr std::int64_t kTokensPerUnit = 1'000'000;

// One rate: mantissa / 10^scale. Half the size of a Decimal, since there are thousands.
struct Rate {
    std::int64_t mantissa = 0;
    std::int32_t scale = 0;

    Decimal decimal() const { return Decimal::scaled(mantissa, scale); }
    friend bool operator==(const Rate&, const Rate&) = default;
};

// Absent: the list names no price of that kind; cost.h says what stands in for it.
struct Rates {
    std::optional<Rate> input{};
    std::optional<Rate> cached_input{};
    std::optional<Rate> cache_write{};
    std::optional<Rate> output{};
    std::optional<Rate> reasoning{};
    std::optional<Rate>
        thinking_output{};  // of an answer that was thought about, thoughts included
    friend bool operator==(const Rates&, const Rates&) = default;
};

// Rates of requests whose input, cached tokens included, is above a number of tokens.
struct Tier {
    std::int64_t above_input_tokens = 0;
    Rates rates{};
};

// A lower output rate for requests that are small both ways (Doubao's short answers).
struct ShortOutput {
    std::int64_t max_input_tokens = 0;
    std::int64_t max_output_tokens = 0;
    Rate output{};
};

// Every day from `start` until just before `end`, UTC; `start` after `end` spans midnight.
struct DailyWindow {
    std::chrono::seconds start{};
    std::chrono::seconds end{};
    friend bool operator==(const DailyWindow&, const DailyWindow&) = default;
};

struct Condition {
    std::optional<std::chrono::sys_days> from{};
    std::optional<DailyWindow> daily{};

    bool holds(TimePoint at) const;
    // "from 2026-03-13", "00:30-16:30 UTC"; empty when there is no condition.
    std::string text() const;
};

struct PriceRow {
    std::string_view provider{};
    std::string_view model{};
    std::string_view source{};  // "catalog 2026-08-21 openai/gpt-4o"
    Currency currency{};
    Condition when{};
    Rates rates{};
    std::span<const Tier> tiers{};  // ascending
    std::optional<ShortOutput> short_output{};

    // The tier that an input of so many tokens reaches.
    const Rates& rates_at(std::int64_t input_tokens) const;
    // True when the row has a price for all that the operation uses: a chat needs input and output,
    // embeddings need input. A row that covers nothing counts as a missing price.
    bool covers(Operation operation) const;
};

}  // namespace aigw::pricing
