// [auth] and [[limits]]: who may call, and how much.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/text.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/sections.h"
#include "limits/limit.h"

namespace aigw::config {
namespace {

std::string position(const FilePosition& at) {
    return at.text() + ":" + std::to_string(at.column);
}

Result<void> check_scope(std::string_view scope) {
    if (std::ranges::find(kScopes, scope) != kScopes.end()) return {};
    const auto nearest = find_nearest(scope, kScopes);
    return Error{ErrorCode::Config, "is " + json_string(scope) + ", which is no scope",
                 nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                         : "it is one of: chat, completions, embeddings, models"};
}

identity::StaticKeyOptions read_static_key(TableReader& reader) {
    identity::StaticKeyOptions key;
    key.at = reader.at();
    reader.require("name", "\"ci\"");
    reader.require("key", "\"${GATEWAY_KEY}\"");
    reader.text("name", key.name, check_name);
    reader.secret("key", key.key);
    reader.text("tenant", key.tenant, check_label);
    reader.texts("scopes", key.scopes, check_scope);
    reader.texts("models", key.models, check_pattern);
    return key;
}

std::vector<std::string_view> subject_names() {
    std::vector<std::string_view> names;
    for (const limits::Subject subject : limits::kSubjects) names.push_back(name_of(subject));
    return names;
}

std::optional<limits::Subject> find_subject(std::string_view word) {
    for (const limits::Subject subject : limits::kSubjects)
        if (name_of(subject) == word) return subject;
    return std::nullopt;
}

Error unknown_subject(std::string_view word, bool is_one_of_several) {
    const std::vector<std::string_view> names = subject_names();
    std::string list;
    for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
    const std::string verb = is_one_of_several ? "has " : "is ";
    const auto nearest = find_nearest(word, names);
    return Error{
        ErrorCode::Config, verb + json_string(word),
        nearest ? "did you mean \"" + std::string(*nearest) + "\"?" : "it is one of: " + list};
}

// "key", or several with commas: "user,model".
Result<limits::Subjects> parse_subjects(std::string_view text) {
    const std::vector<std::string_view> words = split(text, ',');
    limits::Subjects subjects;
    for (const std::string_view each : words) {
        const std::string_view word = trim(each);
        const auto subject = find_subject(word);
        if (!subject) return unknown_subject(word, words.size() > 1);
        if (subjects.has(*subject))
            return Error{ErrorCode::Config, "has " + json_string(word) + " twice",
                         "keep one of them"};
        subjects.add(*subject);
    }
    return subjects;
}

Result<void> check_subjects(std::string_view text) {
    TRY(parse_subjects(text));
    return {};
}

Result<void> check_window(std::string_view text) {
    TRY(limits::Period::parse(text));
    return {};
}

Result<void> check_currency(std::string_view text) {
    if (Currency::parse(text)) return {};
    return Error{ErrorCode::Config, "is " + json_string(text) + ", which is no currency",
                 "write three capital letters, such as USD or CNY"};
}

limits::Period read_window(TableReader& reader) {
    std::string text;
    reader.require("window", "\"1h\"");
    reader.text("window", text, check_window);
    return text.empty() ? limits::Period() : *limits::Period::parse(text);
}

// An amount in units of 1e-8.
std::uint64_t read_amount(TableReader& reader) {
    constexpr std::int64_t kMostMoney = 1'000'000'000;
    constexpr int kMoneyScale = 8;
    Decimal amount;
    reader.require("max", "\"100\"");
    reader.decimal("max", amount, Decimal(kMostMoney));
    const Value* value = reader.any("max");
    if (value == nullptr || value->string() == nullptr) return 0;
    if (amount.scale() > kMoneyScale) {
        reader.error(value->at, join_path(reader.path(), "max") + " is finer than 0.00000001",
                     "write at most eight digits after the point");
        return 0;
    }
    if (amount.is_zero())
        reader.error(value->at, join_path(reader.path(), "max") + " is no amount",
                     "no call would ever pass");
    const auto money = Money::from_product({amount}, 1, Currency());
    return money ? static_cast<std::uint64_t>(money->units()) : 0;
}

// Of requests or of tokens.
limits::Quota read_quota(TableReader& reader) {
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    limits::Quota quota;
    quota.period = read_window(reader);
    reader.require("max", "100000");
    reader.integer("max", quota.max, 1, kMost);
    return quota;
}

limits::Quota read_money_quota(TableReader& reader) {
    limits::Quota quota;
    std::string currency;
    quota.period = read_window(reader);
    quota.max = read_amount(reader);
    reader.require("currency", "\"USD\"");
    reader.text("currency", currency, check_currency);
    if (!currency.empty()) quota.currency = *Currency::parse(currency);
    return quota;
}

std::vector<limits::Quota> read_quotas(TableReader& limit, std::string_view key,
                                       limits::Quota (*read)(TableReader&)) {
    std::vector<limits::Quota> quotas;
    limit.array_of_tables(key, [&](TableReader& reader) {
        const limits::Quota quota = read(reader);
        const bool is_twin = std::ranges::any_of(quotas, [&](const limits::Quota& other) {
            return other.period == quota.period && other.currency == quota.currency;
        });
        if (is_twin) {
            reader.error(reader.at(),
                         join_path(limit.path(), key) + " has the window " +
                             json_string(quota.period.text()) + " twice",
                         "keep one of them");
        } else {
            quotas.push_back(quota);
        }
    });
    return quotas;
}

void require_a_number(TableReader& limit) {
    constexpr std::array<std::string_view, 7> kNumbers = {
        "qps", "rpm", "tpm", "concurrency", "requests", "tokens", "money"};
    if (std::ranges::none_of(kNumbers, [&](std::string_view key) { return limit.has(key); }))
        limit.require("rpm", "60");
}

limits::Options read_limit(TableReader& reader) {
    limits::Options limit;
    std::string by;
    limit.at = reader.at();
    reader.require("by", "\"key\"");
    require_a_number(reader);
    reader.text("name", limit.name, check_limit_name);
    reader.text("by", by, check_subjects);
    if (!by.empty()) limit.by = *parse_subjects(by);
    reader.integer("qps", limit.rates.qps, 1, kMostPerMinute);
    reader.integer("rpm", limit.rates.rpm, 1, kMostPerMinute);
    reader.integer("tpm", limit.rates.tpm, 1, kMostPerMinute);
    reader.integer("concurrency", limit.rates.concurrency, 1, kMostAtATime);
    limit.rates.requests = read_quotas(reader, "requests", read_quota);
    limit.rates.tokens = read_quotas(reader, "tokens", read_quota);
    limit.rates.money = read_quotas(reader, "money", read_money_quota);
    reader.table("match",
                 [&](TableReader& match) { match.text("model", limit.model, check_pattern); });
    reader.choice<limits::Mode>("mode", limit.mode, kModes);
    return limit;
}

// The name of a table, or those that its limits are given.
struct LimitName {
    std::string text;
    FilePosition at;
};

std::vector<LimitName> names_of(const std::vector<limits::Options>& tables) {
    std::vector<LimitName> names;
    for (const limits::Options& table : tables) {
        if (!table.name.empty()) {
            names.push_back({table.name, table.at});
            continue;
        }
        const auto made = limits::compile(std::span(&table, 1));
        if (!made) continue;
        for (const limits::Limit& limit : *made) names.push_back({limit.name, table.at});
    }
    return names;
}

// Reports every item whose name (as `name_of` gives it; empty: none) an earlier one has.
template <class Item, class NameOf>
void refuse_twins(TableReader& root, const std::vector<Item>& items, NameOf name_of,
                  std::string_view message, std::string_view hint) {
    std::map<std::string, FilePosition, std::less<>> seen;
    for (const Item& item : items) {
        const std::string name = name_of(item);
        if (name.empty()) continue;
        const auto [first, is_new] = seen.try_emplace(name, item.at);
        if (is_new) continue;
        std::string text(message);
        if (const std::size_t hole = text.find("{}"); hole != std::string::npos)
            text.replace(hole, 2, json_string(name));
        root.error(item.at, text + ", first at " + position(first->second), std::string(hint));
    }
}

}  // namespace

identity::Options read_auth(TableReader& root) {
    identity::Options out;
    root.table("auth", [&](TableReader& auth) {
        auth.array_of_tables("static_keys", [&](TableReader& reader) {
            out.static_keys.push_back(read_static_key(reader));
        });
    });
    using Key = identity::StaticKeyOptions;
    refuse_twins(
        root, out.static_keys, [](const Key& key) { return key.name; },
        "two static keys are called {}", "give each a name of its own");
    refuse_twins(
        root, out.static_keys, [](const Key& key) { return key.key.reveal(); },
        "two static keys have the same key", "callers could not be told apart");
    return out;
}

std::vector<limits::Options> read_limits(TableReader& root) {
    std::vector<limits::Options> out;
    root.array_of_tables("limits", [&](TableReader& reader) { out.push_back(read_limit(reader)); });
    refuse_twins(
        root, names_of(out), [](const LimitName& name) { return name.text; },
        "two limits are called {}", "give each a name of its own, with name = \"…\"");
    return out;
}

}  // namespace aigw::config
