#include "decision/decision.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "base/text.h"
#include "identity/identifier.h"
#include "routing/slow_start.h"

namespace aigw::decision {
namespace {

using std::chrono::milliseconds;

std::int64_t output_bound(const protocol::RequestFacts& facts) {
    if (!writes_text(facts.operation)) return 0;
    const std::int64_t one =
        std::max<std::int64_t>(facts.max_output.value_or(kAssumedMaxOutput), 0);
    const std::int64_t answers = std::max<std::int64_t>(facts.answers, 1);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return one > kMost / answers ? kMost : one * answers;
}

// What a call may use at most: its input with the margin of how it was counted, and as long an
// answer as it asks for. Where it asks for none, the assumption alone does not put it over a limit.
std::uint64_t token_cost(const protocol::RequestFacts& facts, std::uint64_t max) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (facts.operation == Operation::CountTokens) return 0;
    const auto counted =
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(facts.input_tokens, 1, kMost));
    const std::uint64_t input =
        counted + counted * static_cast<std::uint64_t>(facts.input_margin_percent) / 100;
    const auto output = static_cast<std::uint64_t>(output_bound(facts));
    const std::uint64_t cost = std::min(input + std::min(output, kMost), kMost);
    return !facts.max_output && cost > max ? std::max(input, max) : cost;
}

// What a call costs at most, in 1e-8 of its price's currency: its input, and that many tokens of
// answer. A price too large to compute is over every limit.
std::uint64_t price_units(const protocol::RequestFacts& facts, std::int64_t output,
                          const pricing::PriceRow& row, const Decimal& discount) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    const auto price = pricing::estimate(facts.input_tokens, output, row, discount);
    if (!price || price->total().units() > Int128(kMost)) return kMost;
    return static_cast<std::uint64_t>(std::max(price->total().units(), Int128(0)));
}

// What a call costs at a candidate at most, once its limit is known.
struct MoneyCost {
    std::uint64_t input = 0;  // without an answer
    std::uint64_t whole = 0;  // with the longest that it may have
    bool is_bound = true;     // by the request; else the answer's length is an assumption

    // As with tokens, the assumption alone does not put a call over a limit.
    std::uint64_t under(std::uint64_t max) const {
        return !is_bound && whole > max ? std::max(input, max) : whole;
    }
};

// The price row of the candidate before: neighbours mostly share their lists and their model.
struct PriceMemo {
    std::span<const std::string_view> catalogs{};
    bool asked_every_catalog = false;
    std::string_view model{};
    const pricing::PriceRow* row = nullptr;
    bool is_filled = false;
};

// Whom the limits of one call count: a name as it stands, or several put together. Limits by the
// same subjects follow each other, and share what was made.
class CallerSubjects {
public:
    // Borrows all; what it puts together goes into `made`.
    CallerSubjects(const Principal& principal, std::string_view address, std::string_view model,
                   std::forward_list<std::string>& made, std::string_view platform = {})
        : principal_(principal),
          address_(address),
          model_(model),
          platform_(platform),
          made_(made) {}

    // nullopt: the caller has no such name, and the limit doesn't count it.
    std::optional<std::string_view> find(limits::Subjects by) {
        if (by == limits::Subject::Key) return part(limits::Subject::Key);
        if (by != last_by_) {
            last_by_ = by;
            last_ = by.is_single() ? part_of(by) : put_together(by);
        }
        return last_;
    }

private:
    std::optional<std::string_view> part_of(limits::Subjects one) {
        for (const limits::Subject subject : limits::kSubjects)
            if (one.has(subject)) return part(subject);
        return std::nullopt;
    }

    std::optional<std::string_view> put_together(limits::Subjects by) {
        std::string subject;
        for (const limits::Subject each : limits::kSubjects) {
            if (!by.has(each) || each == limits::Subject::Global) continue;
            const auto one = part(each);
            if (!one) return std::nullopt;
            limits::append_part(subject, *one);
        }
        return made_.emplace_front(std::move(subject));
    }

    std::optional<std::string_view> part(limits::Subject subject) {
        using limits::Subject;
        const bool is_local = principal_.kind == PrincipalKind::Local;
        switch (subject) {
            case Subject::Key:
                return is_local ? std::nullopt : unless_empty(principal_.key);
            case Subject::User:
                return is_local ? std::nullopt : unless_empty(principal_.user);
            case Subject::Tenant:
                return is_local ? std::nullopt : unless_empty(principal_.tenant);
            case Subject::Ip:
                return address();
            case Subject::Global:
                return std::string_view();
            case Subject::Platform:
                return unless_empty(platform_);
            case Subject::Model:
                return unless_empty(model_);
        }
        return std::nullopt;
    }

    std::optional<std::string_view> address() {
        if (ip_.empty() && !address_.empty())
            ip_ = made_.emplace_front(limits::ip_subject(address_));
        return unless_empty(ip_);
    }

    static std::optional<std::string_view> unless_empty(std::string_view text) {
        if (text.empty()) return std::nullopt;
        return text;
    }

    const Principal& principal_;
    std::string_view address_;
    std::string_view model_;
    std::string_view platform_;
    std::forward_list<std::string>& made_;
    std::string_view ip_{};
    limits::Subjects last_by_{};
    std::optional<std::string_view> last_{};
};

// The second half at work: from a Selection to a Decision, one platform after the other.
class Ranking {
public:
    Ranking(const Selection& selection, const Observed& observed)
        : selection_(selection), snapshot_(*selection.snapshot), observed_(observed) {
        decision_.snapshot = selection.snapshot;
        decision_.principal = selection.principal;
        decision_.facts = selection.facts;
        decision_.at = selection.at;
    }

    Decision run() && {
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
    // Limits of money are read once it is known what the candidates cost.
    void read_caller_limits() {
        CallerSubjects subjects(*selection_.principal, decision_.facts.client_ip,
                                decision_.facts.model, decision_.made_subjects);
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
        const protocol::RequestFacts& facts = decision_.facts;
        const pricing::PriceRow* row = candidate.row;
        if (row == nullptr || row->currency != limit.currency) return 0;
        if (facts.operation == Operation::CountTokens) return 0;
        const Decimal& discount = snapshot_.platform(candidate.platform).discount;
        const MoneyCost cost{.input = price_units(facts, 0, *row, discount),
                             .whole = price_units(facts, output_bound(facts), *row, discount),
                             .is_bound = facts.max_output.has_value()};
        return cost.under(limit.max);
    }

    void add(PlatformIndex index) {
        const Platform& platform = snapshot_.platform(index);
        const std::string_view replaced = decision_.route->upstream_model;
        const std::string_view model = replaced.empty() ? decision_.facts.model : replaced;
        const Model* entry = platform.find_model(model);

        Candidate candidate{.platform = index};
        candidate.upstream_model = entry != nullptr ? std::string_view(entry->upstream) : model;
        find_price(platform, candidate);
        candidate.first_limit = static_cast<std::uint32_t>(decision_.readings.size());
        const bool has_room = read_limits(platform, entry, model, candidate);
        candidate.limit_count =
            static_cast<std::uint32_t>(decision_.readings.size()) - candidate.first_limit;
        candidate.reason = judge(platform, candidate, has_room);
        if (candidate.is_eligible()) candidate.order = ++eligible_;
        decision_.candidates.push_back(candidate);
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
        CallerSubjects subjects(*selection_.principal, decision_.facts.client_ip, model,
                                decision_.made_subjects, platform.name);
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
            claim.cost = token_cost(decision_.facts, limit.max);
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

ErrorCode code_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::None:
        case Refusal::Forbidden:
        case Refusal::PriceMissing:
            return ErrorCode::Forbidden;
        case Refusal::ModelNotFound:
            return ErrorCode::NotFound;
        case Refusal::CallerLimit:
        case Refusal::PlatformLimit:
            return ErrorCode::RateLimited;
        case Refusal::NotServed:
        case Refusal::LacksNeed:
            return ErrorCode::InvalidRequest;
        case Refusal::AllOpen:
        case Refusal::AllSwitchedOff:
            return ErrorCode::NoPlatform;
    }
    return ErrorCode::Internal;
}

// The name is the caller's: escaped, and cut where it is no name any more.
std::string quoted_model(const Decision& decision) {
    constexpr std::size_t kLongestName = 80;
    return json_string(decision.facts.model.substr(0, kLongestName));
}

// A call that alone is over a limit never passes it.
bool passes_before(const LimitReading& a, const LimitReading& b) {
    const auto key = [](const LimitReading& reading) {
        return std::pair(reading.claim.cost > reading.limit->max, reading.reading.retry_after);
    };
    return key(a) < key(b);
}

// The limit that a caller waits for longest, of those that refuse; nullptr when none does.
const LimitReading* find_slowest(std::span<const LimitReading> readings) {
    const LimitReading* slowest = nullptr;
    for (const LimitReading& each : readings) {
        if (each.verdict != LimitVerdict::Reject) continue;
        if (slowest == nullptr || passes_before(*slowest, each)) slowest = &each;
    }
    return slowest;
}

Error caller_limit_error(const Decision& decision) {
    const LimitReading* slowest = find_slowest(decision.caller_limits());
    assert(slowest != nullptr);
    return limits::refusal_error(*slowest->limit, slowest->claim.key.subject, slowest->claim.cost,
                                 slowest->reading.retry_after);
}

// Platforms may be private: the caller learns the limit's name and when to come back, no more.
Error platform_limit_error(const Decision& decision) {
    const LimitReading* first_to_pass = nullptr;
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason != Reason::LimitReached) continue;
        const LimitReading* slowest = find_slowest(decision.limits_of(candidate));
        assert(slowest != nullptr);
        if (first_to_pass == nullptr || passes_before(*slowest, *first_to_pass))
            first_to_pass = slowest;
    }
    assert(first_to_pass != nullptr);
    if (first_to_pass->claim.cost > first_to_pass->limit->max) {
        return Error{
            .code = ErrorCode::RateLimited,
            .message = "the call may use " +
                       limits::amount_text(*first_to_pass->limit, first_to_pass->claim.cost) +
                       ", more than any platform for model " + quoted_model(decision) +
                       " may be asked for",
            .hint = "send less, or ask for a shorter answer",
            .limit = first_to_pass->limit->name};
    }
    return Error{
        .code = ErrorCode::RateLimited,
        .message = "every platform for model " + quoted_model(decision) + " is at its limit",
        .hint = "try again in " + render_seconds(first_to_pass->reading.retry_after),
        .limit = first_to_pass->limit->name,
        .retry_after = first_to_pass->reading.retry_after};
}

Error all_open_error(const Decision& decision) {
    TimePoint earliest = TimePoint::max();
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason == Reason::CircuitOpen) {
            earliest = std::min(earliest, candidate.open_until);
        }
    }
    const auto wait = std::chrono::ceil<milliseconds>(
        std::max(earliest - decision.at, std::chrono::microseconds(0)));
    return Error{.code = ErrorCode::NoPlatform,
                 .message = "no platform for model " + quoted_model(decision) +
                            " can be called, all have failed lately",
                 .hint = "try again in " + render_seconds(wait),
                 .retry_after = wait};
}

Error all_switched_off_error(const Decision& decision) {
    const bool is_any_draining = std::any_of(
        decision.candidates.begin(), decision.candidates.end(),
        [](const Candidate& candidate) { return candidate.reason == Reason::Draining; });
    return Error{.code = ErrorCode::NoPlatform,
                 .message = "every platform for model " + quoted_model(decision) + " is " +
                            (is_any_draining ? "switched off or being drained" : "switched off"),
                 .hint = "ask for another model"};
}

Error model_not_found_error(const Decision& decision) {
    return Error{.code = ErrorCode::NotFound,
                 .message = "model " + quoted_model(decision) + " does not exist here",
                 .hint =
                     "GET /v1/models lists the models, and `aigw route-test -m MODEL` shows how "
                     "one is routed",
                 .wire_code = "model_not_found",
                 .param = "model"};
}

Error not_served_error(const Decision& decision) {
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = "no platform for model " + quoted_model(decision) + " serves " +
                            std::string(name_of(decision.facts.operation)),
                 .hint = "ask for another model, or route this one to a platform that does",
                 .param = "model"};
}

// Several models may lack several things: what each of them lacks is what has to go.
Error lacks_need_error(const Decision& decision) {
    protocol::Needs missing;
    bool is_first = true;
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason != Reason::LacksNeed) continue;
        const protocol::Needs shared = is_first ? candidate.missing : missing & candidate.missing;
        missing = shared.empty() ? candidate.missing : shared;
        is_first = false;
    }
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = "model " + quoted_model(decision) + " does not serve " +
                            protocol::names_of(missing) + ", which the request needs",
                 .hint = "ask for a model that does, or leave it out of the request",
                 .wire_code = "unsupported_value",
                 .param = "model"};
}

Error price_missing_error(const Decision& decision) {
    return Error{.code = ErrorCode::Forbidden,
                 .message = "model " + quoted_model(decision) +
                            " has no price, and this gateway refuses what it cannot price",
                 .hint =
                     "ask for another model, or set `pricing.missing` to \"unpriced\" or "
                     "\"worst-case\"",
                 .wire_code = "model_not_priced",
                 .param = "model"};
}

void append(Claims& claims, std::span<const LimitReading> readings) {
    for (const LimitReading& reading : readings) claims.push_back(reading.claim);
}

// What the calls that stay together share; empty: this one stays with none.
std::string_view sticky_subject(const routing::Balance& group, const Selection& selection) {
    switch (group.sticky()) {
        case routing::Sticky::No:
            return {};
        case routing::Sticky::User:
            return selection.principal->user;
        case routing::Sticky::Key:
            return selection.principal->key;
        case routing::Sticky::Tenant:
            return selection.principal->tenant;
        case routing::Sticky::Ip:
            return selection.facts.client_ip;
    }
    return {};
}

// Looks after members of a balanced group that are just back from failing.
class WarmUp {
public:
    WarmUp(const Selection& selection, const Observed& observed)
        : selection_(selection), observed_(observed) {}

    // The first that may be called, where it gets only a part of its share. `places` stays as it
    // is when the ticket gives it its turn, or when there is nobody else; else the next one with
    // all its share comes before it.
    std::optional<Warming> apply(std::uint64_t ticket, std::span<PlatformIndex> places) const {
        const auto may_be_called = [this](PlatformIndex index) { return is_called(index); };
        const auto first = std::ranges::find_if(places, may_be_called);
        if (first == places.end()) return std::nullopt;
        const Warming warming{.platform = *first, .warmth = warmth_of(*first)};
        if (warming.warmth == routing::kFullWarmth) return std::nullopt;
        if (routing::takes_turn(warming.warmth, ticket)) return warming;
        const auto next = std::find_if(first + 1, places.end(), [this](PlatformIndex index) {
            return is_called(index) && warmth_of(index) == routing::kFullWarmth;
        });
        if (next != places.end()) std::rotate(first, first + 1, next + 1);
        return warming;
    }

private:
    const Platform& platform(PlatformIndex index) const {
        return selection_.snapshot->platform(index);
    }

    bool is_called(PlatformIndex index) const {
        const Platform& it = platform(index);
        return it.is_enabled && !it.is_draining && !observed_.open_until(it.name, selection_.at);
    }

    std::uint32_t warmth_of(PlatformIndex index) const {
        const Platform& it = platform(index);
        if (it.slow_start.count() == 0) return routing::kFullWarmth;
        return routing::warmth_at(selection_.at, observed_.back_since(it.name), it.slow_start);
    }

    const Selection& selection_;
    const Observed& observed_;
};

bool warms_up(const Snapshot& snapshot, const routing::Balance& group) {
    if (group.algorithm() == routing::Algorithm::Failover) return false;
    return std::ranges::any_of(group.members(), [&](const routing::Member& member) {
        return snapshot.platform(member.platform).slow_start.count() > 0;
    });
}

}  // namespace

Selection match(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, TimePoint now) {
    return {
        .snapshot = &snapshot,
        .principal = &principal,
        .facts = facts,
        .at = now,
        .is_permitted = identity::check_scope(principal, facts.operation, facts.model).has_value(),
        .match = snapshot.router().find(facts.model)};
}

void balance(Selection& selection, const Observed& observed, const DrawTicket& draw) {
    if (!selection.match) return;
    for (const routing::Balance& group : selection.match->route->balances) {
        const std::span places(selection.match->platforms.begin() + group.first(),
                               group.members().size());
        const auto subject = sticky_subject(group, selection);
        if (!subject.empty()) {
            group.order_for(subject, places);
            selection.turns.push_back(
                {.balance = &group, .is_sticky = true, .platform = places.front()});
            continue;
        }
        Turn turn{.balance = &group, .ticket = draw(group)};
        if (group.reads_in_flight()) {
            for (const routing::Member& member : group.members())
                turn.in_flight.push_back(
                    observed.in_flight(selection.snapshot->platform(member.platform).name));
        }
        group.order(turn.ticket, turn.in_flight, places);
        turn.platform = places.front();
        if (warms_up(*selection.snapshot, group))
            turn.warming = WarmUp(selection, observed).apply(turn.ticket, places);
        selection.turns.push_back(std::move(turn));
    }
}

Decision rank(const Selection& selection, const Observed& observed) {
    return Ranking(selection, observed).run();
}

Decision decide(const Snapshot& snapshot, const protocol::RequestFacts& facts,
                const Principal& principal, const Observed& observed, TimePoint now) {
    Selection selection = match(snapshot, facts, principal, now);
    if (selection.match && !selection.match->route->balances.empty()) {
        balance(selection, observed,
                [&](const routing::Balance& group) { return observed.next_ticket(group.group()); });
    }
    return rank(selection, observed);
}

Decision decide_again(const Decision& before, const Observed& observed, TimePoint now) {
    Selection selection = match(*before.snapshot, before.facts, *before.principal, now);
    balance(selection, observed, [&](const routing::Balance& group) {
        return std::ranges::find(before.turns, &group, &Turn::balance)->ticket;
    });
    return rank(selection, observed);
}

std::optional<Error> find_early_refusal(const Snapshot& snapshot, const Principal& principal,
                                        std::string_view client_ip, const Observed& observed,
                                        TimePoint now) {
    std::optional<Error> slowest;
    std::forward_list<std::string> made;
    CallerSubjects subjects(principal, client_ip, {}, made);
    for (const limits::Limit& limit : snapshot.caller_limits()) {
        if (!limit.model_glob.empty() || limit.mode != limits::Mode::Enforce) continue;
        const auto subject = subjects.find(limit.by);
        if (!subject) continue;
        limits::Claim claim = limits::claim(limit, *subject);
        // A call may cost nothing, but not where more was spent than the limit allows.
        if (limit.kind == limits::Kind::Money) claim.cost = 0;
        const limits::Reading reading = observed.read(claim, now);
        if (reading.used + claim.cost <= claim.max) continue;
        if (slowest && *slowest->retry_after >= reading.retry_after) continue;
        slowest = limits::refusal_error(limit, *subject, claim.cost, reading.retry_after);
    }
    return slowest;
}

int Decision::status() const {
    constexpr int kOk = 200;
    return refusal == Refusal::None ? kOk : error_row(code_of(refusal)).http;
}

std::span<const LimitReading> Decision::caller_limits() const {
    return {readings.begin(), caller_limit_count};
}

std::span<const LimitReading> Decision::limits_of(const Candidate& candidate) const {
    return {readings.begin() + candidate.first_limit, candidate.limit_count};
}

const Candidate* Decision::find_candidate(std::size_t order) const {
    const auto found =
        std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
            return candidate.is_eligible() && candidate.order == order;
        });
    return found == candidates.end() ? nullptr : found;
}

Error error(const Decision& decision) {
    switch (decision.refusal) {
        case Refusal::None:
            break;
        case Refusal::Forbidden: {
            auto permitted = identity::check_scope(*decision.principal, decision.facts.operation,
                                                   decision.facts.model);
            assert(!permitted);
            return std::move(permitted).error();
        }
        case Refusal::ModelNotFound:
            return model_not_found_error(decision);
        case Refusal::CallerLimit:
            return caller_limit_error(decision);
        case Refusal::NotServed:
            return not_served_error(decision);
        case Refusal::LacksNeed:
            return lacks_need_error(decision);
        case Refusal::PlatformLimit:
            return platform_limit_error(decision);
        case Refusal::PriceMissing:
            return price_missing_error(decision);
        case Refusal::AllOpen:
            return all_open_error(decision);
        case Refusal::AllSwitchedOff:
            return all_switched_off_error(decision);
    }
    assert(false && "an allowed call has no error");
    return Error{};
}

Result<pricing::Price> estimate(const Decision& decision, const Candidate& candidate) {
    if (candidate.row == nullptr) {
        return Error{
            ErrorCode::NotFound,
            "nothing is known of the price of model " + json_string(candidate.upstream_model),
            "see `aigw price --list`"};
    }
    return pricing::estimate(decision.facts.input_tokens, output_bound(decision.facts),
                             *candidate.row, decision.platform_of(candidate).discount);
}

Claims caller_claims(const Decision& decision) {
    Claims claims;
    append(claims, decision.caller_limits());
    return claims;
}

Claims candidate_claims(const Decision& decision, const Candidate& candidate) {
    Claims claims;
    append(claims, decision.limits_of(candidate));
    return claims;
}

Claims claims(const Decision& decision, const Candidate& candidate) {
    Claims claims = caller_claims(decision);
    append(claims, decision.limits_of(candidate));
    return claims;
}

}  // namespace aigw::decision
