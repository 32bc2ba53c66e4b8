#include "limits/period.h"

#include "base/text.h"

namespace aigw::limits {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr std::int64_t kMonthsOfYear = 12;

std::int64_t month_of(sys_days day) {
    const std::chrono::year_month_day date(day);
    return static_cast<int>(date.year()) * kMonthsOfYear + unsigned(date.month()) - 1;
}

sys_days first_day_of(std::int64_t month) {
    const auto year = static_cast<int>(month / kMonthsOfYear);
    const auto in_year = static_cast<unsigned>(month % kMonthsOfYear) + 1;
    return std::chrono::year(year) / std::chrono::month(in_year) / 1;
}

}  // namespace

Result<Period> Period::parse(std::string_view text) {
    if (text == "day") return day();
    if (text == "month") return month();
    const auto length = parse_duration(text);
    if (!length || *length < kShortest || *length > kLongest) {
        return Error{ErrorCode::Config, "is " + json_string(text) + ", which is no window",
                     "it is \"1s\" to \"30d\", or one of the calendar, UTC: \"day\", \"month\""};
    }
    return sliding(*length);
}

std::int64_t Period::calendar_tick_of(TimePoint now) const {
    const auto today = std::chrono::floor<days>(now);
    if (code_ == kDay) return today.time_since_epoch().count();
    return code_ == kMonth ? month_of(today) : 0;
}

TimePoint Period::end_of(std::int64_t tick) const {
    if (code_ == kDay) return sys_days(days(tick + 1));
    if (code_ == kMonth) return first_day_of(tick + 1);
    return TimePoint(bucket() * (tick + kBuckets + 1));
}

std::string Period::text() const {
    if (code_ == 0) return "";
    if (is_calendar()) return code_ == kDay ? "day" : "month";
    const auto whole = std::chrono::duration_cast<milliseconds>(length());
    constexpr milliseconds kInSeconds = std::chrono::minutes(1);
    const bool is_short = whole <= kInSeconds && whole % std::chrono::seconds(1) == milliseconds(0);
    return is_short ? std::to_string(whole.count() / 1000) + "s" : render_duration(whole);
}

}  // namespace aigw::limits
