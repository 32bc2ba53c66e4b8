#include "cmd/terminal/style.h"

namespace aigw::cmd {
namespace {

std::string_view escape_of(Style style) {
    switch (style) {
        case Style::Plain:
            return "";
        case Style::Bold:
            return "\x1b[1m";
        case Style::Dim:
            return "\x1b[2m";
        case Style::Red:
            return "\x1b[31m";
        case Style::Green:
            return "\x1b[32m";
        case Style::Yellow:
            return "\x1b[33m";
    }
    return "";
}

}  // namespace

std::string paint(Style style, std::string_view text, bool has_colors) {
    if (!has_colors || style == Style::Plain) return std::string(text);
    return std::string(escape_of(style)).append(text).append("\x1b[0m");
}

}  // namespace aigw::cmd
