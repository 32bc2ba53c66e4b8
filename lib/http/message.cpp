#include "http/message.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::http {
namespace {

constexpr std::string_view kColon = ": ";
constexpr std::string_view kLineEnd = "\r\n";

bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

}  // namespace

void Headers::Iterator::read() {
    const std::size_t end = rest_.find('\r');
    if (end == std::string_view::npos) {
        line_ = 0;
        return;
    }
    const std::string_view line = rest_.substr(0, end);
    const std::size_t colon = line.find(':');
    field_ = {line.substr(0, colon), line.substr(colon + kColon.size())};
    line_ = end + kLineEnd.size();
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const Header& field : *this) {
        if (equals_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

void Headers::add(std::string_view name, std::string_view value) {
    const std::size_t begin = lines_.size();
    lines_.append(name).append(kColon).append(value);
    const std::string_view line = std::string_view(lines_).substr(begin);
    if (line.find('\n') != std::string_view::npos || line.find('\r') != std::string_view::npos) {
        std::replace_if(lines_.begin() + static_cast<std::ptrdiff_t>(begin), lines_.end(),
                        is_line_end, ' ');
    }
    lines_.append(kLineEnd);
}

void Headers::set(std::string_view name, std::string_view value) {
    remove(name);
    add(name, value);
}

void Headers::remove(std::string_view name) {
    std::string kept;
    bool is_any = false;
    for (const Header& field : *this) {
        if (equals_ignoring_case(field.name, name)) {
            is_any = true;
        } else {
            kept.append(field.name).append(kColon).append(field.value).append(kLineEnd);
        }
    }
    if (is_any) lines_ = std::move(kept);
}

std::size_t Headers::size() const {
    return static_cast<std::size_t>(std::distance(begin(), end()));
}

}  // namespace aigw::http
