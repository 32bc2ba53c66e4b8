// Conditions on a request: header X-Channel-Code eq "vip", body max_tokens gt 1000.
//
// Shape:   a condition is a source, where there are several a key, an operator and what it is held
//          against; what is compiled once is asked for each request. Conditions are joined twice:
//          all of an inner list must hold, of the outer list any.
// Rules:   a field that is missing meets no condition, also none that says `ne`. Texts compare
//          exactly, names of header fields without case; numbers compare as numbers, and what is
//          none meets no such condition. Of several values (a "*" in a body's path) one is enough;
//          of `ne`, `not_in` and `not_contains` all must differ. Addresses are held against blocks,
//          too ("10.0.0.0/8").
// Cost:    linear in what is looked at; regular expressions are RE2's, linear as well.
// Errors:  Config: an expression that is none, a number that is none, a key too many or too few.
// Threads: immutable; share by const reference.
// Source:  gateway.toml(5) NAMESPACES.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip_address.h"
#include "base/principal.h"
#include "base/result.h"
#include "matching/request.h"

namespace aigw::matching {

enum class Source : std::uint8_t { Header, Query, Body, Path, Method, Ip, Key, User, Tenant };
inline constexpr Source kSources[] = {Source::Header, Source::Query,  Source::Body,
                                      Source::Path,   Source::Method, Source::Ip,
                                      Source::Key,    Source::User,   Source::Tenant};
std::string_view name_of(Source source);
// A source that has many fields, of which a key names one.
constexpr bool has_key(Source source) {
    return source == Source::Header || source == Source::Query || source == Source::Body;
}

enum class Operator : std::uint8_t {
    Eq,
    Ne,
    In,
    NotIn,
    Prefix,
    Suffix,
    Contains,
    NotContains,
    Regex,
    Gt,
    Gte,
    Lt,
    Lte,
    Exists,
    Glob,
};
std::string_view name_of(Operator op);
// By its name, or by one of those that predecessors had ("starts_with", ">=").
std::optional<Operator> find_operator(std::string_view word);
// Every name that is ours.
std::span<const std::string_view> operator_names();

struct ConditionOptions {
    Source source = Source::Header;
    std::string key{};
    Operator op = Operator::Eq;
    std::vector<std::string> values{};  // of In and NotIn any number, of Exists none, else one
    friend bool operator==(const ConditionOptions&, const ConditionOptions&) = default;
};
// All of an inner list, any inner list.
using ConditionLists = std::vector<std::vector<ConditionOptions>>;

// Who asks what.
struct Asked {
    Request request{};
    const Principal& principal;
    std::string_view client_ip{};
};

class Condition {
public:
    static Result<Condition> make(const ConditionOptions& options);

    bool holds(const Asked& asked) const;
    const ConditionOptions& options() const { return options_; }
    // As a Decision says it: header X-Channel-Code eq "vip".
    std::string text() const;
    // Whether only the body can say.
    bool reads_body() const { return options_.source == Source::Body; }

private:
    class Expression;
    explicit Condition(ConditionOptions options) : options_(std::move(options)) {}
    Result<void> compile();
    Result<void> compile_blocks();
    bool is_negative() const;
    bool meets(std::string_view value) const;
    bool is_among(std::string_view value) const;
    bool compares(std::string_view value) const;

    ConditionOptions options_;
    std::vector<std::string> path_{};  // of a body's key
    double number_ = 0;
    std::vector<IpBlock> blocks_{};
    std::shared_ptr<const Expression> expression_{};
};

class Conditions {
public:
    static Result<Conditions> make(const ConditionLists& lists);

    // The first list of which all hold; nullopt: none. Without any list nothing holds.
    std::optional<std::uint32_t> find(const Asked& asked) const;
    bool empty() const { return lists_.empty(); }
    std::span<const std::vector<Condition>> lists() const { return lists_; }
    // "header X eq \"a\" and path prefix \"/b\"".
    std::string text(std::uint32_t list) const;

private:
    std::vector<std::vector<Condition>> lists_{};
};

// What stands at a field, as a condition would see it; empty where nothing does.
std::string value_of(const Asked& asked, Source source, std::string_view key);

}  // namespace aigw::matching
