#include "protocol/rate_limit_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>

#include "base/text.h"

namespace aigw::protocol {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kOpenAi = "x-ratelimit-";
constexpr std::string_view kAnthropic = "anthropic-ratelimit-";
constexpr std::array<std::string_view, 3> kQuantities = {"limit", "remaining", "reset"};
constexpr std::array<std::string_view, 2> kWindows = {"requests", "tokens"};
constexpr std::string_view kReset = kQuantities[2];

// A field as both protocols have it.
struct ParsedName {
    std::string_view window;
    std::string_view quantity;
    bool is_openai = false;
};

std::optional<std::string_view> find_in(std::span<const std::string_view> words,
                                        std::string_view word) {
    const auto found = std::ranges::find_if(
        words, [&](std::string_view known) { return equals_ignoring_case(known, word); });
    if (found == words.end()) return std::nullopt;
    return *found;
}

std::optional<ParsedName> parse_name(std::string_view name) {
    const bool is_openai = starts_with_ignoring_case(name, kOpenAi);
    if (!is_openai && !starts_with_ignoring_case(name, kAnthropic)) return std::nullopt;
    name.remove_prefix((is_openai ? kOpenAi : kAnthropic).size());
    const std::size_t dash = name.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view first = name.substr(0, dash);
    const std::string_view second = name.substr(dash + 1);
    const auto quantity = find_in(kQuantities, is_openai ? first : second);
    const auto window = find_in(kWindows, is_openai ? second : first);
    if (!quantity || !window) return std::nullopt;
    return ParsedName{*window, *quantity, is_openai};
}

// Milliseconds of a unit at the front of `text`, which it is taken from; 0: none is there.
double take_unit(std::string_view& text) {
    struct Unit {
        std::string_view name;
        double milliseconds;
    };
    constexpr std::array kUnits = {Unit{"ms", 1},  Unit{"us", 1e-3}, Unit{"ns", 1e-6},
                                   Unit{"s", 1e3}, Unit{"m", 6e4},   Unit{"h", 3.6e6}};
    for (const Unit& unit : kUnits) {
        if (!text.starts_with(unit.name)) continue;
        text.remove_prefix(unit.name.size());
        return unit.milliseconds;
    }
    return 0;
}

// "6m0s", "12ms", "1.5s", or seconds without a unit; rounded up.
std::optional<milliseconds> parse_wait(std::string_view text) {
    constexpr double kLongest = 1e12;
    double total = 0;
    const bool is_plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                  std::chars_format::fixed);
        if (error != std::errc() || number < 0) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const double unit = is_plain ? 1e3 : take_unit(text);
        if (unit == 0) return std::nullopt;
        total += number * unit;
    }
    if (!(total <= kLongest)) return std::nullopt;
    const milliseconds floor{static_cast<std::int64_t>(total)};
    return static_cast<double>(floor.count()) < total ? floor + milliseconds(1) : floor;
}

// As Go writes durations: "1h2m3s", "6m0s", "2s", "12ms".
std::string render_wait(milliseconds wait) {
    if (wait < std::chrono::seconds(1)) return std::to_string(wait.count()) + "ms";
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    std::string text;
    if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
    if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + "m";
    return text + std::to_string(seconds % 60) + "s";
}

std::optional<std::string> reset_for_anthropic(std::string_view value, TimePoint now) {
    const auto wait = parse_wait(value);
    if (!wait) return std::nullopt;
    return render_time(std::chrono::ceil<std::chrono::seconds>(now + *wait));
}

std::optional<std::string> reset_for_openai(std::string_view value, TimePoint now) {
    const auto time = parse_time(value);
    if (!time) return std::nullopt;
    const auto wait = std::chrono::ceil<milliseconds>(*time - now);
    return render_wait(std::max(wait, milliseconds(0)));
}

std::string name_for(Protocol caller, std::string_view window, std::string_view quantity) {
    const bool wants_openai = caller != Protocol::Anthropic;
    std::string name(wants_openai ? kOpenAi : kAnthropic);
    name.append(wants_openai ? quantity : window)
        .append("-")
        .append(wants_openai ? window : quantity);
    return name;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> translate_rate_limit(std::string_view name,
                                                                        std::string_view value,
                                                                        Protocol caller,
                                                                        TimePoint now) {
    const auto field = parse_name(name);
    if (!field) return std::nullopt;
    const bool wants_openai = caller != Protocol::Anthropic;
    std::optional<std::string> said(value);
    if (field->quantity == kReset && wants_openai != field->is_openai)
        said = wants_openai ? reset_for_openai(value, now) : reset_for_anthropic(value, now);
    if (!said) return std::nullopt;
    return std::pair(name_for(caller, field->window, field->quantity), *std::move(said));
}

RateLimitFields render_rate_limit(const RateLimit& limit, Protocol caller, TimePoint now) {
    const std::string reset =
        caller == Protocol::Anthropic
            ? render_time(std::chrono::ceil<std::chrono::seconds>(now + limit.reset))
            : render_wait(limit.reset);
    return {
        std::pair(name_for(caller, limit.window, kQuantities[0]), std::to_string(limit.limit)),
        std::pair(name_for(caller, limit.window, kQuantities[1]), std::to_string(limit.remaining)),
        std::pair(name_for(caller, limit.window, kReset), reset)};
}

bool is_rate_limit_field(std::string_view name) {
    return starts_with_ignoring_case(name, kOpenAi) || starts_with_ignoring_case(name, kAnthropic);
}

}  // namespace aigw::protocol
