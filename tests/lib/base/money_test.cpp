#include "base/money.h"

#include <catch2/catch.hpp>

using namespace aigw;

namespace {
const Currency kUsd = Currency::literal("USD");
}

TEST_CASE("money: decimals are read exactly and print as written", "[base]") {
    struct Case {
        const char* text;
        const char* printed;  // nullptr: refused
    };
    const Case cases[] = {
        {"0", "0"},
        {"0.3", "0.3"},
        {"2.50", "2.50"},
        {"-1.5", "-1.5"},
        {"0.000000001", "0.000000001"},
        {"", nullptr},
        {".", nullptr},
        {".5", nullptr},
        {"5.", nullptr},
        {"1e3", nullptr},
        {"1,000", nullptr},
        {"+1", nullptr},
        {"--1", nullptr},
        {" 1", nullptr},
        {"1.2.3", nullptr},
        {"999999999999999999", "999999999999999999"},
        {"1000000000000000000", nullptr},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.text << "\"") {
            const auto decimal = Decimal::parse(c.text);
            REQUIRE(decimal.has_value() == (c.printed != nullptr));
            if (decimal) CHECK(decimal->text() == c.printed);
        }
    }
}

TEST_CASE("money: a product is rounded once, half to even, to 1e-8", "[base]") {
    struct Case {
        const char* name;
        const char* quantity;
        const char* price;
        const char* discount;
        std::int64_t per;
        const char* want;
    };
    const Case cases[] = {
        {"812 tokens at 2.50 with 0.9", "812", "2.50", "0.9", 1'000'000, "0.00182700"},
        {"256 tokens at 10 with 0.9", "256", "10.00", "0.9", 1'000'000, "0.00230400"},
        {"half rounds to the even neighbour below", "1", "0.000000005", "1", 1, "0.00000000"},
        {"half rounds to the even neighbour above", "3", "0.000000005", "1", 1, "0.00000002"},
        {"just over half rounds up", "1", "0.0000000050000001", "1", 1, "0.00000001"},
        {"a third", "1", "1", "1", 3, "0.33333333"},
        {"two thirds", "2", "1", "1", 3, "0.66666667"},
        {"negative half rounds to even", "-1", "0.000000005", "1", 1, "0.00000000"},
        {"negative two thirds", "-2", "1", "1", 3, "-0.66666667"},
        {"nothing", "0", "123.45", "1", 1'000'000, "0.00000000"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto money =
                Money::from_product({Decimal::literal(c.quantity), Decimal::literal(c.price),
                                     Decimal::literal(c.discount)},
                                    c.per, kUsd);
            REQUIRE(money);
            CHECK(money->text() == c.want);
        }
    }
}

TEST_CASE("money: what does not fit is an error, never a wrapped number", "[base]") {
    const Decimal large = Decimal::literal("999999999999999999");
    CHECK_FALSE(Money::from_product({large, large, large}, 1, kUsd));
    CHECK_FALSE(Decimal::literal("999999999999999999.999999999999999999").times(large));
    const Decimal tiny = *Decimal::literal("0.000000000000000001").times(Decimal::literal("0.1"));
    CHECK(tiny.times(tiny)->text() == "0.00000000000000000000000000000000000001");
    CHECK_FALSE(tiny.times(tiny)->times(tiny));
    CHECK(tiny.times(tiny)->times(Decimal(0))->text() == "0");
}

TEST_CASE("money: amounts of one currency add up", "[base]") {
    Money total;
    total += *Money::parse("0.00182700", kUsd);
    total += *Money::parse("0.00230400", kUsd);
    CHECK(total == *Money::parse("0.004131", kUsd));
    CHECK_FALSE(Money::parse("0.000000001", kUsd));
}

TEST_CASE("money: decimals compare by value", "[base]") {
    CHECK(Decimal::literal("0.5") == Decimal::literal("0.50"));
    CHECK_FALSE(Decimal::literal("0.5") == Decimal::literal("0.51"));
    CHECK(Decimal(3) == Decimal::literal("3.000"));
}

TEST_CASE("money: a currency is three capital letters", "[base]") {
    CHECK(Currency::parse("CNY"));
    for (const char* bad : {"", "cny", "US", "EURO", "U1D"}) {
        DYNAMIC_SECTION("\"" << bad << "\"") {
            CHECK_FALSE(Currency::parse(bad));
        }
    }
}
