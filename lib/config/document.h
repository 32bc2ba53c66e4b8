// A configuration file as a tree of values, each with its place: what toml++ read, in file order.
//
// Shape:   a table keeps its entries in the order of the file (TOML libraries sort them; for us the
//          order of platforms and routes has a meaning).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file_position.h"

namespace aigw::config {

struct Value;
struct Entry;

using Array = std::vector<Value>;

struct Table {
    // Defined where Entry is complete: a Value holds a Table, and a Table holds Values.
    Table();
    Table(const Table&);
    Table(Table&&) noexcept;
    Table& operator=(const Table&);
    Table& operator=(Table&&) noexcept;
    ~Table();

    std::vector<Entry> entries;

    Entry* find(std::string_view key);
    const Entry* find(std::string_view key) const;
};

// A value that was reported already: whoever reads it stays silent.
struct Unusable {};
// A date or time: TOML has them, no setting is one.
struct Moment {};

struct Value {
    std::variant<Unusable, std::string, std::int64_t, double, bool, Moment, Array, Table> data{};
    FilePosition at{};
    std::string written{};  // of a string: how it stood in the file, when it held a reference

    const std::string* string() const { return std::get_if<std::string>(&data); }
    const Array* array() const { return std::get_if<Array>(&data); }
    Array* array() { return std::get_if<Array>(&data); }
    const Table* table() const { return std::get_if<Table>(&data); }
    Table* table() { return std::get_if<Table>(&data); }
    bool is_unusable() const { return std::holds_alternative<Unusable>(data); }
    // `[[routes]]`, or an array of inline tables: what further files may add to.
    bool is_array_of_tables() const;
};

struct Entry {
    std::string key{};
    FilePosition at{};  // of the key
    Value value{};
};

// "a string", "a whole number", "an array", …
std::string_view type_name(const Value& value);

}  // namespace aigw::config
