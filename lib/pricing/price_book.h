// The base model library: which row of the price list a model is billed by.
//
// Shape:   the list is compiled in; each of its catalogues is one vendor's entries in one currency,
//          in order, and the first entry that matches a model's name wins. Of an entry's rows, the
//          last whose condition holds at the time asked about is the price.
// Names:   compare without case; one longer than 255 bytes has no price.
// Order:   a catalogue named "minimax" is looked up in that vendor's own currency first (CNY), then
//          in the international list (USD).
// Threads: a PriceBook never changes after construction; share it by const reference.
// Cost:    find() is one pass over the name and a few probes, no allocation.
// Source:  lib/pricing/data/README.md; gateway.toml(5), [pricing].
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "pricing/options.h"
#include "pricing/price_row.h"

namespace aigw::pricing {

struct CatalogTable;

class PriceBook {
public:
    static Result<PriceBook> make(const Options& options);
    PriceBook(PriceBook&&) noexcept;
    PriceBook& operator=(PriceBook&&) noexcept;
    ~PriceBook();

    // The row for `model` at `at`, or nullptr. `catalogs` are tried in order; empty: every
    // catalogue, by the model's name alone. The first catalogue that knows the model answers, and
    // says nullptr when it does not sell it by tokens. See PriceRow::covers for rows without a
    // price.
    const PriceRow* find(std::span<const std::string_view> catalogs, std::string_view model,
                         TimePoint at) const;

    // A row that no chat model of the same catalogues exceeds in any rate, at any time, in any
    // tier; for `missing = "worst-case"`. nullptr when they hold no chat model. Amounts of
    // different currencies are not compared: the first catalogue with chat models answers, and
    // without catalogues the international list.
    const PriceRow* dearest(std::span<const std::string_view> catalogs) const;

    // Every row, in the order of the list.
    std::span<const PriceRow> rows() const { return rows_; }

private:
    struct Index;
    explicit PriceBook(const CatalogTable& table);

    std::unique_ptr<const Index> index_;
    std::span<const PriceRow> rows_;
};

}  // namespace aigw::pricing
