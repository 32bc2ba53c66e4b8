#include "policy/policy.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace aigw::policy {
namespace {

constexpr std::int64_t kMinutesOfDay = std::int64_t{24} * 60;
constexpr int kDaysOfWeek = 7;

template <Type Wanted>
const auto* rule_of(const Rule& rule) {
    return std::get_if<static_cast<std::size_t>(Wanted)>(&rule);
}

bool is_any(std::span<const std::string> globs, std::string_view model) {
    return std::ranges::any_of(globs,
                               [&](const std::string& glob) { return matches_glob(glob, model); });
}

bool permits(const ModelsRule& rule, std::string_view model) {
    const bool is_allowed = rule.allow.empty() || is_any(rule.allow, model);
    return is_allowed && !is_any(rule.deny, model);
}

bool is_for(Answers answers, bool is_stream) {
    switch (answers) {
        case Answers::Any:
            return true;
        case Answers::Streamed:
            return is_stream;
        case Answers::Whole:
            return !is_stream;
    }
    return true;
}

bool permits(Action action, bool is_met) {
    return action == Action::Allow ? is_met : !is_met;
}

// The minute of a day and the day, from Monday; of one that goes on behind midnight the day on
// which it began counts.
bool lies_in(const TimeRule& rule, const TimeRule::Span& span, int minute, int day) {
    const auto is_day = [&](int each) {
        return rule.days[static_cast<std::size_t>(each % kDaysOfWeek)];
    };
    if (span.from <= span.to) return is_day(day) && span.from <= minute && minute < span.to;
    if (minute >= span.from) return is_day(day);
    return minute < span.to && is_day(day + kDaysOfWeek - 1);
}

}  // namespace

std::string_view name_of(Type type) {
    switch (type) {
        case Type::Rate:
            return "rate";
        case Type::Concurrency:
            return "concurrency";
        case Type::Tokens:
            return "tokens";
        case Type::RequestTokens:
            return "request_tokens";
        case Type::Models:
            return "models";
        case Type::Params:
            return "params";
        case Type::ContentMatch:
            return "content_match";
        case Type::Time:
            return "time";
        case Type::Routing:
            return "routing";
    }
    return "";
}

bool holds(const TimeRule& rule, TimePoint now) {
    using std::chrono::floor;
    using std::chrono::minutes;
    const auto local = floor<minutes>(now).time_since_epoch() + rule.offset;
    const auto days = floor<std::chrono::days>(local);
    const int minute = static_cast<int>((local - days).count() % kMinutesOfDay);
    constexpr int kThursday = 3;  // the epoch's day
    const auto since = static_cast<int>(days.count() % kDaysOfWeek);
    const int day = (since + kDaysOfWeek + kThursday) % kDaysOfWeek;
    if (rule.spans.empty()) return rule.days[static_cast<std::size_t>(day)];
    return std::ranges::any_of(
        rule.spans, [&](const TimeRule::Span& span) { return lies_in(rule, span, minute, day); });
}

Result<Policy> Policy::make(Options options) {
    Policy policy;
    auto conditions = matching::Conditions::make(options.match);
    if (!conditions)
        return Error{ErrorCode::Config, options.at.text() + ": " + conditions.error().message,
                     conditions.error().hint};
    policy.conditions = std::move(conditions).take();
    const RatesRule* rates = rule_of<Type::Rate>(options.rule);
    if (rates == nullptr) rates = rule_of<Type::Concurrency>(options.rule);
    if (rates == nullptr) rates = rule_of<Type::Tokens>(options.rule);
    if (rates != nullptr) {
        const limits::Options limit{.name = options.name,
                                    .by = limits::Subject::Namespace,
                                    .rates = rates->rates,
                                    .mode = options.mode,
                                    .at = options.at};
        policy.limits = TRY(limits::compile(std::span(&limit, 1)));
    }
    policy.options = std::move(options);
    return policy;
}

bool Policy::applies_to(const matching::Asked& asked, const protocol::RequestFacts& facts) const {
    if (!options.is_enabled) return false;
    if (!options.models.empty() && !is_any(options.models, facts.model)) return false;
    const RequestTokensRule* tokens = request_tokens();
    if (tokens != nullptr && !is_for(tokens->answers, facts.stream)) return false;
    const bool is_test = type() == Type::ContentMatch;
    return is_test || conditions.empty() || conditions.find(asked).has_value();
}

Verdict Policy::judge(const matching::Asked& asked, const protocol::RequestFacts& facts,
                      TimePoint now) const {
    bool is_permitted = true;
    if (const auto* models = rule_of<Type::Models>(options.rule))
        is_permitted = permits(*models, facts.model);
    if (const auto* content = rule_of<Type::ContentMatch>(options.rule))
        is_permitted = permits(content->action, conditions.find(asked).has_value());
    if (const auto* time = rule_of<Type::Time>(options.rule))
        is_permitted = permits(time->action, holds(*time, now));
    if (is_permitted) return Verdict::Allow;
    return is_enforced() ? Verdict::Reject : Verdict::WouldReject;
}

bool is_before(const Policy& a, const Policy& b) {
    const auto key = [](const Policy& policy) {
        return std::tuple(policy.type() != Type::ContentMatch, -policy.options.priority);
    };
    return key(a) < key(b);
}

}  // namespace aigw::policy
