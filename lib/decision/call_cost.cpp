#include "decision/call_cost.h"

#include <algorithm>
#include <limits>

#include "decision/decision.h"
#include "pricing/cost.h"

namespace aigw::decision {
namespace {

// In 1e-8 of the price's currency: the input, and that many tokens of answer.
std::uint64_t price_units(const protocol::RequestFacts& facts, std::int64_t output,
                          const pricing::PriceRow& row, const Decimal& discount) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    const auto price = pricing::estimate(facts.input_tokens, output, row, discount);
    if (!price || price->total().units() > Int128(kMost)) return kMost;
    return static_cast<std::uint64_t>(std::max(price->total().units(), Int128(0)));
}

}  // namespace

std::int64_t output_bound(const protocol::RequestFacts& facts, const MaxOutput& max_output) {
    if (!writes_text(facts.operation)) return 0;
    const std::int64_t one = std::max<std::int64_t>(max_output.value_or(kAssumedMaxOutput), 0);
    const std::int64_t answers = std::max<std::int64_t>(facts.answers, 1);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return one > kMost / answers ? kMost : one * answers;
}

std::uint64_t token_cost(const protocol::RequestFacts& facts, const MaxOutput& max_output,
                         std::uint64_t max) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (facts.operation == Operation::CountTokens) return 0;
    const auto counted =
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(facts.input_tokens, 1, kMost));
    const std::uint64_t input =
        counted + counted * static_cast<std::uint64_t>(facts.input_margin_percent) / 100;
    const auto output = static_cast<std::uint64_t>(output_bound(facts, max_output));
    const std::uint64_t cost = std::min(input + std::min(output, kMost), kMost);
    return !max_output && cost > max ? std::max(input, max) : cost;
}

std::uint64_t money_cost(const protocol::RequestFacts& facts, const MaxOutput& max_output,
                         const pricing::PriceRow& row, const Decimal& discount, std::uint64_t max) {
    if (facts.operation == Operation::CountTokens) return 0;
    const std::uint64_t whole = price_units(facts, output_bound(facts, max_output), row, discount);
    if (max_output || whole <= max) return whole;
    return std::max(price_units(facts, 0, row, discount), max);
}

}  // namespace aigw::decision
