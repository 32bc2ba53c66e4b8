#include "config/report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "base/text.h"

namespace aigw::config {
namespace {

constexpr std::size_t kWindow = 120;  // code points of a long line that an excerpt shows

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool begins_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_code_point));
}

// Byte offset of the `count`th code point.
std::size_t offset_of(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size() && count > 0) {
        ++at;
        while (at < text.size() && !begins_code_point(text[at])) ++at;
        --count;
    }
    return at;
}

// Where the string that opens at `start` ends: behind its closing quote, or at the end of the line.
std::size_t end_of_string(std::string_view line, std::size_t start) {
    const char quote = line[start];
    const std::string triple(3, quote);
    if (line.substr(start).starts_with(triple)) {
        const std::size_t close = line.find(triple, start + 3);
        return close == std::string_view::npos ? line.size() : close + 3;
    }
    for (std::size_t i = start + 1; i < line.size(); ++i) {
        if (quote == '"' && line[i] == '\\') {
            ++i;
        } else if (line[i] == quote) {
            return i + 1;
        }
    }
    return line.size();
}

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The name that ends right before `equals` ("api_key" of `api_key =`, of `"X-Api-Key" =`).
std::string_view name_before(std::string_view line, std::size_t equals) {
    std::string_view left = trim(line.substr(0, equals));
    if (!left.empty() && (left.back() == '"' || left.back() == '\'')) left.remove_suffix(1);
    std::size_t begin = left.size();
    while (begin > 0 && is_name_character(left[begin - 1])) --begin;
    return left.substr(begin);
}

// What stands behind `equals`: a string with its quotes, or everything up to a comment.
Span value_after(std::string_view line, std::size_t equals) {
    const std::size_t begin = line.find_first_not_of(" \t", equals + 1);
    if (begin == std::string_view::npos) return {line.size(), line.size()};
    if (line[begin] == '"' || line[begin] == '\'') return {begin, end_of_string(line, begin)};
    return {begin, line.size()};
}

std::vector<Span> find_secrets(std::string_view line) {
    std::vector<Span> spans;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '=' && names_a_secret(name_before(line, at))) {
            const Span value = value_after(line, at);
            if (value.begin < value.end) spans.push_back(value);
            at = std::max(at, value.end - std::min<std::size_t>(value.end, 1));
        } else if (line.substr(at).starts_with("://")) {
            const std::size_t begin = at + 3;
            const std::size_t end = line.find_first_of("/\"' @", begin);
            if (end != std::string_view::npos && line[end] == '@') spans.push_back({begin, end});
            at = begin - 1;
        }
    }
    return spans;
}

// Cuts a long line to what stands around the column.
MaskedLine cut_window(MaskedLine line) {
    const std::size_t length = count_code_points(line.text);
    if (length <= kWindow) return line;
    const std::size_t column = line.column == 0 ? 0 : line.column - 1;
    const std::size_t first =
        std::min(column > kWindow / 2 ? column - kWindow / 2 : 0, length - kWindow);
    const std::size_t begin = offset_of(line.text, first);
    const std::size_t end = begin + offset_of(std::string_view(line.text).substr(begin), kWindow);
    const std::string head = first > 0 ? "…" : "";
    const std::string tail = end < line.text.size() ? "…" : "";
    const auto moved = static_cast<std::uint32_t>(first - (first > 0 ? 1U : 0U));
    return {head + line.text.substr(begin, end - begin) + tail,
            line.column == 0 ? 0 : line.column - moved};
}

}  // namespace

bool names_a_secret(std::string_view name) {
    constexpr std::array<std::string_view, 9> kWords = {"key",           "token",      "secret",
                                                        "passw",         "credential", "cookie",
                                                        "authorization", "sign",       "bearer"};
    const std::string lower = to_lower(name);
    return std::ranges::any_of(
        kWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

MaskedLine mask_line(std::string_view line, std::uint32_t column) {
    constexpr std::string_view kMask = "***";
    const std::size_t target = column == 0 ? 0 : offset_of(line, column - 1);
    std::size_t moved_target = target;
    std::string text;
    std::size_t done = 0;
    for (const Span& secret : find_secrets(line)) {
        text.append(line.substr(done, secret.begin - done));
        if (target >= secret.end) {
            moved_target = moved_target - (secret.end - secret.begin) + kMask.size();
        } else if (target > secret.begin) {
            moved_target = text.size();
        }
        text.append(kMask);
        done = secret.end;
    }
    text.append(line.substr(done));
    if (column == 0) return cut_window({std::move(text), 0});
    const auto shown = count_code_points(std::string_view(text).substr(0, moved_target));
    return cut_window({std::move(text), static_cast<std::uint32_t>(shown + 1)});
}

void Report::add_source(const std::string& file, std::string_view text) {
    Source& source = sources_[file];
    source.order = sources_.size();
    source.lines.clear();
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        source.lines.emplace_back(line);
    }
}

void Report::error(const FilePosition& at, std::string message, std::string hint) {
    ++errors_;
    add(Severity::Error, at, std::move(message), std::move(hint));
}

void Report::warning(const FilePosition& at, std::string message, std::string hint) {
    add(Severity::Warning, at, std::move(message), std::move(hint));
}

void Report::add(Severity severity, const FilePosition& at, std::string message, std::string hint) {
    if (found_.size() >= kMostFindings) {
        ++left_out_;
        return;
    }
    Diagnostic finding{severity, at, std::move(message), std::move(hint), {}, 0};
    const auto source = sources_.find(at.file);
    if (source != sources_.end() && at.line > 0 && at.line <= source->second.lines.size()) {
        MaskedLine shown = mask_line(source->second.lines[at.line - 1], at.column);
        finding.source_line = std::move(shown.text);
        finding.caret = shown.column;
    }
    found_.push_back(std::move(finding));
}

std::vector<Diagnostic> Report::take() {
    const auto order = [this](const Diagnostic& d) {
        const auto source = sources_.find(d.at.file);
        const std::size_t file = source == sources_.end() ? 0 : source->second.order;
        return std::tuple(file, d.at.line, d.at.column);
    };
    std::ranges::stable_sort(found_, std::less{}, order);
    if (left_out_ > 0) {
        found_.push_back({errors_ > 0 ? Severity::Error : Severity::Warning,
                          {},
                          std::to_string(left_out_) + " more findings are left out",
                          "mend these first",
                          {},
                          0});
    }
    return std::move(found_);
}

}  // namespace aigw::config
