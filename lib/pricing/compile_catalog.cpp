// Turns the price list's JSON into the C++ tables of catalog.h, at build time.
//
// Usage:   aigw_compile_catalog OUT.cpp FILE.json...   the international list comes last
// Errors:  one line naming the file and the entry, exit 1. A key, a unit or a pattern it does not
//          know is an error: a price that is silently left out would be billed wrongly.
// Source:  lib/pricing/data/README.md.
#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;

// Thrown and caught in this file only; main prints it.
struct Unusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

constexpr std::string_view kTokenUnit = "1M tokens";
const std::set<std::string> kOtherUnits = {"image", "second", "10000 characters", "video",
                                           "credit"};
const std::set<std::string> kEntryKeys = {"provider", "model",         "match",  "currency",
                                          "per",      "prices",        "source", "confidence",
                                          "note",     "context_window"};
// Rates that are compiled in, and the member of Rates each becomes.
constexpr std::array<const char*, 5> kRates = {"input", "cached_input", "cache_write", "output",
                                               "thinking_output"};
// What else a price may say; nothing that is sold by text tokens needs it.
const std::set<std::string> kOtherPrices = {
    "audio_input", "audio_output", "cached_audio_input", "image_input", "requests_per_1000",
    "image",       "second",       "characters",         "video",       "credit"};
const std::set<std::string> kOtherVariants = {"video_input", "1080P", "1080P/video_input",
                                              "silent",      "flex",  "flex/silent"};

// A C++ string literal; JSON escapes as C++ does.
std::string literal(const std::string& text) {
    return Json(text).dump(-1, ' ', /*ensure_ascii=*/false);
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// "2.50" → "Rate{250, 2}"
std::string rate(const Json& value) {
    static const std::regex kDecimal(R"(^(\d{1,9})(?:\.(\d{1,9}))?$)");
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    std::smatch parts;
    if (!std::regex_match(text, parts, kDecimal)) {
        throw Unusable("the price " + value.dump() + " is not a decimal string");
    }
    const std::string digits = parts.str(1) + parts.str(2);
    return "Rate{" + std::to_string(std::stoll(digits)) + ", " +
           std::to_string(parts.str(2).size()) + "}";
}

std::string rates(const Json& price) {
    std::string out = "{";
    for (const char* name : kRates) {
        if (price.contains(name)) {
            out += "." + std::string(name) + " = " + rate(price[name]) + ", ";
        }
    }
    return out + "}";
}

std::string clock(const Json& value) {
    static const std::regex kTime(R"(^(\d\d):(\d\d):(\d\d)Z$)");
    const std::string text = value.get<std::string>();
    std::smatch parts;
    if (!std::regex_match(text, parts, kTime)) throw Unusable("\"" + text + "\" is not a UTC time");
    return "std::chrono::seconds(" +
           std::to_string(std::stoi(parts[1]) * 3600 + std::stoi(parts[2]) * 60 +
                          std::stoi(parts[3])) +
           ")";
}

std::string date(const Json& value) {
    static const std::regex kDate(R"(^(\d{4})-0?(\d{1,2})-0?(\d{1,2})$)");
    const std::string text = value.get<std::string>();
    std::smatch parts;
    if (!std::regex_match(text, parts, kDate)) throw Unusable("\"" + text + "\" is not a date");
    return "std::chrono::year(" + parts.str(1) + ") / " + parts.str(2) + " / " + parts.str(3);
}

std::string condition(const Json& when) {
    std::string out = "{";
    std::size_t known = 0;
    if (when.contains("start_date")) {
        out += ".from = std::chrono::sys_days(" + date(when["start_date"]) + "), ";
        known += 1;
    }
    if (when.contains("start_time") && when.contains("end_time")) {
        out += ".daily = DailyWindow{" + clock(when["start_time"]) + ", " +
               clock(when["end_time"]) + "}, ";
        known += 2;
    }
    if (known == 0 || known != when.size()) throw Unusable("unknown condition " + when.dump());
    return out + "}";
}

// The regular expressions that the list uses: a literal, digits, perhaps the end.
std::string regex_pattern(const std::string& text) {
    static const std::regex kForm(R"(^\^((?:[A-Za-z0-9/_-]|\\\.)+)\\d(?:\{(\d)\})?(\$)?$)");
    std::smatch parts;
    if (!std::regex_match(text, parts, kForm)) {
        throw Unusable("the pattern " + literal(text) + " is not of the form ^literal\\d{n}$");
    }
    const std::string fixed_text = std::regex_replace(parts.str(1), std::regex(R"(\\\.)"), ".");
    const std::string digits = parts[2].matched ? parts.str(2) : "1";
    const char* how = parts[3].matched ? "EqualsThenDigits" : "PrefixThenDigits";
    return std::string("{Match::") + how + ", " + literal(lower(fixed_text)) + ", " + digits + "}";
}

std::string pattern(const Json& match) {
    static const std::map<std::string, std::string> kKinds = {
        {"equals", "Equals"}, {"prefix", "Prefix"}, {"suffix", "Suffix"}, {"contains", "Contains"}};
    if (match.size() != 1) throw Unusable("a match must have one key: " + match.dump());
    const std::string key = match.begin().key();
    const std::string text = match.begin()->is_string() ? match.begin()->get<std::string>() : "";
    if (text.empty()) throw Unusable("a match must name a text: " + match.dump());
    if (key == "regex") return regex_pattern(text);
    if (!kKinds.contains(key)) throw Unusable("unknown kind of match \"" + key + "\"");
    return "{Match::" + kKinds.at(key) + ", " + literal(lower(text)) + ", 0}";
}

void check_keys(const Json& price) {
    static const std::set<std::string> kRateNames(kRates.begin(), kRates.end());
    static const std::set<std::string> kOthers = {"when", "tiers", "variants",
                                                  "above_input_tokens"};
    for (const auto& [key, value] : price.items()) {
        if (!kRateNames.contains(key) && !kOtherPrices.contains(key) && !kOthers.contains(key)) {
            throw Unusable("unknown price \"" + key + "\"");
        }
    }
    const Json variants = price.value("variants", Json::object());
    for (const auto& [key, value] : variants.items()) {
        if (key != "short_output" && !kOtherVariants.contains(key)) {
            throw Unusable("unknown variant \"" + key + "\"");
        }
    }
}

// The tables as they grow, and where the entry at hand begins in each.
class Tables {
public:
    void begin_section(const std::string& provider, const std::string& currency,
                       const std::string& as_of) {
        end_section();
        section_ = Section{provider, currency, as_of, entries_.size()};
    }

    void add_entry(const Json& entry, const std::string& as_of) {
        for (const auto& [key, value] : entry.items()) {
            if (!kEntryKeys.contains(key)) throw Unusable("unknown key \"" + key + "\"");
        }
        const std::size_t first_pattern = patterns_.size();
        for (const Json& match : entry.at("match")) patterns_.push_back(pattern(match));
        const std::size_t first_row = rows_.size();
        const std::string unit = entry.at("per");
        if (unit == kTokenUnit) {
            for (const Json& price : entry.at("prices")) add_row(entry, price, as_of);
        } else if (!kOtherUnits.contains(unit)) {
            throw Unusable("unknown unit \"" + unit + "\"");
        }
        entries_.push_back("{" + part("kPatterns", first_pattern, patterns_.size()) + ", " +
                           part("kRows", first_row, rows_.size()) + "}");
    }

    std::string render(const std::string& international_as_of) {
        end_section();
        std::ostringstream out;
        out << "// Written by aigw_compile_catalog; edit lib/pricing/data instead.\n"
               "#include \"pricing/catalog.h\"\n\n"
               "namespace aigw::pricing {\nnamespace {\n";
        append(out, "Pattern", "kPatterns", patterns_);
        append(out, "Tier", "kTiers", tiers_);
        append(out, "PriceRow", "kRows", rows_);
        append(out, "Entry", "kEntries", entries_);
        append(out, "Section", "kSections", sections_);
        out << "\nconstexpr CatalogTable kCatalog = {kSections, kEntries, kRows, "
            << literal("catalog " + international_as_of + " * (dearest)")
            << "};\n\n}  // namespace\n\n"
               "const CatalogTable& builtin_catalog() {\n    return kCatalog;\n}\n\n"
               "}  // namespace aigw::pricing\n";
        return out.str();
    }

private:
    struct Section {
        std::string provider, currency, as_of;
        std::size_t first_entry = 0;
    };

    static std::string part(const std::string& table, std::size_t first, std::size_t end) {
        if (first == end) return "{}";
        return "{" + table + " + " + std::to_string(first) + ", " + std::to_string(end - first) +
               "}";
    }

    static void append(std::ostream& out, const char* type, const char* name,
                       const std::vector<std::string>& lines) {
        out << "\nconstexpr " << type << " " << name << "[] = {\n";
        for (const std::string& line : lines) out << "    " << line << ",\n";
        out << "};\n";
    }

    void add_row(const Json& entry, const Json& price, const std::string& as_of) {
        check_keys(price);
        const std::string provider = entry.at("provider");
        const std::string model = entry.at("model");
        const std::size_t first_tier = tiers_.size();
        std::int64_t above = 0;
        const Json tiers = price.value("tiers", Json::array());
        for (const Json& tier : tiers) {
            check_keys(tier);
            const std::int64_t next = tier.at("above_input_tokens");
            if (next <= above) throw Unusable("tiers must ascend");
            above = next;
            tiers_.push_back("{" + std::to_string(next) + ", " + rates(tier) + "}");
        }
        std::string row =
            "{.provider = " + literal(provider) + ", .model = " + literal(model) +
            ", .source = " + literal("catalog " + as_of + " " + provider + "/" + model) +
            ", .currency = Currency::literal(" + literal(entry.at("currency").get<std::string>()) +
            ")";
        if (price.contains("when")) row += ", .when = " + condition(price["when"]);
        row += ", .rates = " + rates(price);
        if (first_tier != tiers_.size()) {
            row += ", .tiers = " + part("kTiers", first_tier, tiers_.size());
        }
        const Json variants = price.value("variants", Json::object());
        if (variants.contains("short_output")) {
            row += ", .short_output = ShortOutput{32'000, 200, " + rate(variants["short_output"]) +
                   "}";
        }
        rows_.push_back(row + "}");
    }

    void end_section() {
        if (!section_) return;
        sections_.push_back(
            "{" + literal(section_->provider) + ", Currency::literal(" +
            literal(section_->currency) + "), " +
            part("kEntries", section_->first_entry, entries_.size()) + ", " +
            literal("catalog " + section_->as_of + " " + section_->provider + "/* (dearest)") +
            "}");
        section_.reset();
    }

    std::optional<Section> section_;
    std::vector<std::string> patterns_, tiers_, rows_, entries_, sections_;
};

Json load(const std::string& path) {
    std::ifstream file(path);
    Json document = Json::parse(file, nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) throw Unusable("is not JSON");
    return document;
}

// Adds one file, its entries grouped by provider and currency in order of first appearance.
void add_file(Tables& tables, const Json& document) {
    const std::string as_of = document.at("as_of");
    using Section = std::pair<std::string, std::string>;
    std::vector<Section> order;
    std::map<Section, std::vector<const Json*>> sections;
    for (const Json& entry : document.at("entries")) {
        const Section section(entry.at("provider"), entry.at("currency"));
        if (!sections.contains(section)) order.push_back(section);
        sections[section].push_back(&entry);
    }
    for (const Section& section : order) {
        tables.begin_section(section.first, section.second, as_of);
        for (const Json* entry : sections[section]) {
            try {
                tables.add_entry(*entry, as_of);
            } catch (const std::exception& problem) {
                throw Unusable(section.first + "/" + entry->value("model", "?") + ": " +
                               problem.what());
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: aigw_compile_catalog OUT.cpp FILE.json...\n";
        return 2;
    }
    Tables tables;
    std::string as_of;
    for (int i = 2; i < argc; ++i) {
        try {
            const Json document = load(argv[i]);
            add_file(tables, document);
            as_of = document.at("as_of");
        } catch (const std::exception& problem) {
            std::cerr << "aigw_compile_catalog: " << argv[i] << ": " << problem.what() << "\n";
            return 1;
        }
    }
    std::ofstream out(argv[1]);
    out << tables.render(as_of);
    out.close();
    if (!out) {
        std::cerr << "aigw_compile_catalog: cannot write " << argv[1] << "\n";
        return 1;
    }
    return 0;
}
