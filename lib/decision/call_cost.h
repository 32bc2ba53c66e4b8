// What a call may use and cost at most, before it is made. For decision/*.cpp.
//
// Shape:   the counted input with the margin of how it was counted, and as long an answer as it
//          asks for, or kAssumedMaxOutput.
// Units:   tokens; money in 1e-8 of its currency.
#pragma once

#include <cstdint>
#include <optional>

#include "base/money.h"
#include "pricing/price_row.h"
#include "protocol/request_facts.h"

namespace aigw::decision {

// How long an answer may be by the request, or by what policies and platforms make of it.
using MaxOutput = std::optional<std::int64_t>;

// Tokens of all answers together.
std::int64_t output_bound(const protocol::RequestFacts& facts, const MaxOutput& max_output);

// Where the call asks for no bound, the assumption alone does not put it over a limit of `max`.
std::uint64_t token_cost(const protocol::RequestFacts& facts, const MaxOutput& max_output,
                         std::uint64_t max);

// The same of money. A price too large to compute is over every limit.
std::uint64_t money_cost(const protocol::RequestFacts& facts, const MaxOutput& max_output,
                         const pricing::PriceRow& row, const Decimal& discount, std::uint64_t max);

}  // namespace aigw::decision
