#include "base/time.h"

#include <array>
#include <optional>

namespace aigw {
namespace {

using std::chrono::milliseconds;

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array kUnits = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                               Unit{"s", 1'000}, Unit{"ms", 1}};

std::optional<int> read_int(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// The last `count` decimal digits of `value`, over what stands at `at`.
void write_digits(std::string& text, std::size_t at, std::size_t count, unsigned value) {
    for (std::size_t i = at + count; i-- > at; value /= 10)
        text[i] = static_cast<char>('0' + value % 10);
}

bool has(std::string_view text, std::size_t at, char c) {
    return at < text.size() && text[at] == c;
}

Error bad_time(std::string_view text) {
    return Error{ErrorCode::InvalidRequest,
                 "\"" + std::string(text.substr(0, 40)) + "\" is not a time",
                 "write RFC 3339, such as 2026-11-20T10:00:00Z"};
}

Error bad_duration(std::string_view text) {
    return Error{ErrorCode::InvalidRequest,
                 "\"" + std::string(text.substr(0, 40)) + "\" is not a duration",
                 "write a number with a unit: \"200ms\", \"10s\", \"5m\", \"1h\" or \"7d\""};
}

Result<TimePoint> read_time(std::string_view text) {
    using namespace std::chrono;
    const auto y = read_int(text, 0, 4);
    const auto mo = read_int(text, 5, 2);
    const auto d = read_int(text, 8, 2);
    if (!y || !mo || !d || !has(text, 4, '-') || !has(text, 7, '-')) return bad_time(text);
    const year_month_day date{year(*y), month(unsigned(*mo)), day(unsigned(*d))};
    if (!date.ok()) return bad_time(text);
    TimePoint result = sys_days(date);
    if (text.size() == 10) return result;

    const auto h = read_int(text, 11, 2);
    const auto mi = read_int(text, 14, 2);
    const auto s = read_int(text, 17, 2);
    const bool separators = (has(text, 10, 'T') || has(text, 10, 't') || has(text, 10, ' ')) &&
                            has(text, 13, ':') && has(text, 16, ':');
    if (!h || !mi || !s || !separators || *h > 23 || *mi > 59 || *s > 60) return bad_time(text);
    result += hours(*h) + minutes(*mi) + seconds(*s);

    std::size_t at = 19;
    if (has(text, at, '.')) {
        std::int64_t scale = 100'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            result += microseconds((text[at] - '0') * scale);
            scale /= 10;
        }
        if (text[at - 1] == '.') return bad_time(text);
    }
    if ((has(text, at, 'Z') || has(text, at, 'z')) && at + 1 == text.size()) return result;
    const auto oh = read_int(text, at + 1, 2);
    const auto om = read_int(text, at + 4, 2);
    if (!oh || !om || !has(text, at + 3, ':') || at + 6 != text.size() || *oh > 23 || *om > 59)
        return bad_time(text);
    const auto offset = hours(*oh) + minutes(*om);
    if (text[at] == '+') return result - offset;
    if (text[at] == '-') return result + offset;
    return bad_time(text);
}

}  // namespace

std::string render_time(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    const auto ms = std::chrono::duration_cast<milliseconds>(clock.subseconds()).count();
    std::string text = "0000-00-00T00:00:00";
    write_digits(text, 0, 4, static_cast<unsigned>(int(date.year())));
    write_digits(text, 5, 2, unsigned(date.month()));
    write_digits(text, 8, 2, unsigned(date.day()));
    write_digits(text, 11, 2, static_cast<unsigned>(clock.hours().count()));
    write_digits(text, 14, 2, static_cast<unsigned>(clock.minutes().count()));
    write_digits(text, 17, 2, static_cast<unsigned>(clock.seconds().count()));
    if (ms != 0) {
        text += ".000";
        write_digits(text, 20, 3, static_cast<unsigned>(ms));
    }
    text.push_back('Z');
    return text;
}

Result<TimePoint> parse_time(std::string_view text) {
    using namespace std::chrono;
    const TimePoint time = TRY(read_time(text));
    // An offset or a leap second may leave the four-digit years that RFC 3339 can write.
    if (time < sys_days(year(0) / 1 / 1) || time >= sys_days(year(10'000) / 1 / 1))
        return bad_time(text);
    return time;
}

Result<milliseconds> parse_duration(std::string_view text) {
    if (text == "0") return milliseconds(0);
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    std::size_t at = 0;
    const auto digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    for (; digit() && at < 15; ++at) whole = whole * 10 + (text[at] - '0');
    if (at == 0 || digit()) return bad_duration(text);
    if (has(text, at, '.')) {
        const std::size_t point = at++;
        for (; digit() && at < point + 7; ++at) {
            fraction = fraction * 10 + (text[at] - '0');
            scale *= 10;
        }
        if (at == point + 1 || digit()) return bad_duration(text);
    }
    const std::string_view unit_name = text.substr(at);
    for (const Unit& unit : kUnits) {
        if (unit.name != unit_name) continue;
        if ((fraction * unit.ms) % scale != 0) return bad_duration(text);
        // Fifteen digits of days would not fit: ten thousand years is long enough for any timeout.
        constexpr std::int64_t kLongest = std::int64_t{10'000} * 366 * 86'400'000;
        if (whole > kLongest / unit.ms) return bad_duration(text);
        return milliseconds(whole * unit.ms + fraction * unit.ms / scale);
    }
    return bad_duration(text);
}

std::string render_duration(milliseconds duration) {
    const std::int64_t ms = duration.count();
    if (ms == 0) return "0s";
    for (const Unit& unit : kUnits) {
        if (ms % unit.ms == 0) return std::to_string(ms / unit.ms) + std::string(unit.name);
    }
    return std::to_string(ms) + "ms";
}

std::string render_seconds(milliseconds duration) {
    const std::int64_t tenths = (duration.count() + 99) / 100;
    std::string text = std::to_string(tenths / 10);
    if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
    return text + "s";
}

}  // namespace aigw
