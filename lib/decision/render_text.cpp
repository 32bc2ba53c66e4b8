#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "decision/render.h"
#include "decision/words.h"

namespace aigw::decision {
namespace {

// SGR sequences of ECMA-48, section 8.3.117.
class Paint {
public:
    explicit Paint(Colour colour) : is_on_(colour == Colour::Yes) {}

    std::string heading(std::string_view text) const { return wrap("1", text); }
    std::string good(std::string_view text) const { return wrap("32", text); }
    std::string bad(std::string_view text) const { return wrap("31", text); }
    std::string warning(std::string_view text) const { return wrap("33", text); }

private:
    std::string wrap(std::string_view code, std::string_view text) const {
        return is_on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }

    bool is_on_;
};

// A name as it is, or quoted and escaped when it could disturb a terminal: models are the caller's.
std::string printable(std::string_view name) {
    const bool is_plain = std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c < '\x7f' && c != '"'; });
    return is_plain && !name.empty() ? std::string(name) : json_string(name);
}

std::string join(std::string_view first, std::string_view separator, std::string_view second) {
    return fmt::format("{}{}{}", first, first.empty() ? "" : separator, second);
}

class Page {
public:
    Page(const Decision& decision, Colour colour) : decision_(decision), paint_(colour) {}

    std::string render() && {
        field("time", render_time(decision_.at));
        if (!decision_.snapshot->config_digest().empty()) {
            field("config", decision_.snapshot->config_digest());
        }
        field("request", request_text());
        field("caller", caller_text());
        if (decision_.placement.of != nullptr) field("namespace", namespace_text());
        field("route", route_text());
        policies();
        candidates();
        caller_limits();
        verdict();
        return std::move(page_);
    }

private:
    void line(std::string_view text) { page_.append(text).append("\n"); }
    void field(std::string_view name, std::string_view text) {
        line(fmt::format("{}{}", paint_.heading(fmt::format("{:<11}", name)), text));
    }
    void heading(std::string_view text) { line("\n" + paint_.heading(text)); }

    std::string request_text() const {
        const protocol::RequestFacts& facts = decision_.facts;
        std::string text =
            fmt::format("{} {} ({}{}), {} input tokens{}", name_of(facts.operation),
                        printable(facts.model), name_of(facts.protocol),
                        facts.stream ? ", stream" : "", facts.input_tokens, count_note(facts));
        if (facts.max_output) text += fmt::format(", at most {} out", *facts.max_output);
        if (facts.answers > 1) text += fmt::format(", {} answers", facts.answers);
        const std::string needs = names_of(facts.needs);
        return needs.empty() ? text : text + "; needs " + needs;
    }

    // " (estimated, o200k_base x 1.20 (claude))"
    static std::string count_note(const protocol::RequestFacts& facts) {
        if (facts.input_counter.empty()) return facts.input_exact ? "" : " (estimated)";
        return fmt::format(" ({}, {})", facts.input_exact ? "exact" : "estimated",
                           facts.input_counter);
    }

    std::string caller_text() const {
        const Principal& principal = *decision_.principal;
        std::string text(name_of(principal.kind));
        if (!principal.key.empty()) text += " " + printable(principal.key);
        if (!principal.user.empty()) text += ", user " + printable(principal.user);
        if (!principal.tenant.empty()) text += ", tenant " + printable(principal.tenant);
        if (!principal.channel.empty()) text += ", channel " + printable(principal.channel);
        return text + fmt::format(", role {}", name_of(principal.role));
    }

    std::string namespace_text() const {
        const Placement& placement = decision_.placement;
        const std::string text = printable(placement.name());
        return text + " (" + matched_text(placement) + ")";
    }

    void policies() {
        if (decision_.policies.empty()) return;
        std::size_t width = 0;
        for (const PolicyReading& each : decision_.policies)
            width = std::max(width, each.policy().name().size());
        heading("policies");
        for (const PolicyReading& each : decision_.policies)
            line(fmt::format("  {:<{}}  {:<14}  {}", each.policy().name(), width,
                             policy::name_of(each.policy().type()),
                             policy_verdict(verdict_of(decision_, each))));
    }

    std::string policy_verdict(policy::Verdict verdict) const {
        switch (verdict) {
            case policy::Verdict::Allow:
                return paint_.good("allow");
            case policy::Verdict::Reject:
                return paint_.bad("reject");
            case policy::Verdict::WouldReject:
                return paint_.warning("against it") + ", only monitored";
        }
        return "";
    }

    std::string route_text() const {
        if (decision_.route == nullptr) return paint_.bad("none takes this model");
        const routing::Route& route = *decision_.route;
        std::string text(name_of(route.kind));
        if (!route.pattern.empty()) text += " " + printable(route.pattern);
        if (!route.to.empty()) text += " -> " + route.to;
        if (!route.upstream_model.empty()) text += ", as " + printable(route.upstream_model);
        return route.at.line > 0 ? text + " (" + route.at.text() + ")" : text;
    }

    void candidates() {
        if (decision_.candidates.empty()) return;
        std::size_t platform_width = 0;
        std::size_t model_width = 0;
        for (const Candidate& each : decision_.candidates) {
            platform_width = std::max(platform_width, decision_.platform_of(each).name.size());
            model_width = std::max(model_width, printable(each.upstream_model).size());
        }
        heading("candidates");
        for (const Candidate& each : decision_.candidates) {
            const bool is_in = each.is_eligible();
            line(fmt::format(
                "  {:<2} {:<{}}  {:<{}}  {}  {}", is_in ? std::to_string(each.order) : "-",
                decision_.platform_of(each).name, platform_width, printable(each.upstream_model),
                model_width, is_in ? paint_.good("in ") : paint_.bad("out"),
                reason_text(decision_, each)));
            limits("     limit  ", decision_.limits_of(each));
            params(each);
            price(each);
        }
    }

    void params(const Candidate& candidate) {
        for (const policy::ParamChange& each : decision_.changes_of(candidate)) {
            std::string text = policy::name_of(each.action) == "rename"
                                   ? each.before + " -> " + each.after
                                   : each.path + ": " + (each.before.empty() ? "-" : each.before) +
                                         " -> " + (each.after.empty() ? "-" : each.after);
            line(fmt::format("     param  {:<8} {} ({})", policy::name_of(each.action), text,
                             each.reason));
        }
    }

    void limits(std::string_view indent, std::span<const LimitReading> readings) {
        std::size_t width = 0;
        for (const LimitReading& each : readings) width = std::max(width, name(each).size());
        for (const LimitReading& each : readings) {
            line(fmt::format("{}{:<{}}  {} used + {} of {}  {}", indent, name(each), width,
                             limits::number_text(*each.limit, each.reading.used),
                             limits::number_text(*each.limit, each.claim.cost), most(*each.limit),
                             limit_verdict(each)));
        }
    }

    // "60 in 60s", "9000 tokens in 1h", "500.00 CNY in month", "3 at a time"
    static std::string most(const limits::Limit& limit) {
        const bool has_unit = limit.quantity() == limits::Quantity::Tokens ||
                              limit.quantity() == limits::Quantity::Money;
        const std::string number = has_unit ? limits::amount_text(limit, limit.max)
                                            : limits::number_text(limit, limit.max);
        if (limit.period.is_in_flight()) return number + " at a time";
        return number + (limit.period.is_calendar() ? " a " : " in ") + limit.period.text();
    }

    static std::string name(const LimitReading& reading) {
        return limits::label(*reading.limit, reading.claim.key.subject);
    }

    std::string limit_verdict(const LimitReading& reading) const {
        switch (reading.verdict) {
            case LimitVerdict::Allow:
                return paint_.good("allow");
            case LimitVerdict::Reject:
                return paint_.bad("reject") + ", free in " +
                       render_seconds(reading.reading.retry_after);
            case LimitVerdict::WouldReject:
                return paint_.warning("over") + ", only monitored";
        }
        return "";
    }

    void price(const Candidate& candidate) {
        const auto estimated = estimate(decision_, candidate);
        if (!estimated) {
            line("     price  " + paint_.warning(estimated.error().message));
            return;
        }
        line(fmt::format("     price  {} {}{}", estimated->total().text(),
                         estimated->currency().text(), price_note(candidate)));
        std::size_t width = 0;
        for (const pricing::LineItem& each : estimated->lines()) {
            width = std::max(width, rate_text(each).size());
        }
        for (const pricing::LineItem& each : estimated->lines()) {
            line(fmt::format("            {:<13} {:>9} x {:<{}} = {}  {}",
                             pricing::name_of(each.item), each.quantity, rate_text(each), width,
                             each.amount.text(), each.source));
        }
    }

    // "2.25 per 1M tokens (2.50 x 0.9)"
    static std::string rate_text(const pricing::LineItem& item) {
        std::string text =
            fmt::format("{:>6} per {}", pricing::render_rate(item.unit_price), pricing::kUnit);
        if (item.discount == Decimal(1)) return text;
        return text +
               fmt::format(" ({} x {})", pricing::render_rate(item.base), item.discount.text());
    }

    std::string price_note(const Candidate& candidate) const {
        std::string note;
        if (candidate.basis == PriceBasis::WorstCase) note = "not listed: the dearest price known";
        if (writes_text(decision_.facts.operation) && !candidate.max_output) {
            note = join(
                note, "; ",
                fmt::format("the request sets no bound, {} tokens out assumed", kAssumedMaxOutput));
        }
        return note.empty() ? note : " (" + note + ")";
    }

    void caller_limits() {
        if (decision_.caller_limits().empty()) return;
        const std::string_view key = decision_.principal->key;
        const std::string_view address = decision_.facts.client_ip;
        heading("limits of " + (key.empty() ? "callers" : "key " + printable(key)) +
                (address.empty() ? "" : " from " + printable(address)));
        limits("  ", decision_.caller_limits());
    }

    void verdict() {
        line("");
        if (decision_.verdict() == Verdict::Allow) {
            const Candidate* first = decision_.find_candidate(1);
            field("verdict", paint_.good("allow") + ", to " + decision_.platform_of(*first).name);
            return;
        }
        const Error refused = error(decision_);
        field("verdict", fmt::format("{}: {} {}", paint_.bad("reject"), decision_.status(),
                                     error_row(refused.code).name));
        field("", refused.message);
        if (!refused.hint.empty()) field("", refused.hint);
    }

    const Decision& decision_;
    Paint paint_;
    std::string page_;
};

}  // namespace

std::string render_text(const Decision& decision, Colour colour) {
    return Page(decision, colour).render();
}

}  // namespace aigw::decision
