#include "pricing/price_book.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "pricing/catalog.h"
#include "pricing/shelf.h"

namespace aigw::pricing {
namespace {

constexpr std::size_t kLongestName = 255;  // no list has a longer one

// A model's name in lower case, without an allocation.
class LowerName {
public:
    explicit LowerName(std::string_view name) : size_(name.size()) {
        std::transform(name.begin(), name.end(), text_.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
    std::string_view text() const { return {text_.data(), size_}; }

private:
    std::array<char, kLongestName> text_;
    std::size_t size_;
};

// The last row whose condition holds.
const PriceRow* row_at(const Entry& entry, TimePoint at) {
    const auto row = std::find_if(entry.rows.rbegin(), entry.rows.rend(),
                                  [&](const PriceRow& r) { return r.when.holds(at); });
    return row == entry.rows.rend() ? nullptr : &*row;
}

bool is_less(const Rate& a, const Rate& b) {
    Int128 left = a.mantissa;
    Int128 right = b.mantissa;
    for (int scale = a.scale; scale < b.scale; ++scale) left *= 10;
    for (int scale = b.scale; scale < a.scale; ++scale) right *= 10;
    return left < right;
}

void raise(std::optional<Rate>& highest, const std::optional<Rate>& rate) {
    if (rate && (!highest || is_less(*highest, *rate))) highest = rate;
}

// Raises every rate to what this one may cost, fallbacks included (cost.h).
void raise(Rates& highest, const Rates& rates) {
    raise(highest.input, rates.input);
    raise(highest.cached_input, rates.cached_input ? rates.cached_input : rates.input);
    raise(highest.cache_write, rates.cache_write ? rates.cache_write : rates.input);
    raise(highest.output, rates.output);
    raise(highest.output, rates.thinking_output);
    raise(highest.reasoning, rates.reasoning ? rates.reasoning : rates.output);
    raise(highest.reasoning, rates.thinking_output);
}

void raise(Rates& highest, const PriceRow& row) {
    raise(highest, row.rates);
    for (const Tier& tier : row.tiers) raise(highest, tier.rates);
}

// nullopt when no entry sells chats in that currency.
std::optional<PriceRow> dearest_of(std::string_view provider, Currency currency,
                                   std::string_view source, std::span<const Entry> entries) {
    PriceRow dearest{.provider = provider, .model = "*", .source = source, .currency = currency};
    for (const Entry& entry : entries) {
        for (const PriceRow& row : entry.rows) {
            if (row.currency == currency && row.covers(Operation::Chat)) raise(dearest.rates, row);
        }
    }
    if (!dearest.covers(Operation::Chat)) return std::nullopt;
    return dearest;
}

}  // namespace

struct PriceBook::Index {
    struct Section {
        Shelf shelf;
        std::optional<PriceRow> dearest;
    };

    std::vector<Section> sections;  // as in the list: a vendor's own currency comes first
    Section everything;

    explicit Index(const CatalogTable& table)
        : everything{Shelf("", table.entries),
                     table.sections.empty() ? std::nullopt
                                            : dearest_of("*", table.sections.back().currency,
                                                         table.dearest_source, table.entries)} {
        sections.reserve(table.sections.size());
        for (const pricing::Section& section : table.sections) {
            sections.push_back({Shelf(section.provider, section.entries),
                                dearest_of(section.provider, section.currency,
                                           section.dearest_source, section.entries)});
        }
    }
};

PriceBook::PriceBook(const CatalogTable& table)
    : index_(std::make_unique<const Index>(table)), rows_(table.rows) {}
PriceBook::PriceBook(PriceBook&&) noexcept = default;
PriceBook& PriceBook::operator=(PriceBook&&) noexcept = default;
PriceBook::~PriceBook() = default;

Result<PriceBook> PriceBook::make(const Options& options) {
    switch (options.catalog) {
        case Catalog::Builtin:
            return PriceBook(builtin_catalog());
        case Catalog::None:
            return PriceBook(CatalogTable{});
    }
    return PriceBook(CatalogTable{});
}

const PriceRow* PriceBook::find(std::span<const std::string_view> catalogs, std::string_view model,
                                TimePoint at) const {
    if (model.size() > kLongestName) return nullptr;
    const LowerName name(model);
    if (catalogs.empty()) {
        const Entry* entry = index_->everything.shelf.find(name.text());
        return entry == nullptr ? nullptr : row_at(*entry, at);
    }
    for (const std::string_view catalog : catalogs) {
        for (const Index::Section& section : index_->sections) {
            if (section.shelf.provider() != catalog) continue;
            if (const Entry* entry = section.shelf.find(name.text())) return row_at(*entry, at);
        }
    }
    return nullptr;
}

const PriceRow* PriceBook::dearest(std::span<const std::string_view> catalogs) const {
    const auto row_of = [](const Index::Section& section) {
        return section.dearest ? &*section.dearest : nullptr;
    };
    if (catalogs.empty()) return row_of(index_->everything);
    for (const std::string_view catalog : catalogs) {
        for (const Index::Section& section : index_->sections) {
            if (section.shelf.provider() == catalog && section.dearest) return row_of(section);
        }
    }
    return nullptr;
}

}  // namespace aigw::pricing
