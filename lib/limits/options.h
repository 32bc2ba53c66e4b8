// What the configuration says about limits ([[limits]], and `limits = {…}` of platforms and
// models).
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "base/file_position.h"
#include "base/money.h"
#include "limits/period.h"

namespace aigw::limits {

// What a limit is counted by. In the order in which a caller's limits are looked at and several
// subjects of one limit are written.
enum class Subject : std::uint8_t {
    Key,
    User,
    Tenant,
    Namespace,
    Ip,      // the caller's address
    Global,  // all calls together
    Platform,
    Model,  // alone or with platform: of one platform; else as the caller says it
};
inline constexpr Subject kSubjects[] = {Subject::Key,       Subject::User, Subject::Tenant,
                                        Subject::Namespace, Subject::Ip,   Subject::Global,
                                        Subject::Platform,  Subject::Model};

// One subject, or several together: "user,model" counts each model of each user.
class Subjects {
public:
    constexpr Subjects() = default;
    constexpr Subjects(Subject one) { add(one); }  // NOLINT(*-explicit-*)
    constexpr void add(Subject one) { bits_ = static_cast<std::uint8_t>(bits_ | bit_of(one)); }
    constexpr bool has(Subject one) const { return (bits_ & bit_of(one)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool is_single() const { return std::has_single_bit(bits_); }
    // Counted for each candidate of a call, not for its caller.
    constexpr bool is_of_candidate() const {
        return has(Subject::Platform) || *this == Subjects(Subject::Model);
    }
    friend constexpr auto operator<=>(const Subjects&, const Subjects&) = default;

private:
    static constexpr std::uint8_t bit_of(Subject one) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(one));
    }

    std::uint8_t bits_ = 0;
};

enum class Mode : std::uint8_t { Enforce, Monitor };

// So many requests or tokens, or so much money in units of 1e-8, within a period.
struct Quota {
    Period period{};
    std::uint64_t max = 0;
    Currency currency{};  // of money
    friend bool operator==(const Quota&, const Quota&) = default;
};

// A limit's numbers; 0: none of that kind.
struct Rates {
    std::uint64_t rpm = 0;          // requests per minute
    std::uint64_t tpm = 0;          // tokens per minute, in and out
    std::uint64_t qps = 0;          // requests per second
    std::uint64_t concurrency = 0;  // calls at a time
    std::vector<Quota> requests{};
    std::vector<Quota> tokens{};
    std::vector<Quota> money{};
    friend bool operator==(const Rates&, const Rates&) = default;
};

// One [[limits]] table.
struct Options {
    std::string name{};  // as given, else "" ("key:rpm" is then made of subject and kind)
    Subjects by = Subject::Key;
    Rates rates{};
    std::string model{};  // glob of match.model; empty: every model
    Mode mode = Mode::Enforce;
    FilePosition at{};
};

}  // namespace aigw::limits
