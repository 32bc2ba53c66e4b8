// Tables for people: columns as wide as their widest cell, two blanks between them.
//
// Shape:   a heading row and rows of cells; the last column is not padded, so that no line ends in
//          blanks. Control characters in a cell are shown as U+FFFD: a name from a file must not
//          move the cursor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cmd/terminal/style.h"

namespace aigw::cmd {

enum class Align : std::uint8_t { Left, Right };

struct Column {
    std::string heading{};
    Align align = Align::Left;
};

struct Cell {
    std::string text{};
    Style style = Style::Plain;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns, or fewer: the rest stays empty.
    void add_row(std::vector<Cell> cells);
    bool empty() const { return rows_.empty(); }
    std::string render(bool has_colors) const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace aigw::cmd
