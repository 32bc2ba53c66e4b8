#include "config/print_policies.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

#include "base/text.h"
#include "config/choices.h"
#include "config/provenance.h"
#include "config/references.h"
#include "config/toml_text.h"

namespace aigw::config {
namespace {

using Json = nlohmann::ordered_json;

std::string number_text(double number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::string toml_of(const Json& json) {
    if (json.is_string()) return toml_text(json.get<std::string>());
    std::string text;
    if (json.is_array()) {
        for (const Json& element : json) text += (text.empty() ? "" : ", ") + toml_of(element);
        return "[" + text + "]";
    }
    if (!json.is_object()) return json.dump();
    Entries entries;
    for (const auto& item : json.items()) entries.emplace_back(item.key(), toml_of(item.value()));
    return inline_table(entries);
}

std::string toml_of_json(const std::string& text) {
    return toml_of(Json::parse(text, nullptr, false));
}

std::string inline_values(const std::vector<std::pair<std::string, std::string>>& values) {
    Entries entries;
    for (const auto& [name, json] : values) entries.emplace_back(name, toml_of_json(json));
    return inline_table(entries);
}

std::string inline_condition(const matching::ConditionOptions& condition) {
    Entries entries = {{"source", toml_text(name_of(condition.source))}};
    if (!condition.key.empty()) entries.emplace_back("key", toml_text(condition.key));
    entries.emplace_back("op", toml_text(name_of(condition.op)));
    if (condition.values.size() == 1) {
        entries.emplace_back("value", toml_text(condition.values.front()));
    } else if (!condition.values.empty()) {
        entries.emplace_back("value", toml_list(condition.values));
    }
    return inline_table(entries);
}

std::string inline_windows(const std::vector<limits::Quota>& quotas) {
    std::string list;
    for (const limits::Quota& quota : quotas)
        list +=
            (list.empty() ? "" : ", ") + inline_table({{"window", toml_text(quota.period.text())},
                                                       {"max", std::to_string(quota.max)}});
    return "[" + list + "]";
}

std::string clock_text(int minutes) {
    constexpr int kHour = 60;
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two(minutes / kHour) + ":" + two(minutes % kHour);
}

void append(Entries& entries, const policy::RatesRule& rule, policy::Type type) {
    const limits::Rates& rates = rule.rates;
    if (type == policy::Type::Concurrency)
        entries.emplace_back("max", std::to_string(rates.concurrency));
    if (type == policy::Type::Tokens) entries.emplace_back("windows", inline_windows(rates.tokens));
    if (rates.qps > 0) entries.emplace_back("qps", std::to_string(rates.qps));
    if (rates.rpm > 0) entries.emplace_back("rpm", std::to_string(rates.rpm));
    for (const limits::Quota& quota : rates.requests) {
        entries.emplace_back("qps", std::to_string(quota.max));
        entries.emplace_back("window", toml_text(quota.period.text()));
    }
}

void append(Entries& entries, const policy::RequestTokensRule& rule) {
    if (rule.max_input > 0) entries.emplace_back("max_input", std::to_string(rule.max_input));
    if (rule.max_output > 0) entries.emplace_back("max_output", std::to_string(rule.max_output));
    entries.emplace_back("on_output",
                         toml_text(choice_name<policy::OnOutput>(kOnOutputs, rule.on_output)));
    entries.emplace_back("notice", toml_text(rule.notice));
    entries.emplace_back("answers",
                         toml_text(choice_name<policy::Answers>(kAnswers, rule.answers)));
}

void append(Entries& entries, const policy::ModelsRule& rule) {
    if (!rule.allow.empty()) entries.emplace_back("allow", toml_list(rule.allow));
    if (!rule.deny.empty()) entries.emplace_back("deny", toml_list(rule.deny));
}

void append(Entries& entries, const policy::ParamsRule& rule) {
    for (auto& entry : param_entries(rule.params)) entries.push_back(std::move(entry));
}

void append(Entries& entries, const policy::ContentRule& rule) {
    entries.emplace_back("action", toml_text(choice_name<policy::Action>(kActions, rule.action)));
}

void append(Entries& entries, const policy::TimeRule& rule) {
    constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::vector<std::string> days;
    for (std::size_t i = 0; i < kDays.size(); ++i)
        if (rule.days[i]) days.emplace_back(kDays[i]);
    std::vector<std::string> spans;
    for (const policy::TimeRule::Span& span : rule.spans)
        spans.push_back(clock_text(span.from) + "-" + clock_text(span.to));
    entries.emplace_back("days", toml_list(days));
    if (!spans.empty()) entries.emplace_back("between", toml_list(spans));
    const auto minutes = static_cast<int>(rule.offset.count());
    entries.emplace_back("offset", toml_text((minutes < 0 ? "-" : "+") +
                                             clock_text(minutes < 0 ? -minutes : minutes)));
    entries.emplace_back("action", toml_text(choice_name<policy::Action>(kActions, rule.action)));
}

void append(Entries& entries, const policy::RoutingRule& rule) {
    if (!rule.upstream_model.empty()) entries.emplace_back("model", toml_text(rule.upstream_model));
}

}  // namespace

std::string inline_table(const Entries& entries) {
    std::string text;
    for (const auto& [key, value] : entries)
        text += (text.empty() ? "{ " : ", ") + render_key(key) + " = " + value;
    return text.empty() ? "{}" : text + " }";
}

std::string inline_conditions(const matching::ConditionLists& lists) {
    std::string text;
    for (const auto& list : lists) {
        std::string inner;
        for (const matching::ConditionOptions& condition : list)
            inner += (inner.empty() ? "" : ", ") + inline_condition(condition);
        text += (text.empty() ? "[" : ", [") + inner + "]";
    }
    return "[" + text + "]";
}

Entries param_entries(const policy::ParamOptions& params) {
    Entries entries;
    if (!params.rename.empty()) {
        Entries names;
        for (const auto& [from, to] : params.rename) names.emplace_back(from, toml_text(to));
        entries.emplace_back("rename", inline_table(names));
    }
    if (!params.defaults.empty()) entries.emplace_back("default", inline_values(params.defaults));
    if (!params.clamp.empty()) {
        Entries ranges;
        for (const policy::Clamp& clamp : params.clamp) {
            Entries ends;
            if (clamp.min) ends.emplace_back("min", number_text(*clamp.min));
            if (clamp.max) ends.emplace_back("max", number_text(*clamp.max));
            const bool is_most = clamp.max && !clamp.min;
            ranges.emplace_back(clamp.field,
                                is_most ? number_text(*clamp.max) : inline_table(ends));
        }
        entries.emplace_back("clamp", inline_table(ranges));
    }
    if (!params.drop.empty()) entries.emplace_back("drop", toml_list(params.drop));
    if (!params.set.empty()) entries.emplace_back("set", inline_values(params.set));
    return entries;
}

Entries policy_entries(const policy::Options& options) {
    const policy::Type type = options.type();
    Entries entries = {{"type", toml_text(choice_name<policy::Type>(kPolicyTypes, type))},
                       {"name", toml_text(options.name)},
                       {"namespaces", toml_list(options.namespaces)},
                       {"enabled", toml_boolean(options.is_enabled)},
                       {"priority", std::to_string(options.priority)},
                       {"mode", toml_text(choice_name<limits::Mode>(kModes, options.mode))}};
    if (!options.models.empty()) entries.emplace_back("models", toml_list(options.models));
    if (!options.match.empty()) entries.emplace_back("match", inline_conditions(options.match));
    std::visit(
        [&](const auto& rule) {
            if constexpr (std::is_same_v<std::decay_t<decltype(rule)>, policy::RatesRule>) {
                append(entries, rule, type);
            } else {
                append(entries, rule);
            }
        },
        options.rule);
    return entries;
}

Entries match_entries(const routing::RuleOptions& rule) {
    using matching::Source;
    Entries entries;
    if (!rule.model.empty()) entries.emplace_back("model", toml_text(rule.model));
    for (const Source source :
         {Source::Path, Source::Method, Source::Header, Source::Query, Source::Body}) {
        Entries fields;
        for (const matching::ConditionOptions& condition : rule.conditions) {
            if (condition.source != source) continue;
            const std::string value = toml_text(condition.values.front());
            if (!has_key(source)) {
                entries.emplace_back(name_of(source), value);
            } else {
                fields.emplace_back(condition.key, value);
            }
        }
        if (!fields.empty()) entries.emplace_back(name_of(source), inline_table(fields));
    }
    return entries;
}

}  // namespace aigw::config
