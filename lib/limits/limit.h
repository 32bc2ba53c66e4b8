// Limits: how many requests, tokens or how much money a subject may use within a period, and how
// many of its calls may be in flight.
//
// Shape:   a Limit is one number on one kind of subject, compiled from [[limits]] or from a
//          platform's own `limits`; a subject is whom it counts ("ci", "qwen-main",
//          "qwen-main/qwen-max", "192.0.2.7", "u-42,gpt-4o").
// Names:   `name` is the metric label and survives reloads; `label` is what people read. They
//          differ for limits without a name of their own: "key:rpm" is read as "key:ci:rpm".
// Units:   money counts in 1e-8 of its currency, exactly.
// Errors:  compile refuses two limits that could not be told apart.
// Source:  gateway.toml(5), [[limits]]; the project's Decision ("limits").
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "limits/options.h"

namespace aigw::limits {

enum class Kind : std::uint8_t { Rpm, Tpm, Qps, Concurrency, Requests, Tokens, Money };
// Those that are one number each; requests, tokens and money have any number of periods.
inline constexpr Kind kPlainKinds[] = {Kind::Qps, Kind::Rpm, Kind::Tpm, Kind::Concurrency};
std::string_view name_of(Kind kind);        // "rpm", "tpm", …
std::string_view name_of(Subject subject);  // "key", "platform", "model", …
std::string name_of(Subjects subjects);     // "user,model"

// What is counted.
enum class Quantity : std::uint8_t { Requests, InFlight, Tokens, Money };
constexpr Quantity quantity_of(Kind kind) {
    switch (kind) {
        case Kind::Rpm:
        case Kind::Qps:
        case Kind::Requests:
            return Quantity::Requests;
        case Kind::Concurrency:
            return Quantity::InFlight;
        case Kind::Tpm:
        case Kind::Tokens:
            return Quantity::Tokens;
        case Kind::Money:
            return Quantity::Money;
    }
    return Quantity::Requests;
}

struct Limit {
    std::string name{};
    Subjects by = Subject::Key;
    Kind kind = Kind::Rpm;
    Period period = kMinute;
    std::uint64_t max = 0;
    Currency currency{};  // of money
    Mode mode = Mode::Enforce;
    std::string model_glob{};  // empty: every model
    bool is_named = true;      // false: the name was made of subject and kind
    std::uint64_t id = 0;      // of name, kind, period and glob: what the counters are kept by

    Quantity quantity() const { return quantity_of(kind); }
    bool applies_to(std::string_view model) const;
    friend bool operator==(const Limit&, const Limit&) = default;
};

// The [[limits]] of a configuration, in its order. A table without numbers yields no limit.
Result<std::vector<Limit>> compile(std::span<const Options> options);
// A platform's own limits ("platform:a:rpm"), and those of one model on one platform
// ("model:a/qwen-max:tpm").
std::vector<Limit> platform_limits(std::string_view platform, const Rates& rates);
std::vector<Limit> model_limits(std::string_view platform, std::string_view model,
                                const Rates& rates);
// The subject of limits by model: "a/qwen-max".
std::string model_subject(std::string_view platform, std::string_view model);
// The subject of limits by address: an IPv4 address; of IPv6 the block of 64 bits that one customer
// has ("2001:db8:1:2::/64"), or whoever owns one could send each call from another address. What is
// no address ("unix") counts as it is.
std::string ip_subject(std::string_view address);
// One more part of a subject of several: "u-42" and "gpt-4o" are "u-42,gpt-4o". No two lists of
// parts make the same subject, whatever a caller's name or model holds.
void append_part(std::string& subject, std::string_view part);

// What a Decision calls the limit as it stands for one subject.
std::string label(const Limit& limit, std::string_view subject);
// A number of what the limit counts: "60 requests", "1 token", "0.50 CNY".
std::string amount_text(const Limit& limit, std::uint64_t amount);
// A number of what the limit counts, alone; money with all of its digits ("0.50000000").
std::string number_text(const Limit& limit, std::uint64_t amount);
// The error of a refused call of that cost: rate_limited, with the limit's name and the time to
// wait; a call that alone is over the limit has none.
Error refusal_error(const Limit& limit, std::string_view subject, std::uint64_t cost,
                    std::chrono::milliseconds retry_after);

}  // namespace aigw::limits
