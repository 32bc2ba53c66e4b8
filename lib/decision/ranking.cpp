// The second half of deciding: from a Selection to a Decision.
#include <algorithm>
#include <forward_list>

#include "decision/call_cost.h"
#include "decision/caller_subjects.h"
#include "decision/decision.h"
#include "decision/params.h"

namespace aigw::decision {
namespace {

// The price row of the candidate before: neighbours mostly share their lists and their model.
struct PriceMemo {
    std::span<const std::string_view> catalogs{};
    bool asked_every_catalog = false;
    std::string_view model{};
    const pricing::PriceRow* row = nullptr;
    bool is_filled = false;
};

// One platform after the other.
class Ranking {
public:
    Ranking(const Selection& selection, const Observed& observed)
        : selection_(selection), snapshot_(*selection.snapshot), observed_(observed) {
        decision_.snapshot = selection.snapshot;
        decision_.principal = selection.principal;
        decision_.facts = selection.facts;
        decision_.at = selection.at;
        decision_.placement = selection.placement;
        decision_.policies = selection.policies;
        decision_.output_limit = selection.output_limit;
        decision_.body = selection.body;
    }

    Decision run() && {
        judge_input();
        read_caller_limits();
        if (selection_.match) {
            decision_.route = selection_.match->route;
            if (!selection_.turns.empty()) decision_.turns = selection_.turns;
            const std::size_t count = selection_.match->platforms.size();
            decision_.candidates.reserve(count);
            decision_.readings.reserve(2 * count);
            for (const PlatformIndex platform : selection_.match->platforms) add(platform);
        }
        if (has_caller_money_) read_caller_money();
        decision_.refusal = find_refusal();
        return std::move(decision_);
    }

private:
    // What could not be said before the input was counted.
    void judge_input() {
        for (PolicyReading& reading : decision_.policies) {
            const policy::RequestTokensRule* rule = reading.policy().request_tokens();
            if (rule == nullptr || rule->max_input == 0) continue;
            if (decision_.facts.input_tokens <= rule->max_input) continue;
            reading.verdict = reading.policy().is_enforced() ? policy::Verdict::Reject
                                                             : policy::Verdict::WouldReject;
        }
    }

    // Limits of money are read once it is known what the candidates cost.
    void read_caller_limits() {
        CallerSubjects subjects(*selection_.principal,
                                {.address = decision_.facts.client_ip,
                                 .model = decision_.facts.model,
                                 .channel = decision_.placement.name()},
                                decision_.made_subjects);
        for (const limits::Limit& limit : snapshot_.caller_limits()) {
            if (!limit.applies_to(decision_.facts.model)) continue;
            const auto subject = subjects.find(limit.by);
            if (!subject) continue;
            const limits::Claim claim = limits::claim(limit, *subject);
            if (limit.kind == limits::Kind::Money) {
                has_caller_money_ = true;
                decision_.readings.push_back({.limit = &limit, .claim = claim});
            } else {
                read(limit, claim);
            }
        }
        for (const PolicyReading& policy : decision_.policies)
            for (const BoundLimit& bound : policy.bound->limits) read(bound.limit, bound.claim);
        decision_.caller_limit_count = static_cast<std::uint32_t>(decision_.readings.size());
    }

    // What the dearest candidate costs that may be asked: whichever answers, it is held.
    void read_caller_money() {
        for (std::size_t i = 0; i < decision_.caller_limit_count; ++i) {
            LimitReading& reading = decision_.readings[i];
            if (reading.limit->kind != limits::Kind::Money) continue;
            reading.claim.cost = 0;
            for (const Candidate& candidate : decision_.candidates) {
                if (!candidate.is_eligible()) continue;
                reading.claim.cost =
                    std::max(reading.claim.cost, money_cost(*reading.limit, candidate));
            }
            judge(reading);
        }
    }

    // 0 where nothing is known of the price, and for one in another currency.
    std::uint64_t money_cost(const limits::Limit& limit, const Candidate& candidate) const {
        const pricing::PriceRow* row = candidate.row;
        if (row == nullptr || row->currency != limit.currency) return 0;
        const Decimal& discount = snapshot_.platform(candidate.platform).discount;
        return decision::money_cost(decision_.facts, candidate.max_output, *row, discount,
                                    limit.max);
    }

    void add(PlatformIndex index) {
        const Platform& platform = snapshot_.platform(index);
        const std::string_view replaced = decision_.route->upstream_model;
        const std::string_view model = replaced.empty() ? decision_.facts.model : replaced;
        const Model* entry = platform.find_model(model);

        Candidate candidate{.platform = index};
        candidate.upstream_model = entry != nullptr ? std::string_view(entry->upstream) : model;
        candidate.max_output = decision_.facts.max_output;
        preprocess(entry, candidate);
        find_price(platform, candidate);
        candidate.first_limit = static_cast<std::uint32_t>(decision_.readings.size());
        const bool has_room = read_limits(platform, entry, model, candidate);
        candidate.limit_count =
            static_cast<std::uint32_t>(decision_.readings.size()) - candidate.first_limit;
        candidate.reason = judge(platform, candidate, has_room);
        if (candidate.is_eligible()) candidate.order = ++eligible_;
        decision_.candidates.push_back(candidate);
    }

    // What is done to the parameters, where anything is.
    void preprocess(const Model* entry, Candidate& candidate) {
        if (!has_params(entry)) return;
        policy::ParamEditor editor(decision_.body);
        apply_params(decision_, entry, editor);
        if (!editor.has_changes()) return;
        if (const auto max_output = editor.max_output()) candidate.max_output = max_output;
        candidate.first_change = static_cast<std::uint32_t>(decision_.changes.size());
        for (policy::ParamChange& change : editor.take_changes())
            decision_.changes.push_back(std::move(change));
        candidate.change_count =
            static_cast<std::uint32_t>(decision_.changes.size()) - candidate.first_change;
    }

    bool has_params(const Model* entry) const {
        if (entry != nullptr && !entry->params.empty()) return true;
        return decision_.output_limit ||
               std::ranges::any_of(decision_.policies, [](const PolicyReading& reading) {
                   return reading.policy().params() != nullptr;
               });
    }

    // True when each limit has room.
    bool read_limits(const Platform& platform, const Model* entry, std::string_view model,
                     const Candidate& candidate) {
        bool has_room = true;
        for (const BoundLimit& bound : platform.limits) has_room &= read_bound(bound, candidate);
        if (entry != nullptr) {
            for (const BoundLimit& bound : entry->limits) has_room &= read_bound(bound, candidate);
        } else if (!snapshot_.model_limits().empty()) {
            const std::string& subject =
                decision_.made_subjects.emplace_front(limits::model_subject(platform.name, model));
            for (const limits::Limit& limit : snapshot_.model_limits()) {
                if (!limit.applies_to(decision_.facts.model)) continue;
                has_room &= read(limit, limits::claim(limit, subject), &candidate);
            }
        }
        if (!snapshot_.mixed_limits().empty())
            has_room &= read_mixed_limits(platform, model, candidate);
        return has_room;
    }

    // Those by the platform and something of the caller.
    bool read_mixed_limits(const Platform& platform, std::string_view model,
                           const Candidate& candidate) {
        bool has_room = true;
        CallerSubjects subjects(*selection_.principal,
                                {.address = decision_.facts.client_ip,
                                 .model = model,
                                 .channel = decision_.placement.name(),
                                 .platform = platform.name},
                                decision_.made_subjects);
        for (const limits::Limit& limit : snapshot_.mixed_limits()) {
            if (!limit.applies_to(decision_.facts.model)) continue;
            if (const auto subject = subjects.find(limit.by))
                has_room &= read(limit, limits::claim(limit, *subject), &candidate);
        }
        return has_room;
    }

    bool read_bound(const BoundLimit& bound, const Candidate& candidate) {
        return !bound.limit.applies_to(decision_.facts.model) ||
               read(bound.limit, bound.claim, &candidate);
    }

    bool read(const limits::Limit& limit, limits::Claim claim,
              const Candidate* candidate = nullptr) {
        if (limit.quantity() == limits::Quantity::Tokens)
            claim.cost = token_cost(
                decision_.facts,
                candidate != nullptr ? candidate->max_output : decision_.facts.max_output,
                limit.max);
        if (limit.quantity() == limits::Quantity::Money) claim.cost = money_cost(limit, *candidate);
        return judge(decision_.readings.push_back({.limit = &limit, .claim = claim}));
    }

    // Reads what was counted; false when the limit refuses.
    bool judge(LimitReading& reading) const {
        reading.reading = observed_.read(reading.claim, decision_.at);
        if (reading.claim.cost <= reading.claim.max &&
            reading.reading.used <= reading.claim.max - reading.claim.cost)
            return true;
        const bool is_enforced = reading.limit->mode == limits::Mode::Enforce;
        reading.verdict = is_enforced ? LimitVerdict::Reject : LimitVerdict::WouldReject;
        return !is_enforced;
    }

    void find_price(const Platform& platform, Candidate& candidate) {
        candidate.row = find_row(platform, candidate.upstream_model);
        if (candidate.row != nullptr) {
            candidate.basis = PriceBasis::Listed;
        } else if (snapshot_.missing_price() == pricing::Missing::WorstCase) {
            candidate.row = find_dearest(platform);
            if (candidate.row != nullptr) candidate.basis = PriceBasis::WorstCase;
        }
    }

    const pricing::PriceRow* find_row(const Platform& platform, std::string_view model) {
        const bool is_same = memo_.is_filled && memo_.model == model &&
                             memo_.asked_every_catalog == platform.asks_every_catalog &&
                             std::ranges::equal(memo_.catalogs, platform.catalogs);
        if (is_same) return memo_.row;
        const pricing::PriceRow* row = nullptr;
        if (!platform.catalogs.empty()) {
            row = snapshot_.prices().find(platform.catalogs, model, decision_.at);
        }
        if (row == nullptr && platform.asks_every_catalog) {
            row = snapshot_.prices().find({}, model, decision_.at);
        }
        if (row != nullptr && !row->covers(decision_.facts.operation)) row = nullptr;
        memo_ = {platform.catalogs, platform.asks_every_catalog, model, row, true};
        return row;
    }

    const pricing::PriceRow* find_dearest(const Platform& platform) const {
        const pricing::PriceRow* row = nullptr;
        if (!platform.catalogs.empty()) row = snapshot_.prices().dearest(platform.catalogs);
        return row != nullptr ? row : snapshot_.prices().dearest({});
    }

    Reason judge(const Platform& platform, Candidate& candidate, bool has_room) const {
        if (!platform.is_enabled) return Reason::SwitchedOff;
        if (platform.is_draining && !is_stuck_to(candidate.platform)) return Reason::Draining;
        if (!platform.operations.has(decision_.facts.operation)) return Reason::NotServed;
        candidate.missing = find_missing(platform, candidate.upstream_model);
        if (!candidate.missing.empty()) return Reason::LacksNeed;
        const auto until = observed_.open_until(platform.name, decision_.at);
        // The only one is asked all the same: perhaps it works again, and no other does.
        if (until && selection_.match->platforms.size() > 1) {
            candidate.open_until = *until;
            return Reason::CircuitOpen;
        }
        const bool must_have_price = snapshot_.missing_price() != pricing::Missing::Unpriced;
        if (must_have_price && candidate.basis == PriceBasis::None) return Reason::PriceMissing;
        return has_room ? Reason::InOrder : Reason::LimitReached;
    }

    // Whether the caller's calls stay at the platform.
    bool is_stuck_to(PlatformIndex platform) const {
        return std::ranges::any_of(selection_.turns, [&](const Turn& turn) {
            return turn.is_sticky && turn.platform == platform;
        });
    }

    // Most requests need nothing that a model could lack: nobody is asked for them.
    protocol::Needs find_missing(const Platform& platform, std::string_view model) const {
        const protocol::Needs& needs = decision_.facts.needs;
        if (needs.empty() || !platform.missing_needs) return {};
        return needs & platform.missing_needs(model);
    }

    Refusal find_refusal() const {
        if (!selection_.is_permitted) return Refusal::Forbidden;
        if (const Refusal refusal = find_refusal_of_namespace(); refusal != Refusal::None)
            return refusal;
        if (decision_.candidates.empty()) return Refusal::ModelNotFound;
        const auto is_rejected = [](const LimitReading& reading) {
            return reading.verdict == LimitVerdict::Reject;
        };
        if (std::ranges::any_of(decision_.caller_limits(), is_rejected))
            return Refusal::CallerLimit;
        if (eligible_ > 0) return Refusal::None;
        // What passes by itself is said before what needs a change of the configuration.
        if (any_is(Reason::LimitReached)) return Refusal::PlatformLimit;
        if (any_is(Reason::CircuitOpen)) return Refusal::AllOpen;
        if (any_is(Reason::PriceMissing)) return Refusal::PriceMissing;
        if (any_is(Reason::LacksNeed)) return Refusal::LacksNeed;
        return any_is(Reason::NotServed) ? Refusal::NotServed : Refusal::AllSwitchedOff;
    }

    Refusal find_refusal_of_namespace() const {
        const Placement& placement = decision_.placement;
        if (placement.of == nullptr && snapshot_.namespaces_required())
            return Refusal::NamespaceNotFound;
        const bool needs_no_key = placement.of != nullptr && placement.of->is_anonymous;
        const bool has_no_key = selection_.principal->kind == PrincipalKind::Anonymous;
        if (has_no_key && !needs_no_key) return Refusal::Unauthenticated;
        if (placement.of != nullptr && !placement.of->is_enabled) return Refusal::NamespaceDisabled;
        const bool is_against =
            std::ranges::any_of(decision_.policies, [](const PolicyReading& reading) {
                return reading.verdict == policy::Verdict::Reject;
            });
        return is_against ? Refusal::Policy : Refusal::None;
    }

    bool any_is(Reason reason) const {
        return std::any_of(decision_.candidates.begin(), decision_.candidates.end(),
                           [&](const Candidate& candidate) { return candidate.reason == reason; });
    }

    const Selection& selection_;
    const Snapshot& snapshot_;
    const Observed& observed_;
    Decision decision_;
    PriceMemo memo_;
    std::uint16_t eligible_ = 0;
    bool has_caller_money_ = false;
};

}  // namespace

Decision rank(const Selection& selection, const Observed& observed) {
    return Ranking(selection, observed).run();
}

}  // namespace aigw::decision
