// Values of a configuration and of fields: what parses prints as text that parses to the same
// value.

#include <optional>
#include <string>

#include "base/ip_address.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time.h"
#include "http/date.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::fuzz::must_hold;

void check_duration(std::string_view text) {
    const auto duration = aigw::parse_duration(text);
    if (!duration) return;
    must_hold(duration->count() >= 0, "no duration is negative");
    const auto again = aigw::parse_duration(aigw::render_duration(*duration));
    must_hold(again && *again == *duration, "a printed duration is the same one");
    const auto shown = aigw::parse_duration(aigw::render_seconds(*duration));
    must_hold(!shown || *shown >= *duration, "seconds are rounded up");
}

void check_size(std::string_view text) {
    const auto bytes = aigw::parse_size(text);
    if (!bytes) return;
    const auto again = aigw::parse_size(aigw::render_size(*bytes));
    must_hold(again && *again == *bytes, "a printed size is the same one");
}

void check_time(std::string_view text) {
    const auto time = aigw::parse_time(text);
    if (!time) return;
    const auto again = aigw::parse_time(aigw::render_time(*time));
    must_hold(again && *again == std::chrono::floor<std::chrono::milliseconds>(*time),
              "a printed time is the same one, to the millisecond");
}

void check_date(std::string_view text) {
    const auto date = aigw::http::parse_date(text);
    if (!date) return;
    must_hold(text.size() <= 40 && text.find('\0') == std::string_view::npos,
              "a date has the one form");
    const auto again = aigw::parse_time(aigw::render_time(*date));
    must_hold(again && *again == *date, "a date is a time");
}

void check_money(std::string_view text) {
    if (const auto decimal = aigw::Decimal::parse(text)) {
        const auto again = aigw::Decimal::parse(decimal->text());
        must_hold(again && *again == *decimal && again->text() == decimal->text(),
                  "a printed decimal is the same one");
        must_hold(decimal->times(aigw::Decimal(1)).value() == *decimal, "once a decimal is itself");
        auto power = aigw::Result<aigw::Decimal>(*decimal);
        for (int i = 0; i < 8 && power; ++i) {
            const auto printed = power->text();
            must_hold(!printed.empty() && printed.back() != '.', "a product prints as a decimal");
            power = power->times(*decimal);
        }
    }
    const aigw::Currency currency = aigw::Currency::literal("USD");
    const auto money = aigw::Money::parse(text, currency);
    if (!money) return;
    const auto again = aigw::Money::parse(money->text(), currency);
    must_hold(again && *again == *money, "a printed amount is the same one");
    must_hold((*money + -*money).is_zero(), "an amount less itself is nothing");
}

void check_address(std::string_view text) {
    const auto address = aigw::IpAddress::parse(text);
    const auto block = aigw::IpBlock::parse(text);
    if (!address) return;
    must_hold(aigw::IpAddress::parse(address->text()) == address, "a printed address is the same");
    must_hold(block && block->contains(*address), "an address is a block of its own");
    const auto all = aigw::IpBlock::parse(address->is_v4() ? "0.0.0.0/0" : "::/0");
    must_hold(all->contains(*address), "an address is in the block of all");
}

// `*` by trying every length: what the linear matcher must agree with.
bool matches_slowly(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            if (matches_slowly(pattern.substr(1), text.substr(i))) return true;
        }
        return false;
    }
    return !text.empty() && text.front() == pattern.front() &&
           matches_slowly(pattern.substr(1), text.substr(1));
}

void check_glob(std::string_view text) {
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos || line > 12 || text.size() - line > 20) return;
    const std::string_view pattern = text.substr(0, line);
    const std::string_view subject = text.substr(line + 1);
    must_hold(aigw::matches_glob(pattern, subject) == matches_slowly(pattern, subject),
              "a glob matches what it says");
}

void check_json_string(std::string_view text) {
    const std::string quoted = aigw::json_string(text);
    must_hold(aigw::is_utf8(quoted), "a JSON string is UTF-8");
    for (const char c : quoted)
        must_hold(static_cast<unsigned char>(c) >= ' ', "a JSON string is one line");
    std::size_t backslashes = 0;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        must_hold(quoted[i] != '"' || backslashes % 2 == 1, "a JSON string ends at its end");
        backslashes = quoted[i] == '\\' ? backslashes + 1 : 0;
    }
    must_hold(backslashes % 2 == 0, "a JSON string has its closing quote");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_duration(text);
    check_size(text);
    check_time(text);
    check_date(text);
    check_money(text);
    check_address(text);
    check_glob(text);
    check_json_string(text);
    return 0;
}
