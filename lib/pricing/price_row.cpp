#include "pricing/price_row.h"

#include <cstdio>

namespace aigw::pricing {
namespace {

std::string clock_text(std::chrono::seconds time) {
    const std::chrono::hh_mm_ss clock(time);
    char text[16];
    const int length = std::snprintf(text, sizeof text, "%02d:%02d", int(clock.hours().count()),
                                     int(clock.minutes().count()));
    return std::string(text, static_cast<std::size_t>(length));
}

bool holds_daily(const DailyWindow& window, TimePoint at) {
    const auto time = at - std::chrono::floor<std::chrono::days>(at);
    if (window.start <= window.end) return time >= window.start && time < window.end;
    return time >= window.start || time < window.end;
}

}  // namespace

bool Condition::holds(TimePoint at) const {
    return (!from || at >= *from) && (!daily || holds_daily(*daily, at));
}

std::string Condition::text() const {
    std::string text;
    if (from) text = "from " + render_time(*from).substr(0, 10);
    if (daily) {
        if (!text.empty()) text += ", ";
        text += clock_text(daily->start) + "-" + clock_text(daily->end) + " UTC";
    }
    return text;
}

const Rates& PriceRow::rates_at(std::int64_t input_tokens) const {
    const Rates* reached = &rates;
    for (const Tier& tier : tiers) {
        if (input_tokens <= tier.above_input_tokens) break;
        reached = &tier.rates;
    }
    return *reached;
}

bool PriceRow::covers(Operation operation) const {
    switch (operation) {
        case Operation::Chat:
        case Operation::Completions:
            return rates.input.has_value() && rates.output.has_value();
        case Operation::Embeddings:
            return rates.input.has_value();
        case Operation::Models:
        case Operation::CountTokens:
            return true;
    }
    return false;
}

}  // namespace aigw::pricing
