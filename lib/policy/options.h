// What the configuration says about policies ([[policies]], [[namespaces.policies]]).
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/file_position.h"
#include "limits/options.h"
#include "matching/condition.h"
#include "policy/params.h"
#include "routing/options.h"

namespace aigw::policy {

// A refusal of what meets the test, or of what does not.
enum class Action : std::uint8_t { Deny, Allow };
enum class OnOutput : std::uint8_t { Truncate, Reject };
// Which answers a policy on tokens is for.
enum class Answers : std::uint8_t { Any, Streamed, Whole };

// rate, concurrency, tokens: what each of its namespaces may use.
struct RatesRule {
    limits::Rates rates{};
};

// request_tokens; 0: no such limit.
struct RequestTokensRule {
    std::int64_t max_input = 0;
    std::int64_t max_output = 0;
    OnOutput on_output = OnOutput::Truncate;
    std::string notice{};  // said where an answer was cut
    Answers answers = Answers::Any;
};

// models: globs
struct ModelsRule {
    std::vector<std::string> allow{};  // empty: all
    std::vector<std::string> deny{};
};

struct ParamsRule {
    ParamOptions params{};
};

// content_match; the test is the policy's `match`.
struct ContentRule {
    Action action = Action::Deny;
};

// time: within one of the spans, on one of the days.
struct TimeRule {
    // Minutes of a day; one that ends before it begins goes on behind midnight.
    struct Span {
        int from = 0;
        int to = 24 * 60;
        friend bool operator==(const Span&, const Span&) = default;
    };
    std::bitset<7> days{0x7F};      // from Monday
    std::vector<Span> spans{};      // empty: all day
    std::chrono::minutes offset{};  // of UTC
    Action action = Action::Allow;
};

struct RoutingRule {
    std::vector<routing::TargetOptions> to{};
    std::string upstream_model{};
};

// In the order of Type.
using Rule = std::variant<RatesRule, RatesRule, RatesRule, RequestTokensRule, ModelsRule,
                          ParamsRule, ContentRule, TimeRule, RoutingRule>;
enum class Type : std::uint8_t {
    Rate,
    Concurrency,
    Tokens,
    RequestTokens,
    Models,
    Params,
    ContentMatch,
    Time,
    Routing,
};
std::string_view name_of(Type type);

struct Options {
    std::string name{};
    std::vector<std::string> namespaces{};  // names; "*": all of them
    int priority = 0;                       // higher first
    bool is_enabled = true;
    limits::Mode mode = limits::Mode::Enforce;
    std::vector<std::string> models{};  // globs: for these models alone; empty: for all
    matching::ConditionLists match{};   // only then; of content_match the test; empty: always
    Rule rule{};
    FilePosition at{};

    Type type() const { return static_cast<Type>(rule.index()); }
};

}  // namespace aigw::policy
