#include "limits/limit.h"

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"
#include "base/time.h"

namespace aigw::limits {
namespace {

// FNV-1a over what tells limits apart: the same limit in the next configuration has the same id.
std::uint64_t id_of(const Limit& limit) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
        hash = (hash ^ 0xff) * 0x100000001b3;  // no text holds this byte, which ends it
    };
    add(limit.name);
    add(name_of(limit.kind));
    add(limit.period.text());
    add(limit.currency.text());
    add(limit.model_glob);
    return hash;
}

std::uint64_t max_of(const Rates& rates, Kind kind) {
    switch (kind) {
        case Kind::Rpm:
            return rates.rpm;
        case Kind::Tpm:
            return rates.tpm;
        case Kind::Qps:
            return rates.qps;
        case Kind::Concurrency:
            return rates.concurrency;
        case Kind::Requests:
        case Kind::Tokens:
        case Kind::Money:
            return 0;  // these have quotas
    }
    return 0;
}

Period period_of(Kind kind) {
    if (kind == Kind::Qps) return kSecond;
    return kind == Kind::Concurrency ? Period() : kMinute;
}

// "rpm", "tokens:1h", "money:month:CNY"
std::string kind_text(const Limit& limit) {
    std::string text(name_of(limit.kind));
    const bool has_quotas =
        limit.kind == Kind::Requests || limit.kind == Kind::Tokens || limit.kind == Kind::Money;
    if (has_quotas) text += ":" + limit.period.text();
    if (limit.kind == Kind::Money) text += ":" + std::string(limit.currency.text());
    return text;
}

// Collects one limit for each of the numbers; names that are not given say the kind.
class LimitMaker {
public:
    explicit LimitMaker(Limit common) : common_(std::move(common)) {}

    std::vector<Limit> make(const Rates& rates) && {
        for (const Kind kind : kPlainKinds)
            if (const std::uint64_t max = max_of(rates, kind); max != 0)
                add(kind, {.period = period_of(kind), .max = max});
        for (const Quota& quota : rates.requests) add(Kind::Requests, quota);
        for (const Quota& quota : rates.tokens) add(Kind::Tokens, quota);
        for (const Quota& quota : rates.money) add(Kind::Money, quota);
        return std::move(limits_);
    }

private:
    void add(Kind kind, const Quota& quota) {
        Limit limit = common_;
        limit.kind = kind;
        limit.period = quota.period;
        limit.max = quota.max;
        limit.currency = quota.currency;
        if (!limit.is_named) limit.name += ":" + kind_text(limit);
        limit.id = id_of(limit);
        limits_.push_back(std::move(limit));
    }

    Limit common_;
    std::vector<Limit> limits_{};
};

Limit common_of(const Options& options) {
    const bool is_named = !options.name.empty();
    return {.name = is_named ? options.name : name_of(options.by),
            .by = options.by,
            .mode = options.mode,
            .model_glob = options.model,
            .is_named = is_named};
}

std::vector<Limit> own_limits(std::string name, Subject by, const Rates& rates) {
    std::vector<Limit> limits =
        LimitMaker({.name = std::move(name), .by = by, .is_named = false}).make(rates);
    for (Limit& limit : limits) limit.is_named = true;
    return limits;
}

// "0.50": at least two digits after the point, and no more than it needs.
std::string short_money(std::uint64_t units) {
    constexpr std::size_t kFewestDigits = 2;
    std::string text = Money(units, Currency()).text();
    const std::size_t point = text.find('.');
    while (text.ends_with('0') && text.size() > point + 1 + kFewestDigits) text.pop_back();
    return text;
}

// "per minute", "per day", "within 10m", "at a time"
std::string period_words(const Limit& limit) {
    if (limit.period.is_in_flight()) return "at a time";
    if (limit.period == kMinute) return "per minute";
    if (limit.period == kSecond) return "per second";
    return (limit.period.is_calendar() ? "per " : "within ") + limit.period.text();
}

std::string whose(const Limit& limit, std::string_view subject) {
    if (subject.empty()) return "the gateway";
    return name_of(limit.by) + " \"" + std::string(subject) + "\"";
}

std::string_view unit_of(Quantity quantity) {
    switch (quantity) {
        case Quantity::Requests:
        case Quantity::InFlight:
            return "request";
        case Quantity::Tokens:
            return "token";
        case Quantity::Money:
            return "";
    }
    return "";
}

// What users of channels know their refusals by.
std::string_view channel_words(const Limit& limit) {
    if (limit.by != Subject::Namespace) return "";
    switch (limit.quantity()) {
        case Quantity::Requests:
            return "QPS limit exceeded: ";
        case Quantity::InFlight:
            return "Concurrency limit exceeded: ";
        case Quantity::Tokens:
            return "Time window token limit exceeded: ";
        case Quantity::Money:
            return "";
    }
    return "";
}

Error twice(const Limit& limit, const FilePosition& at) {
    const std::string models =
        limit.model_glob.empty() ? "" : " for models \"" + limit.model_glob + "\"";
    return Error{ErrorCode::Config,
                 at.text() + ": there is already a limit \"" + limit.name + "\"" + models,
                 "give each a `name` of its own"};
}

}  // namespace

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::Rpm:
            return "rpm";
        case Kind::Tpm:
            return "tpm";
        case Kind::Qps:
            return "qps";
        case Kind::Concurrency:
            return "concurrency";
        case Kind::Requests:
            return "requests";
        case Kind::Tokens:
            return "tokens";
        case Kind::Money:
            return "money";
    }
    return "";
}

std::string_view name_of(Subject subject) {
    switch (subject) {
        case Subject::Key:
            return "key";
        case Subject::User:
            return "user";
        case Subject::Tenant:
            return "tenant";
        case Subject::Namespace:
            return "namespace";
        case Subject::Ip:
            return "ip";
        case Subject::Global:
            return "global";
        case Subject::Platform:
            return "platform";
        case Subject::Model:
            return "model";
    }
    return "";
}

std::string name_of(Subjects subjects) {
    std::string text;
    for (const Subject subject : kSubjects) {
        if (!subjects.has(subject)) continue;
        text.append(text.empty() ? "" : ",").append(name_of(subject));
    }
    return text;
}

bool Limit::applies_to(std::string_view model) const {
    return model_glob.empty() || matches_glob(model_glob, model);
}

Result<std::vector<Limit>> compile(std::span<const Options> options) {
    std::vector<Limit> limits;
    for (const Options& one : options) {
        for (Limit& limit : LimitMaker(common_of(one)).make(one.rates)) {
            const bool is_known = std::ranges::any_of(
                limits, [&](const Limit& other) { return other.id == limit.id; });
            if (is_known) return twice(limit, one.at);
            limits.push_back(std::move(limit));
        }
    }
    return limits;
}

// The name says whose limit it is: that is a name of its own.
std::vector<Limit> platform_limits(std::string_view platform, const Rates& rates) {
    return own_limits("platform:" + std::string(platform), Subject::Platform, rates);
}

std::vector<Limit> model_limits(std::string_view platform, std::string_view model,
                                const Rates& rates) {
    return own_limits("model:" + model_subject(platform, model), Subject::Model, rates);
}

std::string model_subject(std::string_view platform, std::string_view model) {
    return std::string(platform) + "/" + std::string(model);
}

std::string ip_subject(std::string_view address) {
    constexpr unsigned kBitsOfACustomer = 64;
    const auto parsed = IpAddress::parse(address);
    if (!parsed) return std::string(address);
    if (parsed->is_v4()) return parsed->text();
    return parsed->masked(kBitsOfACustomer).text() + "/" + std::to_string(kBitsOfACustomer);
}

void append_part(std::string& subject, std::string_view part) {
    if (!subject.empty()) subject += ',';
    for (const char c : part) {
        if (c == ',' || c == '\\') subject += '\\';
        subject += c;
    }
}

std::string label(const Limit& limit, std::string_view subject) {
    if (limit.is_named) return limit.name;
    std::string text = name_of(limit.by) + ":";
    if (!subject.empty()) text.append(subject).append(":");
    return text + kind_text(limit);
}

std::string amount_text(const Limit& limit, std::uint64_t amount) {
    if (limit.kind == Kind::Money)
        return short_money(amount) + " " + std::string(limit.currency.text());
    return std::to_string(amount) + " " + std::string(unit_of(limit.quantity())) +
           (amount == 1 ? "" : "s");
}

std::string number_text(const Limit& limit, std::uint64_t amount) {
    return limit.kind == Kind::Money ? Money(amount, limit.currency).text()
                                     : std::to_string(amount);
}

Error refusal_error(const Limit& limit, std::string_view subject, std::uint64_t cost,
                    std::chrono::milliseconds retry_after) {
    const bool is_money = limit.kind == Kind::Money;
    const std::string most = amount_text(limit, limit.max) + " " + period_words(limit);
    const bool never_fits = cost > limit.max;
    const std::string words(channel_words(limit));
    Error error{ErrorCode::RateLimited,
                words + (never_fits ? "the call may " + std::string(is_money ? "cost " : "use ") +
                                          amount_text(limit, cost) + ", and " +
                                          whose(limit, subject) + " has a limit of " + most
                                    : whose(limit, subject) + " is at its limit of " + most),
                never_fits ? "send less, or ask for a shorter answer"
                           : "try again in " + render_seconds(retry_after)};
    error.limit = limit.name;
    if (!is_money) error.limit_max = limit.max;
    if (!never_fits) error.retry_after = retry_after;
    return error;
}

}  // namespace aigw::limits
