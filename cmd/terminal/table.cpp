#include "cmd/terminal/table.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "cmd/terminal/width.h"

namespace aigw::cmd {
namespace {

std::string visible(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            result += "\xEF\xBF\xBD";
        else
            result += c;
    }
    return result;
}

}  // namespace

void Table::add_row(std::vector<Cell> cells) {
    assert(cells.size() <= columns_.size());
    cells.resize(columns_.size());
    for (Cell& cell : cells) cell.text = visible(cell.text);
    rows_.push_back(std::move(cells));
}

std::string Table::render(bool has_colors) const {
    std::vector<Cell> headings;
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) {
        headings.push_back({column.heading, Style::Bold});
        widths.push_back(display_width(column.heading));
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i].text));
    }

    std::string out;
    const auto append_row = [&](const std::vector<Cell>& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - display_width(row[i].text), ' ');
            if (i > 0) line += "  ";
            if (columns_[i].align == Align::Right) line += padding;
            line +=
                paint(row[i].text.empty() ? Style::Plain : row[i].style, row[i].text, has_colors);
            if (columns_[i].align == Align::Left) line += padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    };
    append_row(headings);
    for (const auto& row : rows_) append_row(row);
    return out;
}

}  // namespace aigw::cmd
