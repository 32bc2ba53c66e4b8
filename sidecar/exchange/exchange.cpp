#include "sidecar/exchange/exchange.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "sidecar/engine/alarm.h"
#include "sidecar/exchange/failures.h"
#include "sidecar/exchange/request_view.h"

namespace aigw::exchange {

using engine::Reply;
using engine::Task;

Exchange::Exchange(engine::Call& call, Pipeline& pipeline,
                   std::shared_ptr<const assembly::Assembly> assembly, Caller caller,
                   Operation operation, std::string request_id)
    : call_(call),
      pipeline_(pipeline),
      loop_state_(pipeline.at(call.loop())),
      assembly_(std::move(assembly)),
      caller_(std::move(caller)),
      operation_(operation),
      request_id_(std::move(request_id)) {}

Exchange::~Exchange() {
    if (!is_settled_) settle(error_row(ErrorCode::Cancelled).http);
}

Task<Reply> Exchange::run(std::unique_ptr<Exchange> self) {
    Exchange& exchange = *self;
    const auto read = co_await exchange.read_request();
    if (!read) co_return exchange.refuse(read.error());
    auto outcome = co_await exchange.execute();
    exchange.call_.on_gone(nullptr);
    if (!outcome) co_return exchange.refuse(exchange.seen_by_caller(std::move(outcome).error()));
    Reply reply = std::move(outcome).take();
    if (exchange.relay_) reply.body = source_of(std::move(self));
    co_return reply;
}

// identify has happened; from here to the Decision nothing waits but for the body.
Task<Result<void>> Exchange::read_request() {
    if (!call_.is_body_at_hand()) {
        auto refusal =
            decision::find_early_refusal(assembly_->snapshot, *caller_.principal, caller_.address,
                                         pipeline_.observed(), call_.loop().now());
        if (refusal) co_return *std::move(refusal);
    }
    CO_TRY(body_, co_await call_.body());
    CO_TRY(facts_, loop_state_.facts.read(operation_, protocol::PaddedBody(body_),
                                          caller_.default_model, caller_.protocol));
    model_ = facts_.model;
    facts_.model = model_;
    facts_.client_ip = caller_.address;
    const RequestView view(call_.head(), &loop_state_.facts, body_);
    decision::Selection selection = decision::match(assembly_->snapshot, facts_, *caller_.principal,
                                                    call_.loop().now(), view.request());
    facts_.max_output = selection.facts.max_output;  // policies may have lowered it
    decision::balance(selection, pipeline_.observed(),
                      [this](const routing::Balance& balance) { return draw_ticket(balance); });
    if (wants_count(selection)) co_await count_input(selection);
    decision_ = decision::rank(selection, pipeline_.observed());
    if (const auto& limit = decision_->output_limit; limit && limit->is_cut)
        output_cap_ = {.max_tokens = limit->max_tokens, .notice = std::string(limit->notice)};
    co_return Result<void>{};
}

std::uint64_t Exchange::draw_ticket(const routing::Balance& balance) {
    return balance.is_random() ? call_.loop().random().next()
                               : pipeline_.tickets().take(balance.group());
}

// What is decided may depend on it. A stream begins with the number where it is made here for
// Anthropic's callers, or with a price: of a long prompt that one is an estimate, for its caller
// would wait for the count.
bool Exchange::wants_count(const decision::Selection& selection) const {
    if (decision::needs_count(selection)) return true;
    if (!facts_.stream || !selection.match || selection.match->platforms.empty()) return false;
    const assembly::Platform& first = assembly_->platforms[selection.match->platforms[0]];
    const bool is_anthropic = caller_.protocol == Protocol::Anthropic;
    if (is_anthropic && !first.passes(caller_.protocol, operation_)) return true;
    const config::Config& config = assembly_->config;
    return body_.size() <= counting::Counting::kShortBytes && config.server.answer_headers &&
           config.pricing.catalog != pricing::Catalog::None;
}

tokens::ModelCounter Exchange::counter_of(std::string_view model) const {
    const bool is_current = assembly_ == loop_state_.assembly;
    return is_current ? loop_state_.counters.find(assembly_->counters, model)
                      : assembly_->counters.find(model);
}

// The usual prompt, from what has just been read of it: nothing of it is read again.
std::optional<tokens::PromptCount> Exchange::count_plain(const tokens::ModelCounter& model) const {
    if (body_.size() > counting::Counting::kShortBytes) return std::nullopt;
    tokens::Counter* counter = pipeline_.counting().find_here(call_.loop(), model.encoding);
    if (counter == nullptr) return std::nullopt;
    return tokens::count_plain(loop_state_.facts.plain_turns(), model, *counter);
}

// What can't be counted keeps its estimate, with the margin of one.
Task<void> Exchange::count_input(decision::Selection& selection) {
    const decision::CountedModel counted = decision::counted_model(selection);
    const tokens::Options& options = assembly_->config.tokens;
    counting::Counting& counting = pipeline_.counting();
    const tokens::ModelCounter model = counter_of(counted.model);
    input_count_ = count_plain(model);
    if (!input_count_) {
        auto count = co_await counting.count(
            call_.loop(), {.body = body_,
                           .protocol = caller_.protocol,
                           .operation = operation_,
                           .model = model,
                           .options = {.max_exact_bytes = options.max_exact_bytes}});
        if (!count) {
            facts_.input_margin_percent = tokens::margin_of(tokens::Exactness::Weak);
            selection.facts = facts_;
            co_return;
        }
        input_count_ = std::move(count).take();
    }
    if (options.learns && !input_count_->is_exact) {
        const auto learned = counting.learned().find(counted.platform, counted.model);
        input_count_ = tokens::corrected(*std::move(input_count_), learned);
    }
    decision::apply(*input_count_, facts_);
    selection.facts = facts_;
}

const decision::Candidate* Exchange::find_untried() const {
    for (std::size_t order = 1;; ++order) {
        const decision::Candidate* candidate = decision_->find_candidate(order);
        if (candidate == nullptr) return nullptr;
        if (std::find(tried_.begin(), tried_.end(), candidate->platform) == tried_.end())
            return candidate;
    }
}

// The next candidate in order whose limits could be reserved, for the first one together with the
// key's. Between decide and reserve another loop may have taken the last place: then it is decided
// again, by what is observed now, at most twice. Once the key's limits are held the order stands,
// and a platform that is full by now is passed over.
Result<const decision::Candidate*> Exchange::reserve_next() {
    constexpr int kDecisions = 3;
    for (int round = 1;;) {
        if (decision_->verdict() == decision::Verdict::Reject) return decision::error(*decision_);
        const decision::Candidate* candidate = find_untried();
        if (candidate == nullptr) return Error{ErrorCode::NoPlatform, "no platform is left to try"};

        const auto claims = holds_key_limits_ ? decision::candidate_claims(*decision_, *candidate)
                                              : decision::claims(*decision_, *candidate);
        const TimePoint now = call_.loop().now();
        auto grant = pipeline_.cells().reserve(claims, now);
        if (grant) {
            if (!holds_key_limits_)
                caller_grant_ = grant->take_first(decision_->caller_limits().size());
            holds_key_limits_ = true;
            platform_grant_ = std::move(*grant);
            in_flight_ = routing::InFlight(pipeline_.health().at(name_of(*candidate)));
            return candidate;
        }
        if (holds_key_limits_) {
            tried_.push_back(candidate->platform);
            continue;
        }
        if (round++ == kDecisions) return lost_race(*candidate, grant.error());
        decision_ = decision::decide_again(*decision_, pipeline_.observed(), now);
    }
}

Error Exchange::lost_race(const decision::Candidate& candidate,
                          const limits::Refusal& refusal) const {
    const auto callers = decision_->caller_limits();
    if (refusal.claim < callers.size())
        return decision::limit_error(*decision_, callers[refusal.claim], refusal.retry_after);
    const decision::LimitReading& reading =
        decision_->limits_of(candidate)[refusal.claim - callers.size()];
    return Error{.code = ErrorCode::RateLimited,
                 .message = "a limit was reached by other requests at the same moment",
                 .hint = "try again in a moment",
                 .limit = reading.limit->name,
                 .retry_after = refusal.retry_after};
}

Task<Result<Reply>> Exchange::execute() {
    std::optional<Error> last;
    while (true) {
        const bool held_key_limits = holds_key_limits_;
        auto next = reserve_next();
        // With an attempt behind us, what that one failed by says more than that no other is left.
        if (!next) co_return last ? std::move(*last) : std::move(next).error();
        const decision::Candidate candidate = **next;
        tried_.push_back(candidate.platform);
        auto prepared = prepare(candidate);
        if (prepared && !may_call(candidate))
            prepared = Error{ErrorCode::NoPlatform, "no platform is left to try"};
        if (!prepared) {
            // Another may be able to say it; nothing was sent, so nothing is counted.
            platform_grant_.release();
            if (!held_key_limits) caller_grant_.release();
            holds_key_limits_ = held_key_limits;
            if (!last) last = std::move(prepared).error();
            continue;
        }
        if (request_.needs_no_call()) co_return answer_here(candidate);
        auto reply = co_await call_platform(candidate);
        if (reply || !providers::is_retryable(reply.error())) co_return reply;
        last = std::move(reply).error();
    }
}

// Of a platform with several keys: the one whose turn it is of those that do not rest, else the one
// that has rested enough first.
const assembly::Key* Exchange::choose_key(const assembly::Platform& platform) {
    if (platform.keys.empty()) return nullptr;
    InlineVector<routing::PlatformIndex, 16> order;
    for (std::size_t i = 0; i < platform.keys.size(); ++i) order.push_back(0);
    const routing::Balance& turns = *platform.key_turns;
    turns.order(pipeline_.tickets().take(turns.group()), {}, {order.begin(), order.size()});
    const TimePoint now = call_.loop().now();
    const auto back = [&](routing::PlatformIndex index) {
        return pipeline_.keys().open_until(platform.keys[index].state, now).value_or(now);
    };
    return &platform.keys[*std::ranges::min_element(order, std::less{}, back)];
}

// When the first of a platform's keys can be used; never, where there are not several.
TimePoint Exchange::first_key_back(const assembly::Platform& platform, TimePoint now) const {
    TimePoint first = TimePoint::max();
    for (const assembly::Key& key : platform.keys)
        first = std::min(first, pipeline_.keys().open_until(key.state, now).value_or(now));
    return first;
}

// A key that the vendor refused, or wants to rest, is left alone; true when another can be used.
bool Exchange::rest_key(const decision::Candidate& candidate, const Error& error) {
    if (key_ == nullptr || !providers::is_retryable(error)) return false;
    const assembly::Platform& platform = platform_of(candidate);
    const routing::Failure failure = failure_of(error, upstream_status_);
    const TimePoint now = call_.loop().now();
    if (routing::is_about_the_key(failure)) {
        pipeline_.keys().at(key_->state).rest_until(now + platform.health.open_for);
    } else if (failure.status == 429 && failure.retry_after && platform.retry.honour_retry_after) {
        pipeline_.keys().at(key_->state).rest_until(now + *failure.retry_after);
    } else {
        return false;
    }
    pipeline_.log().warn("key left alone", {{"platform", name_of(candidate)},
                                            {"key", std::string_view(key_->name)},
                                            {"status", std::int64_t{failure.status}}});
    return first_key_back(platform, now) <= now;
}

// A platform that has failed is probed by one call at a time, of those that have another to go to.
bool Exchange::may_call(const decision::Candidate& candidate) {
    if (decision_->candidates.size() == 1 || request_.needs_no_call()) return true;
    routing::PlatformHealth& health = pipeline_.health().at(name_of(candidate));
    using Start = routing::PlatformHealth::Start;
    const Start start =
        health.start(call_.loop().now(), platform_of(candidate).timeouts.first_byte);
    is_probe_ = start == Start::Probe;
    return start != Start::NotNow;
}

// Calls one platform, again where its retry options say so. The candidate is a copy: deciding again
// replaces the list that it stood in.
Task<Result<Reply>> Exchange::call_platform(decision::Candidate candidate) {
    routing::PlatformHealth& health = pipeline_.health().at(name_of(candidate));
    health.earn_retry(platform_of(candidate).retry.budget_percent);
    std::size_t keys_left = platform_of(candidate).keys.size();
    for (std::uint32_t calls = 1;; ++calls) {
        key_ = choose_key(platform_of(candidate));
        auto reply = co_await attempt(candidate);
        if (std::exchange(is_probe_, false)) health.end_probe();
        if (reply) note_success(candidate);
        // It has used nothing and is not in flight any more; its request stays counted.
        if (!reply) platform_grant_.settle({.money = Money()}, call_.loop().now());
        if (reply || reply.error().code == ErrorCode::Cancelled) co_return reply;
        if (rest_key(candidate, reply.error()) && --keys_left > 0 && reserve_again(candidate)) {
            --calls;  // another key, at once: no retry
            count_failure(candidate, reply.error());
            continue;
        }
        const auto wait = note_failure(candidate, reply.error(), calls);
        if (!wait || !health.take_retry()) co_return reply;
        const bool has_waited = co_await pause(*wait);
        if (!has_waited) co_return Error{ErrorCode::Cancelled, "the client has gone"};
        if (!reserve_again(candidate)) co_return reply;
    }
}

// The vendor works, whatever it thinks of the request.
void Exchange::note_success(const decision::Candidate& candidate) {
    routing::PlatformHealth& health = pipeline_.health().at(name_of(candidate));
    if (health.succeeded(call_.loop().now()))
        pipeline_.log().info("platform back", {{"platform", name_of(candidate)}});
}

void Exchange::count_failure(const decision::Candidate& candidate, const Error& error) {
    loop_state_.metrics->upstream_failed(name_of(candidate), error_row(error.code).name);
}

// Counts a failed call and gives the pause before the next one here; nullopt: none is made here.
std::optional<std::chrono::milliseconds> Exchange::note_failure(
    const decision::Candidate& candidate, const Error& error, std::uint32_t calls) {
    count_failure(candidate, error);
    if (!providers::is_retryable(error)) {
        note_success(candidate);
        return std::nullopt;
    }
    const routing::Failure failure = failure_of(error, upstream_status_);
    if (decision_->candidates.size() > 1) leave_alone_after(failure, candidate, error);
    const bool is_left_alone =
        pipeline_.health().at(name_of(candidate)).open_until(call_.loop().now()).has_value();
    if (is_left_alone && find_untried() != nullptr) return std::nullopt;
    return routing::pause_before_retry(platform_of(candidate).retry, failure, calls,
                                       call_.loop().random().next());
}

// A platform is left alone by requests that have another to go to: the only one is better asked.
void Exchange::leave_alone_after(const routing::Failure& failure,
                                 const decision::Candidate& candidate, const Error& error) {
    const assembly::Platform& platform = platform_of(candidate);
    routing::PlatformHealth& health = pipeline_.health().at(name_of(candidate));
    const TimePoint now = call_.loop().now();
    const bool was_open = health.open_until(now).has_value();
    if (routing::is_about_the_key(failure)) {
        health.rest_until(std::min(now + platform.health.open_for, first_key_back(platform, now)));
    } else if (routing::asks_for_rest(platform.retry, failure)) {
        health.rest_until(std::min(now + *failure.retry_after, first_key_back(platform, now)));
    } else if (failure.status != 429) {
        health.failed(platform.health, now);
    }
    if (was_open || !health.open_until(now)) return;
    pipeline_.log().warn(
        "platform left alone",
        {{"platform", name_of(candidate)},
         {"error", failure_.empty() ? std::string_view(error.message) : failure_}});
}

// True after the whole pause; false as soon as the client has gone.
Task<bool> Exchange::pause(std::chrono::milliseconds duration) {
    engine::Alarm alarm(call_.loop());
    call_.on_gone([&alarm] { alarm.cancel(); });
    upstream_.reset();
    const Clock::time_point begin = Clock::now();
    const bool is_over = co_await alarm.wait_until(begin + duration);
    waited_ += Clock::now() - begin;
    call_.on_gone(nullptr);
    co_return is_over;
}

// Every call counts at the platform; false when its limits have no room for another.
bool Exchange::reserve_again(const decision::Candidate& candidate) {
    const auto claims = decision::candidate_claims(*decision_, candidate);
    auto grant = pipeline_.cells().reserve(claims, call_.loop().now());
    if (grant) platform_grant_ = std::move(*grant);
    return grant.has_value();
}

}  // namespace aigw::exchange
