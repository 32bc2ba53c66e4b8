#include <nlohmann/json.hpp>

#include "decision/render.h"
#include "decision/words.h"

namespace aigw::decision {
namespace {

using Json = nlohmann::ordered_json;

void set_if_any(Json& object, const char* key, std::string_view text) {
    if (!text.empty()) object[key] = text;
}

Json tokens_json(const protocol::RequestFacts& facts) {
    Json tokens = {{"input", facts.input_tokens}, {"exact", facts.input_exact}};
    set_if_any(tokens, "counter", facts.input_counter);
    if (facts.input_margin_percent > 0) tokens["margin_percent"] = facts.input_margin_percent;
    if (facts.max_output) tokens["max_output"] = *facts.max_output;
    if (facts.answers > 1) tokens["answers"] = facts.answers;
    return tokens;
}

Json request_json(const protocol::RequestFacts& facts, std::string_view path) {
    Json request = {{"operation", name_of(facts.operation)}, {"protocol", name_of(facts.protocol)}};
    set_if_any(request, "path", path);
    set_if_any(request, "client_ip", facts.client_ip);
    request["model"] = facts.model;
    request["stream"] = facts.stream;
    request["tokens"] = tokens_json(facts);
    Json needs = Json::array();
    for (const protocol::Need need : protocol::kNeeds) {
        if (facts.needs.has(need)) needs.push_back(name_of(need));
    }
    if (!needs.empty()) request["needs"] = std::move(needs);
    return request;
}

Json principal_json(const Principal& principal) {
    Json json = {{"kind", name_of(principal.kind)}};
    set_if_any(json, "key", principal.key);
    set_if_any(json, "user", principal.user);
    set_if_any(json, "tenant", principal.tenant);
    set_if_any(json, "channel", principal.channel);
    json["role"] = name_of(principal.role);
    return json;
}

Json rule_json(const routing::Route& route) {
    Json rule = Json::object();
    if (route.index) rule["index"] = *route.index;
    rule["kind"] = name_of(route.kind);
    set_if_any(rule, "match", route.pattern);
    set_if_any(rule, "to", route.to);
    if (route.at.line > 0) rule["at"] = route.at.text();
    return rule;
}

// Money as text, exactly; all else as a number.
Json amount_json(const limits::Limit& limit, std::uint64_t amount) {
    if (limit.kind == limits::Kind::Money) return limits::number_text(limit, amount);
    return amount;
}

Json limit_json(const LimitReading& reading) {
    const limits::Limit& limit = *reading.limit;
    Json json = {{"name", limits::label(limit, reading.claim.key.subject)},
                 {"kind", limits::name_of(limit.kind)}};
    set_if_any(json, "window", limit.period.text());
    set_if_any(json, "currency", limit.currency.text());
    json["limit"] = amount_json(limit, limit.max);
    json["used"] = amount_json(limit, reading.reading.used);
    json["cost"] = amount_json(limit, reading.claim.cost);
    if (limit.mode == limits::Mode::Monitor) json["mode"] = "monitor";
    json["verdict"] = name_of(reading.verdict);
    if (reading.verdict == LimitVerdict::Reject) {
        json["retry_after"] = render_seconds(reading.reading.retry_after);
    }
    return json;
}

Json limits_json(std::span<const LimitReading> readings) {
    Json json = Json::array();
    for (const LimitReading& reading : readings) json.push_back(limit_json(reading));
    return json;
}

Json line_json(const pricing::LineItem& line) {
    return {{"item", pricing::name_of(line.item)},
            {"quantity", line.quantity},
            {"unit", pricing::kUnit},
            {"base", pricing::render_rate(line.base)},
            {"discount", line.discount.text()},
            {"unit_price", pricing::render_rate(line.unit_price)},
            {"amount", line.amount.text()},
            {"source", line.source}};
}

Json price_json(const Decision& decision, const Candidate& candidate, const pricing::Price& price) {
    Json json = {{"currency", price.currency().text()}, {"total", price.total().text()}};
    if (candidate.basis == PriceBasis::WorstCase) json["basis"] = "worst_case";
    if (writes_text(decision.facts.operation) && !candidate.max_output) {
        json["assumed_max_output"] = kAssumedMaxOutput;
    }
    json["items"] = Json::array();
    for (const pricing::LineItem& line : price.lines()) json["items"].push_back(line_json(line));
    return json;
}

// A value of a parameter as JSON, where it is any.
Json param_json(const std::string& value) {
    Json json = Json::parse(value, nullptr, false);
    return json.is_discarded() ? Json(value) : json;
}

Json params_json(std::span<const policy::ParamChange> changes) {
    Json json = Json::array();
    for (const policy::ParamChange& change : changes) {
        Json one = {{"path", change.path}, {"action", policy::name_of(change.action)}};
        if (!change.before.empty()) one["before"] = param_json(change.before);
        if (!change.after.empty()) one["after"] = param_json(change.after);
        one["reason"] = change.reason;
        json.push_back(std::move(one));
    }
    return json;
}

Json policies_json(const Decision& decision) {
    Json json = Json::array();
    for (const PolicyReading& reading : decision.policies) {
        const policy::Policy& policy = reading.policy();
        json.push_back({{"name", policy.name()},
                        {"type", policy::name_of(policy.type())},
                        {"mode", policy.is_enforced() ? "enforce" : "monitor"},
                        {"verdict", name_of(verdict_of(decision, reading))}});
    }
    return json;
}

Json candidate_json(const Decision& decision, const Candidate& candidate) {
    Json json = {{"platform", decision.platform_of(candidate).name},
                 {"upstream_model", candidate.upstream_model},
                 {"eligible", candidate.is_eligible()}};
    if (candidate.is_eligible()) json["order"] = candidate.order;
    json["reason"] = reason_text(decision, candidate);
    const auto readings = decision.limits_of(candidate);
    if (!readings.empty()) json["limits"] = limits_json(readings);
    const auto changes = decision.changes_of(candidate);
    if (!changes.empty()) json["params"] = params_json(changes);
    if (const auto price = estimate(decision, candidate)) {
        json["price"] = price_json(decision, candidate, *price);
    }
    return json;
}

Json warnings_json(const Decision& decision) {
    Json warnings = Json::array();
    for (const Candidate& candidate : decision.candidates) {
        if (!candidate.is_eligible() || candidate.basis != PriceBasis::None) continue;
        const std::string warning = "unpriced:" + std::string(candidate.upstream_model);
        if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) {
            warnings.push_back(warning);
        }
    }
    return warnings;
}

Json error_json(const Error& error) {
    Json json = {{"code", error_row(error.code).name}, {"message", error.message}};
    set_if_any(json, "hint", error.hint);
    return json;
}

Json decision_json(const Decision& decision, std::string_view path) {
    Json json = {{"version", 1}, {"at", render_time(decision.at)}};
    set_if_any(json, "config", decision.snapshot->config_digest());
    json["request"] = request_json(decision.facts, path);
    json["principal"] = principal_json(*decision.principal);
    if (decision.placement.of != nullptr) {
        json["namespace"] = {{"name", decision.placement.name()},
                             {"matched", matched_text(decision.placement)}};
    }
    if (!decision.policies.empty()) json["policies"] = policies_json(decision);
    if (decision.route != nullptr) json["rule"] = rule_json(*decision.route);
    json["candidates"] = Json::array();
    for (const Candidate& candidate : decision.candidates) {
        json["candidates"].push_back(candidate_json(decision, candidate));
    }
    json["limits"] = limits_json(decision.caller_limits());
    json["verdict"] = name_of(decision.verdict());
    json["status"] = decision.status();
    if (decision.verdict() == Verdict::Reject) json["error"] = error_json(error(decision));
    Json warnings = warnings_json(decision);
    if (!warnings.empty()) json["warnings"] = std::move(warnings);
    return json;
}

Json distribution_json(const Distribution& distribution) {
    Json platforms = Json::object();
    for (const auto& [name, count] : distribution.platforms()) platforms[name] = count;
    return {{"decisions", distribution.decisions()},
            {"refused", distribution.refused()},
            {"platforms", std::move(platforms)}};
}

// A model's name is the caller's: what is not UTF-8 in it is shown as U+FFFD, never thrown.
std::string dump(const Json& json, JsonStyle style) {
    constexpr int kOneLine = -1;
    constexpr int kTwoSpaces = 2;
    return json.dump(style == JsonStyle::Compact ? kOneLine : kTwoSpaces, ' ', false,
                     Json::error_handler_t::replace);
}

}  // namespace

std::string render_json(const Decision& decision, std::string_view path, JsonStyle style) {
    return dump(decision_json(decision, path), style);
}

std::string render_json(const Decision& decision, const Distribution& distribution,
                        std::string_view path, JsonStyle style) {
    Json json = decision_json(decision, path);
    json["repeat"] = distribution_json(distribution);
    return dump(json, style);
}

}  // namespace aigw::decision
