// The price list as it is compiled in: read-only tables that compile_catalog.cpp writes at build
// time from lib/pricing/data. Only this room reads them; see price_book.h for the way in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/money.h"
#include "pricing/price_row.h"

namespace aigw::pricing {

enum class Match : std::uint8_t {
    Equals,
    Prefix,
    Suffix,
    Contains,
    PrefixThenDigits,  // the text, then at least so many digits, then anything
    EqualsThenDigits   // the text, then exactly so many digits
};

struct Pattern {
    Match how = Match::Equals;
    std::string_view text{};  // lower case
    std::uint8_t digits = 0;
};

// One entry of the list: the names it serves, and its rows. An entry that is not sold by tokens has
// no rows.
struct Entry {
    std::span<const Pattern> patterns{};
    std::span<const PriceRow> rows{};
};

// One provider's entries in one currency.
struct Section {
    std::string_view provider{};
    Currency currency{};
    std::span<const Entry> entries{};
    std::string_view dearest_source{};  // "catalog 2026-08-21 openai/* (dearest)"
};

// All of it; sections, entries and rows stand in the same order.
struct CatalogTable {
    std::span<const Section> sections{};
    std::span<const Entry> entries{};
    std::span<const PriceRow> rows{};
    std::string_view dearest_source{};  // of the international list, which comes last
};

const CatalogTable& builtin_catalog();

}  // namespace aigw::pricing
