// Limits: how many requests a subject may send within a window, or how many tokens it may use.
//
// Shape:   a Limit is one number on one kind of subject, compiled from [[limits]] or from a
//          platform's own `limits`; a subject is whom it counts ("ci", "qwen-main",
//          "qwen-main/qwen-max", "192.0.2.7").
// Names:   `name` is the metric label and survives reloads; `label` is what people read. They
//          differ for limits without a name of their own: "key:rpm" is read as "key:ci:rpm".
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

enum class Kind : std::uint8_t { Rpm, Tpm };
inline constexpr Kind kKinds[] = {Kind::Rpm, Kind::Tpm};
std::string_view name_of(Kind kind);        // "rpm", "tpm"
std::string_view name_of(Subject subject);  // "key", "platform", "model", "ip"

inline constexpr std::chrono::seconds kWindow{60};  // of rpm and tpm

struct Limit {
    std::string name{};
    Subject by = Subject::Key;
    Kind kind = Kind::Rpm;
    std::uint64_t max = 0;
    Mode mode = Mode::Enforce;
    std::string model_glob{};  // empty: every model
    bool is_named = true;      // false: the name was made of subject and kind
    std::uint64_t id = 0;      // of name, kind and glob: what the counters are kept by

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

// What a Decision calls the limit as it stands for one subject.
std::string label(const Limit& limit, std::string_view subject);
// The error of a refused call of that cost: rate_limited, with the limit's name and the time to
// wait; a call that alone is over the limit has none.
Error refusal_error(const Limit& limit, std::string_view subject, std::uint64_t cost,
                    std::chrono::milliseconds retry_after);

}  // namespace aigw::limits
