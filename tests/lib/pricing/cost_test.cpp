#include "pricing/cost.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::pricing;

namespace {

constexpr Currency kUsd = Currency::literal("USD");

// Rates that tell themselves apart in a total.
constexpr PriceRow kRow = {.provider = "openai",
                           .model = "gpt-4o",
                           .source = "catalog 2026-08-21 openai/gpt-4o",
                           .currency = kUsd,
                           .rates = {.input = Rate{250, 2},
                                     .cached_input = Rate{125, 2},
                                     .cache_write = Rate{3, 0},
                                     .output = Rate{10, 0},
                                     .reasoning = Rate{12, 0}}};
constexpr PriceRow kPlainRow = {.source = "catalog 2026-08-21 plain/plain",
                                .currency = kUsd,
                                .rates = {.input = Rate{2, 0}, .output = Rate{8, 0}}};
constexpr Tier kTiers[] = {{128'000, {.input = Rate{24, 1}, .output = Rate{20, 0}}},
                           {256'000, {.input = Rate{48, 1}, .output = Rate{48, 0}}}};
constexpr PriceRow kTieredRow = {.source = "catalog 2026-08-21 tiered/tiered",
                                 .currency = kUsd,
                                 .rates = {.input = Rate{8, 1}, .output = Rate{2, 0}},
                                 .tiers = kTiers};
constexpr PriceRow kThinkingRow = {
    .source = "catalog 2026-08-21 thinking/thinking",
    .currency = kUsd,
    .rates = {.input = Rate{1, 0}, .output = Rate{2, 0}, .thinking_output = Rate{8, 0}}};
constexpr PriceRow kShortRow = {.source = "catalog 2026-08-21 short/short",
                                .currency = kUsd,
                                .rates = {.input = Rate{1, 0}, .output = Rate{8, 0}},
                                .short_output = ShortOutput{32'000, 200, Rate{2, 0}}};
constexpr PriceRow kInputOnlyRow = {
    .source = "catalog 2026-08-21 input/only", .currency = kUsd, .rates = {.input = Rate{2, 0}}};

// "input 812 x 2.50 x 0.9 = 2.25 -> 0.00182700"
std::string describe(const LineItem& line) {
    return std::string(name_of(line.item)) + " " + std::to_string(line.quantity) + " x " +
           render_rate(line.base) + " x " + line.discount.text() + " = " +
           render_rate(line.unit_price) + " -> " + line.amount.text();
}

}  // namespace

TEST_CASE("pricing: each kind of token that was used is a line with its own rate", "[pricing]") {
    struct Case {
        const char* name;
        Usage usage;
        const PriceRow& row;
        const char* discount;
        std::vector<std::string> lines;
        const char* total;
    };
    const Case cases[] = {
        {"nothing used costs nothing", {}, kRow, "1", {}, "0.00000000"},
        {"input and output at a discount",
         {.input_tokens = 812, .output_tokens = 256},
         kRow,
         "0.9",
         {"input 812 x 2.50 x 0.9 = 2.25 -> 0.00182700",
          "output 256 x 10.00 x 0.9 = 9.00 -> 0.00230400"},
         "0.00413100"},
        {"all kinds",
         {.input_tokens = 1'000'000,
          .cached_input_tokens = 1'000'000,
          .cache_write_tokens = 1'000'000,
          .output_tokens = 1'000'000,
          .reasoning_tokens = 1'000'000},
         kRow,
         "1",
         {"input 1000000 x 2.50 x 1 = 2.50 -> 2.50000000",
          "cached_input 1000000 x 1.25 x 1 = 1.25 -> 1.25000000",
          "cache_write 1000000 x 3.00 x 1 = 3.00 -> 3.00000000",
          "output 1000000 x 10.00 x 1 = 10.00 -> 10.00000000",
          "reasoning 1000000 x 12.00 x 1 = 12.00 -> 12.00000000"},
         "28.75000000"},
        {"without rates of their own, cached input costs input and reasoning costs output",
         {.cached_input_tokens = 10, .cache_write_tokens = 20, .reasoning_tokens = 30},
         kPlainRow,
         "1",
         {"cached_input 10 x 2.00 x 1 = 2.00 -> 0.00002000",
          "cache_write 20 x 2.00 x 1 = 2.00 -> 0.00004000",
          "reasoning 30 x 8.00 x 1 = 8.00 -> 0.00024000"},
         "0.00030000"},
        {"a request at the edge stays in its tier",
         {.input_tokens = 128'000, .output_tokens = 10},
         kTieredRow,
         "1",
         {"input 128000 x 0.80 x 1 = 0.80 -> 0.10240000",
          "output 10 x 2.00 x 1 = 2.00 -> 0.00002000"},
         "0.10242000"},
        {"one token more prices the whole request higher",
         {.input_tokens = 128'001, .output_tokens = 10},
         kTieredRow,
         "1",
         {"input 128001 x 2.40 x 1 = 2.40 -> 0.30720240",
          "output 10 x 20.00 x 1 = 20.00 -> 0.00020000"},
         "0.30740240"},
        {"cached input reaches tiers too",
         {.input_tokens = 1, .cached_input_tokens = 256'000},
         kTieredRow,
         "1",
         {"input 1 x 4.80 x 1 = 4.80 -> 0.00000480",
          "cached_input 256000 x 4.80 x 1 = 4.80 -> 1.22880000"},
         "1.22880480"},
        {"an answer without thoughts",
         {.output_tokens = 100},
         kThinkingRow,
         "1",
         {"output 100 x 2.00 x 1 = 2.00 -> 0.00020000"},
         "0.00020000"},
        {"thoughts make the answer dearer too",
         {.output_tokens = 100, .reasoning_tokens = 50},
         kThinkingRow,
         "1",
         {"output 100 x 8.00 x 1 = 8.00 -> 0.00080000",
          "reasoning 50 x 8.00 x 1 = 8.00 -> 0.00040000"},
         "0.00120000"},
        {"a short answer",
         {.input_tokens = 32'000, .output_tokens = 200},
         kShortRow,
         "1",
         {"input 32000 x 1.00 x 1 = 1.00 -> 0.03200000",
          "output 200 x 2.00 x 1 = 2.00 -> 0.00040000"},
         "0.03240000"},
        {"an answer that is not short any more",
         {.input_tokens = 32'000, .output_tokens = 201},
         kShortRow,
         "1",
         {"input 32000 x 1.00 x 1 = 1.00 -> 0.03200000",
          "output 201 x 8.00 x 1 = 8.00 -> 0.00160800"},
         "0.03360800"},
        {"each line is rounded by itself, half to even",
         {.input_tokens = 1, .output_tokens = 1},
         kRow,
         "0.0023",
         {"input 1 x 2.50 x 0.0023 = 0.00575 -> 0.00000001",
          "output 1 x 10.00 x 0.0023 = 0.023 -> 0.00000002"},
         "0.00000003"},
        {"a discount of nothing is free",
         {.input_tokens = 812},
         kRow,
         "0",
         {"input 812 x 2.50 x 0 = 0.00 -> 0.00000000"},
         "0.00000000"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto price = cost(c.usage, c.row, Decimal::literal(c.discount));
            REQUIRE(price);
            std::vector<std::string> lines;
            for (const LineItem& line : price->lines()) {
                lines.push_back(describe(line));
                CHECK(line.source == c.row.source);
            }
            CHECK(lines == c.lines);
            CHECK(price->total().text() == c.total);
            CHECK(price->currency() == kUsd);
        }
    }
}

TEST_CASE("pricing: what cannot be priced is an error that says why", "[pricing]") {
    struct Case {
        const char* name;
        Usage usage;
        const PriceRow& row;
        const char* discount;
        ErrorCode code;
        const char* message;
    };
    const Case cases[] = {
        {"a kind without a rate",
         {.input_tokens = 1, .output_tokens = 1},
         kInputOnlyRow,
         "1",
         ErrorCode::NotFound,
         "catalog 2026-08-21 input/only has no price for output tokens"},
        {"a negative count",
         {.input_tokens = -1},
         kRow,
         "1",
         ErrorCode::InvalidRequest,
         "the count of input tokens is negative"},
        {"more than can be computed",
         {.input_tokens = INT64_MAX},
         kRow,
         "999999999999999999",
         ErrorCode::InvalidRequest,
         "an amount is too large to compute exactly: use smaller quantities or prices"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto price = cost(c.usage, c.row, Decimal::literal(c.discount));
            REQUIRE_FALSE(price);
            CHECK(price.error().code == c.code);
            CHECK(render_line(price.error()) == c.message);
        }
    }
}

TEST_CASE("pricing: an estimate is the price of all that may be used", "[pricing]") {
    const auto estimated = estimate(812, 256, kRow, Decimal::literal("0.9"));
    const auto used =
        cost({.input_tokens = 812, .output_tokens = 256}, kRow, Decimal::literal("0.9"));
    REQUIRE(estimated);
    REQUIRE(used);
    CHECK(*estimated == *used);
}

TEST_CASE("pricing: a rate prints with at least two digits after the point", "[pricing]") {
    struct Case {
        const char* rate;
        const char* text;
    };
    const Case cases[] = {{"10", "10.00"}, {"2.5", "2.50"}, {"2.50", "2.50"}, {"0.0625", "0.0625"}};
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.rate) {
            CHECK(render_rate(Decimal::literal(c.rate)) == c.text);
        }
    }
}
