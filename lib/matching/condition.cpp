#include "matching/condition.h"

#include <re2/re2.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace aigw::matching {
namespace {

constexpr std::array<std::string_view, 15> kOperatorNames = {
    "eq",    "ne", "in",  "not_in", "prefix", "suffix", "contains", "not_contains",
    "regex", "gt", "gte", "lt",     "lte",    "exists", "glob"};

// The words of predecessors.
struct Spelling {
    std::string_view word;
    Operator op;
};
constexpr std::array kSpellings = {
    Spelling{"equals", Operator::Eq},
    Spelling{"not_equals", Operator::Ne},
    Spelling{"starts_with", Operator::Prefix},
    Spelling{"ends_with", Operator::Suffix},
    Spelling{"greater_than", Operator::Gt},
    Spelling{">", Operator::Gt},
    Spelling{"greater_than_or_equal", Operator::Gte},
    Spelling{"greater_than_equal", Operator::Gte},
    Spelling{">=", Operator::Gte},
    Spelling{"less_than", Operator::Lt},
    Spelling{"<", Operator::Lt},
    Spelling{"less_than_or_equal", Operator::Lte},
    Spelling{"less_than_equal", Operator::Lte},
    Spelling{"<=", Operator::Lte},
};

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.begin(), text.end(), number);
    if (code != std::errc() || end != text.end()) return std::nullopt;
    return number;
}

bool compares_numbers(Operator op) {
    return op == Operator::Gt || op == Operator::Gte || op == Operator::Lt || op == Operator::Lte;
}

bool is_list(Operator op) {
    return op == Operator::In || op == Operator::NotIn;
}

// Those by which an address is held against blocks.
bool is_equality(Operator op) {
    return op == Operator::Eq || op == Operator::Ne || is_list(op);
}

Error wrong(std::string message, std::string hint) {
    return {ErrorCode::Config, std::move(message), std::move(hint)};
}

Result<void> check_shape(const ConditionOptions& options) {
    const std::string source(name_of(options.source));
    if (has_key(options.source) && options.key.empty())
        return wrong("source \"" + source + "\" needs a key",
                     "name the field, as in key = \"X-Channel-Code\"");
    if (!has_key(options.source) && !options.key.empty())
        return wrong("source \"" + source + "\" has no keys", "leave `key` out");
    if (options.op == Operator::Exists) {
        if (options.values.empty()) return {};
        return wrong("operator \"exists\" takes no value", "leave `value` out");
    }
    if (options.values.empty())
        return wrong("operator \"" + std::string(name_of(options.op)) + "\" needs a value",
                     "add value = \"…\"");
    if (options.values.size() > 1 && !is_list(options.op))
        return wrong("operator \"" + std::string(name_of(options.op)) + "\" takes one value",
                     "use op = \"in\" for several");
    return {};
}

}  // namespace

std::string_view name_of(Source source) {
    switch (source) {
        case Source::Header:
            return "header";
        case Source::Query:
            return "query";
        case Source::Body:
            return "body";
        case Source::Path:
            return "path";
        case Source::Method:
            return "method";
        case Source::Ip:
            return "ip";
        case Source::Key:
            return "key";
        case Source::User:
            return "user";
        case Source::Tenant:
            return "tenant";
    }
    return "";
}

std::string_view name_of(Operator op) {
    return kOperatorNames[static_cast<std::size_t>(op)];
}

std::span<const std::string_view> operator_names() {
    return kOperatorNames;
}

std::optional<Operator> find_operator(std::string_view word) {
    const auto own = std::ranges::find(kOperatorNames, word);
    if (own != kOperatorNames.end())
        return static_cast<Operator>(std::distance(kOperatorNames.begin(), own));
    const auto other = std::ranges::find(kSpellings, word, &Spelling::word);
    if (other == kSpellings.end()) return std::nullopt;
    return other->op;
}

class Condition::Expression {
public:
    static Result<std::shared_ptr<const Expression>> make(const std::string& text) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        auto made = std::make_shared<const Expression>(text, options);
        if (made->expression_.ok()) return made;
        return wrong(json_string(text) + " is no regular expression: " + made->expression_.error(),
                     "write it as RE2 does (github.com/google/re2/wiki/Syntax)");
    }
    Expression(const std::string& text, const re2::RE2::Options& options)
        : expression_(text, options) {}
    bool is_found_in(std::string_view text) const {
        return re2::RE2::PartialMatch(re2::StringPiece(text.begin(), text.size()), expression_);
    }

private:
    re2::RE2 expression_;
};

Result<Condition> Condition::make(const ConditionOptions& options) {
    TRY(check_shape(options));
    Condition condition(options);
    TRY(condition.compile());
    return condition;
}

Result<void> Condition::compile() {
    if (options_.source == Source::Header) options_.key = std::string(trim(options_.key));
    if (options_.source == Source::Body)
        for (const std::string_view step : split(options_.key, '.')) path_.emplace_back(step);
    if (std::ranges::find(path_, "") != path_.end())
        return wrong("the body's key " + json_string(options_.key) + " has an empty step",
                     "write it like \"metadata.channel\" or \"messages.0.content\"");
    if (options_.op == Operator::Regex)
        expression_ = TRY(Expression::make(options_.values.front()));
    if (compares_numbers(options_.op)) {
        const auto number = parse_number(options_.values.front());
        if (!number)
            return wrong("operator \"" + std::string(name_of(options_.op)) + "\" has the value " +
                             json_string(options_.values.front()) + ", which is no number",
                         "write a number");
        number_ = *number;
    }
    if (options_.source == Source::Ip && is_equality(options_.op)) TRY(compile_blocks());
    return {};
}

// "unix" stands for callers of a socket, who have no address.
Result<void> Condition::compile_blocks() {
    for (const std::string& value : options_.values) {
        if (value == "unix") continue;
        blocks_.push_back(TRY(IpBlock::parse(value)));
    }
    return {};
}

bool Condition::is_negative() const {
    return options_.op == Operator::Ne || options_.op == Operator::NotIn ||
           options_.op == Operator::NotContains;
}

bool Condition::is_among(std::string_view value) const {
    if (options_.source == Source::Ip) {
        const auto address = IpAddress::parse(value);
        if (address)
            return std::ranges::any_of(
                blocks_, [&](const IpBlock& block) { return block.contains(*address); });
    }
    return std::ranges::find(options_.values, value) != options_.values.end();
}

bool Condition::compares(std::string_view value) const {
    const auto number = parse_number(value);
    if (!number) return false;
    if (options_.op == Operator::Gt) return *number > number_;
    if (options_.op == Operator::Gte) return *number >= number_;
    return options_.op == Operator::Lt ? *number < number_ : *number <= number_;
}

// What a negative operator asks is turned round by holds().
bool Condition::meets(std::string_view value) const {
    switch (options_.op) {
        case Operator::Eq:
        case Operator::Ne:
        case Operator::In:
        case Operator::NotIn:
            return is_among(value);
        case Operator::Prefix:
            return value.starts_with(options_.values.front());
        case Operator::Suffix:
            return value.ends_with(options_.values.front());
        case Operator::Contains:
        case Operator::NotContains:
            return value.find(options_.values.front()) != std::string_view::npos;
        case Operator::Regex:
            return expression_->is_found_in(value);
        case Operator::Gt:
        case Operator::Gte:
        case Operator::Lt:
        case Operator::Lte:
            return compares(value);
        case Operator::Exists:
            return true;
        case Operator::Glob:
            return matches_glob(options_.values.front(), value);
    }
    return false;
}

bool Condition::holds(const Asked& asked) const {
    const auto one = [&](std::string_view value) { return meets(value) != is_negative(); };
    const auto unless_empty = [&](std::string_view value) { return !value.empty() && one(value); };
    const Request& request = asked.request;
    switch (options_.source) {
        case Source::Header: {
            if (request.fields == nullptr) return false;
            const auto value = request.fields->find(options_.key);
            return value && one(*value);
        }
        case Source::Query: {
            const auto value = find_in_query(request.query, options_.key);
            return value && one(*value);
        }
        case Source::Body: {
            if (request.body == nullptr) return false;
            bool is_there = false;
            const bool is_met = request.body->any(path_, [&](const Value& value) {
                const bool is_comparable = value || options_.op == Operator::Exists;
                is_there |= is_comparable;
                return is_comparable && meets(value.value_or(std::string_view()));
            });
            return is_negative() ? is_there && !is_met : is_met;
        }
        case Source::Path:
            return unless_empty(request.path);
        case Source::Method:
            return unless_empty(request.method);
        case Source::Ip:
            return unless_empty(asked.client_ip);
        case Source::Key:
            return unless_empty(asked.principal.key);
        case Source::User:
            return unless_empty(asked.principal.user);
        case Source::Tenant:
            return unless_empty(asked.principal.tenant);
    }
    return false;
}

std::string Condition::text() const {
    std::string text(name_of(options_.source));
    if (!options_.key.empty()) text.append(" ").append(options_.key);
    text.append(" ").append(name_of(options_.op));
    for (std::size_t i = 0; i < options_.values.size(); ++i)
        text.append(i == 0 ? " " : ", ").append(json_string(options_.values[i]));
    return text;
}

Result<Conditions> Conditions::make(const ConditionLists& lists) {
    Conditions conditions;
    for (const auto& list : lists) {
        std::vector<Condition> compiled;
        for (const ConditionOptions& options : list)
            compiled.push_back(TRY(Condition::make(options)));
        conditions.lists_.push_back(std::move(compiled));
    }
    return conditions;
}

std::optional<std::uint32_t> Conditions::find(const Asked& asked) const {
    for (std::uint32_t i = 0; i < lists_.size(); ++i) {
        const auto holds = [&](const Condition& condition) { return condition.holds(asked); };
        if (std::ranges::all_of(lists_[i], holds)) return i;
    }
    return std::nullopt;
}

std::string Conditions::text(std::uint32_t list) const {
    std::string text;
    for (const Condition& condition : lists_[list])
        text.append(text.empty() ? "" : " and ").append(condition.text());
    return text;
}

std::string value_of(const Asked& asked, Source source, std::string_view key) {
    const Request& request = asked.request;
    switch (source) {
        case Source::Header:
            if (request.fields != nullptr)
                return std::string(request.fields->find(key).value_or(std::string_view()));
            return {};
        case Source::Query:
            return find_in_query(request.query, key).value_or(std::string());
        case Source::Body: {
            std::string found;
            std::vector<std::string> path;
            for (const std::string_view step : split(key, '.')) path.emplace_back(step);
            if (request.body != nullptr)
                request.body->any(path, [&](const Value& value) {
                    found = value.value_or(std::string_view());
                    return value.has_value();
                });
            return found;
        }
        case Source::Path:
            return std::string(request.path);
        case Source::Method:
            return std::string(request.method);
        case Source::Ip:
            return std::string(asked.client_ip);
        case Source::Key:
            return asked.principal.key;
        case Source::User:
            return asked.principal.user;
        case Source::Tenant:
            return asked.principal.tenant;
    }
    return {};
}

}  // namespace aigw::matching
