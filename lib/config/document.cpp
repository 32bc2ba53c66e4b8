#include "config/document.h"

#include <algorithm>
#include <array>

namespace aigw::config {

Table::Table() = default;
Table::Table(const Table&) = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(const Table&) = default;
Table& Table::operator=(Table&&) noexcept = default;
Table::~Table() = default;

Entry* Table::find(std::string_view key) {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
}

const Entry* Table::find(std::string_view key) const {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
}

bool Value::is_array_of_tables() const {
    const Array* elements = array();
    return elements != nullptr && !elements->empty() &&
           std::ranges::all_of(*elements, [](const Value& v) { return v.table() != nullptr; });
}

std::string_view type_name(const Value& value) {
    constexpr std::array<std::string_view, std::variant_size_v<decltype(Value::data)>> kNames = {
        "unusable",      "a string",       "a whole number", "a number with a fraction",
        "true or false", "a date or time", "an array",       "a table"};
    return kNames[value.data.index()];
}

}  // namespace aigw::config
