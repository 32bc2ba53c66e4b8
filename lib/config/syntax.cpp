#include "config/syntax.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include <toml++/toml.h>

#include "base/text.h"

namespace aigw::config {
namespace {

struct Reason {
    std::string_view sign;   // what toml++'s words contain
    std::string_view words;  // ours, where those say little; empty: theirs
    std::string_view hint;
};
// The first that fits; toml++ says what it met, this says what to do about it.
constexpr std::array kReasons = {
    Reason{"cannot redefine", "", "say it once"},
    Reason{"dangling comma", "a comma before the closing brace", "remove the comma"},
    Reason{"unescaped control characters", "a string is not closed on its line",
           "close it, or write \"\"\" around several lines"},
    Reason{"unknown escape sequence", "",
           "double the backslash, or put the string in single quotes"},
    Reason{"expected value", "", "put a value behind the ="},
    Reason{"leading zeroes", "", "leave the zeroes out, or put text in double quotes"},
    Reason{"could not determine value type", "this is no value", "put text in double quotes"},
    Reason{"expected 'nan'", "this is no value", "put text in double quotes"},
    Reason{"expected 'inf'", "this is no value", "put text in double quotes"},
    Reason{"expected 'true'", "this is no value", "put text in double quotes, or write true"},
    Reason{"expected 'false'", "this is no value", "put text in double quotes, or write false"},
    Reason{"expected digit", "", "put text in double quotes"},
    Reason{"expected '='", "", "write it like key = \"value\""},
    Reason{"expected ']'", "", "close the bracket"},
    Reason{"expected a comment or whitespace", "", "one setting per line"},
    Reason{"encountered end-of-file", "the file ends in the middle of a value",
           "close what is open"},
    Reason{"expected keys, tables", "", "write key = value, or [table]"},
};

// toml++'s words without "Error while parsing string: ".
std::string_view without_preamble(std::string_view description) {
    if (!description.starts_with("Error while parsing ")) return description;
    const std::size_t colon = description.find(": ");
    return colon == std::string_view::npos ? description : description.substr(colon + 2);
}

Reason reason_of(std::string_view description) {
    const auto fits = [&](const Reason& reason) {
        return description.find(reason.sign) != std::string_view::npos;
    };
    const auto found = std::ranges::find_if(kReasons, fits);
    Reason reason = found == kReasons.end() ? Reason{"", "", ""} : *found;
    if (reason.words.empty()) reason.words = without_preamble(description);
    return reason;
}

FilePosition position_at(std::string_view text, std::size_t offset, const std::string& file) {
    const std::string_view before = text.substr(0, offset);
    const auto lines = std::ranges::count(before, '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto column = std::ranges::count_if(before.substr(line_start), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return {file, static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(column + 1)};
}

// Behind the string that opens at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool is_triple = text.substr(at).starts_with(std::string(3, quote));
    const std::string_view close = text.substr(at, is_triple ? 3 : 1);
    for (std::size_t i = at + close.size(); i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text.substr(i).starts_with(close)) {
            return i + close.size();
        } else if (!is_triple && text[i] == '\n') {
            return i;
        }
    }
    return text.size();
}

// The offset of a key with more than kMostKeyParts parts.
std::optional<std::size_t> find_deep_key(std::string_view text) {
    constexpr std::string_view kEnds = "\n,=[]{}";
    std::size_t dots = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == '"' || c == '\'') {
            at = skip_string(text, at);
            continue;
        }
        if (kEnds.find(c) != std::string_view::npos) dots = 0;
        if (c == '.' && ++dots >= kMostKeyParts) return at;
        ++at;
    }
    return std::nullopt;
}

// The text for excerpts: strings over several lines, which may be secrets, show their first line.
std::string hide_long_strings(std::string_view text) {
    std::string shown(text);
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
        } else if (c == '"' || c == '\'') {
            const std::size_t end = skip_string(text, at);
            for (std::size_t i = std::min(text.find('\n', at), end); i < end; ++i) {
                if (text[i] != '\n') shown[i] = '*';
            }
            at = end;
        } else {
            ++at;
        }
    }
    return shown;
}

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
    if (is_utf8(text)) return std::nullopt;
    // Lines break only between characters, so the first bad line holds the first bad byte.
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        if (!is_utf8(text.substr(start, end - start))) return start;
        start = end + 1;
    }
    return 0;
}

class Converter {
public:
    explicit Converter(const std::string& file) : file_(file) {}

    Table table(const toml::table& from) const {
        Table to;
        to.entries.reserve(from.size());
        for (auto&& [key, value] : from) {
            to.entries.push_back({std::string(key.str()), position(key.source()), convert(value)});
        }
        std::ranges::sort(to.entries, std::less{},
                          [](const Entry& e) { return std::tuple(e.at.line, e.at.column); });
        return to;
    }

private:
    FilePosition position(const toml::source_region& source) const {
        return {file_, source.begin.line, source.begin.column};
    }

    Value convert(const toml::node& from) const {
        Value to{Moment{}, position(from.source()), {}};
        if (const auto* text = from.as_string()) to.data = text->get();
        if (const auto* integer = from.as_integer()) to.data = integer->get();
        if (const auto* number = from.as_floating_point()) to.data = number->get();
        if (const auto* boolean = from.as_boolean()) to.data = boolean->get();
        if (const auto* nested = from.as_table()) to.data = table(*nested);
        if (const auto* list = from.as_array()) {
            Array elements;
            elements.reserve(list->size());
            for (const toml::node& element : *list) elements.push_back(convert(element));
            to.data = std::move(elements);
        }
        return to;
    }

    const std::string& file_;
};

}  // namespace

std::optional<Table> parse_document(std::string_view text, const std::string& file,
                                    Report& report) {
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        report.error({file, 0, 0}, "this is not a text file: it holds NUL bytes",
                     "name a TOML file");
        return std::nullopt;
    }
    if (const auto bad = find_bad_utf8(text)) {
        FilePosition line = position_at(text, *bad, file);
        line.column = 0;
        report.error({file, 0, 0}, "line " + std::to_string(line.line) + " is not UTF-8",
                     "save the file as UTF-8");
        return std::nullopt;
    }
    report.add_source(file, hide_long_strings(text));
    if (const auto deep = find_deep_key(text)) {
        report.error(position_at(text, *deep, file),
                     "a key has more than " + std::to_string(kMostKeyParts) + " parts",
                     "no setting lies that deep");
        return std::nullopt;
    }
    try {
        return Converter(file).table(toml::parse(text, file));
    } catch (const toml::parse_error& error) {
        const auto& place = error.source().begin;
        const Reason reason = reason_of(error.description());
        report.error({file, place.line, place.column}, "not TOML: " + std::string(reason.words),
                     std::string(reason.hint));
        return std::nullopt;
    }
}

}  // namespace aigw::config
