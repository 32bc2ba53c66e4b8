#include "sidecar/exchange/exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "crypto/digest.h"
#include "identity/identifier.h"
#include "pricing/cost.h"
#include "protocol/error_envelope.h"
#include "protocol/reply_assembler.h"
#include "protocol/reply_outline.h"
#include "protocol/responses_reasoning.h"
#include "protocol/vendor_error.h"
#include "sidecar/engine/alarm.h"
#include "sidecar/exchange/failures.h"
#include "sidecar/exchange/forwarding.h"
#include "sidecar/exchange/limit_headers.h"

namespace aigw::exchange {

using engine::Reply;
using engine::Task;

namespace {

constexpr std::size_t kMaxErrorBody = 256 * 1024;
constexpr std::size_t kMaxReplyBody = 64 * 1024 * 1024;
constexpr std::size_t kUsualHead = 512;  // of a request, without the platform's own fields
constexpr std::chrono::milliseconds kAfterDone{50};  // for the end of a body whose [DONE] has come

bool is_event_stream(const engine::ResponseHead& head) {
    const auto type = head.find(engine::Field::ContentType);
    return type && starts_with_ignoring_case(*type, "text/event-stream");
}

// Upstreams are asked for answers as they are: one that is compressed could not be read here.
bool is_coded(const engine::ResponseHead& head) {
    const auto coding = head.find(engine::Field::ContentEncoding);
    return coding && !equals_ignoring_case(*coding, "identity");
}

// An object ends with its brace. Where the end of the connection alone ends the answer, nothing but
// the text can tell that it is whole.
bool is_cut_off(std::string_view json, const protocol::ReplyOutline& outline,
                bool ends_with_connection) {
    if (ends_with_connection) return !outline.is_whole;
    const std::size_t last = json.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos || json[last] != '}';
}

Error reply_too_large() {
    return {ErrorCode::UpstreamInvalid, "the upstream's answer is over 64 MiB"};
}

engine::UpstreamTimeouts timeouts_of(const routing::Timeouts& timeouts) {
    return {.connect = timeouts.connect,
            .first_byte = timeouts.first_byte,
            .idle = timeouts.idle,
            .total = timeouts.total};
}

void append_length(std::string& out, std::size_t length) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
    out.append("content-length: ").append(digits.data(), end).append("\r\n\r\n");
}

// Milliseconds with three digits behind the point.
void append_milliseconds(std::string& out, std::chrono::nanoseconds duration) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), whole / 1000).ptr;
    out.append(digits.begin(), end).push_back('.');
    for (auto place = 100; place > 0; place /= 10)
        out.push_back(static_cast<char>('0' + whole / place % 10));
}

http::Response as_value(const engine::ResponseHead& head, std::string body) {
    http::Response response{.status = head.status, .headers = {}, .body = std::move(body)};
    for (const engine::FieldView& field : head.fields)
        response.headers.add(field.name, field.value);
    return response;
}

}  // namespace

// The body of a streamed reply; owns its exchange.
class StreamSource final : public engine::BodySource {
public:
    explicit StreamSource(std::unique_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {
        exchange_->is_open_stream_ = true;
        exchange_->loop_state_.metrics->open_streams.fetch_add(1, std::memory_order_relaxed);
    }
    ~StreamSource() override {
        exchange_->loop_state_.metrics->open_streams.fetch_sub(1, std::memory_order_relaxed);
    }

    Task<Result<engine::Chunk>> next() override {
        if (!exchange_->first_bytes_.empty())
            co_return give(std::exchange(exchange_->first_bytes_, {}));
        if (exchange_->relay_->is_over()) {
            co_await exchange_->upstream_->read_over(kAfterDone);
            co_return engine::Chunk{{}, true};
        }
        exchange_->forget_request();
        auto bytes = co_await exchange_->next_of_stream();
        if (!bytes) co_return std::move(bytes).error();
        co_return give(*bytes);
    }

    void cancel() override { exchange_->upstream_->cancel(); }

private:
    // The end of the answer leaves with its last event where the upstream's has come with it.
    engine::Chunk give(std::string_view bytes) {
        const bool is_over = exchange_->relay_->is_over();
        if (is_over) exchange_->settle(200);  // before the last byte goes out
        return {bytes, is_over && exchange_->upstream_->is_whole()};
    }

    std::unique_ptr<Exchange> exchange_;
};

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
    if (exchange.relay_) reply.body = std::make_unique<StreamSource>(std::move(self));
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
    decision_ = decision::decide(assembly_->snapshot, facts_, *caller_.principal,
                                 pipeline_.observed(), call_.loop().now());
    co_return Result<void>{};
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
            if (grant->size() > 0) grants_.push_back(std::move(*grant));
            holds_key_limits_ = true;
            return candidate;
        }
        if (holds_key_limits_) {
            tried_.push_back(candidate->platform);
            continue;
        }
        if (round++ == kDecisions) {
            return Error{.code = ErrorCode::RateLimited,
                         .message = "a limit was reached by other requests at the same moment",
                         .hint = "try again in a moment",
                         .retry_after = grant.error().retry_after};
        }
        decision_ = decision::decide(assembly_->snapshot, facts_, *caller_.principal,
                                     pipeline_.observed(), now);
    }
}

Task<Result<Reply>> Exchange::execute() {
    std::optional<Error> last;
    while (true) {
        const std::size_t grants = grants_.size();
        const bool held_key_limits = holds_key_limits_;
        auto next = reserve_next();
        // With an attempt behind us, what that one failed by says more than that no other is left.
        if (!next) co_return last ? std::move(*last) : std::move(next).error();
        const decision::Candidate candidate = **next;
        tried_.push_back(candidate.platform);
        if (auto prepared = prepare(candidate); !prepared) {
            // Another may be able to say it; nothing was sent, so nothing is counted.
            for (; grants_.size() > grants; grants_.pop_back()) grants_.back().release();
            holds_key_limits_ = held_key_limits;
            if (!last) last = std::move(prepared).error();
            continue;
        }
        if (needs_no_call(candidate)) co_return answer_here(candidate);
        auto reply = co_await call_platform(candidate);
        if (reply || !providers::is_retryable(reply.error())) co_return reply;
        last = std::move(reply).error();
    }
}

// Calls one platform, again where its retry options say so. The candidate is a copy: deciding again
// replaces the list that it stood in.
Task<Result<Reply>> Exchange::call_platform(decision::Candidate candidate) {
    routing::PlatformHealth& health = pipeline_.health().at(name_of(candidate));
    health.earn_retry(platform_of(candidate).retry.budget_percent);
    for (std::uint32_t calls = 1;; ++calls) {
        auto reply = co_await attempt(candidate);
        if (reply) health.succeeded();
        if (reply || reply.error().code == ErrorCode::Cancelled) co_return reply;
        const auto wait = note_failure(candidate, reply.error(), calls);
        if (!wait || !health.take_retry()) co_return reply;
        const bool has_waited = co_await pause(*wait);
        if (!has_waited) co_return Error{ErrorCode::Cancelled, "the client has gone"};
        if (!reserve_again(candidate)) co_return reply;
    }
}

// Counts a failed call and gives the pause before the next one here; nullopt: none is made here.
std::optional<std::chrono::milliseconds> Exchange::note_failure(
    const decision::Candidate& candidate, const Error& error, std::uint32_t calls) {
    const std::string_view name = name_of(candidate);
    loop_state_.metrics->upstream_failed(name, error_row(error.code).name);
    if (!providers::is_retryable(error)) {
        // The vendor works: it has refused this very request.
        pipeline_.health().at(name).succeeded();
        return std::nullopt;
    }
    const routing::Failure failure = failure_of(error, upstream_status_);
    if (decision_->candidates.size() > 1) leave_alone_after(failure, candidate, error);
    const bool is_left_alone =
        pipeline_.health().at(name).open_until(call_.loop().now()).has_value();
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
        health.rest_until(now + platform.health.open_for);
    } else if (routing::asks_for_rest(platform.retry, failure)) {
        health.rest_until(now + *failure.retry_after);
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
    if (grant) grants_.push_back(std::move(*grant));
    return grant.has_value();
}

Task<Result<Reply>> Exchange::attempt(const decision::Candidate& candidate) {
    ++attempts_;
    upstream_status_ = 0;
    current_ = candidate;
    failure_.clear();
    relay_.reset();
    const Clock::time_point begin = Clock::now();
    const auto sent = co_await send(candidate);
    const Clock::time_point end = Clock::now();
    waited_ += end - begin;
    if (!sent) co_return sent.error();
    first_byte_ = end - call_.started();

    const engine::ResponseHead& head = upstream_->head();
    upstream_status_ = head.status;
    const bool is_unreadable = is_coded(head);
    if (head.status >= 300) {
        http::Response response = as_value(head, "");
        auto body = co_await upstream_->read_all(kMaxErrorBody);
        if (!body && body.error().code == ErrorCode::Cancelled) co_return std::move(body).error();
        // Without words that can be read the status still says what went wrong.
        if (body && !is_unreadable) response.body = std::move(body).take();
        const assembly::Platform& platform = platform_of(candidate);
        protocol::hide_secrets(response.body, platform.secrets);
        Error error = platform.adapter->decode_error(response);
        protocol::hide_secrets(error, platform.secrets);  // those that were escaped
        co_return error;
    }
    if (is_unreadable) {
        co_return Error{ErrorCode::UpstreamInvalid,
                        "the upstream's answer is compressed, which was not asked for"};
    }
    if (is_event_stream(head)) {
        if (facts_.stream) co_return co_await receive_stream(candidate);
        if (asks_for_stream()) co_return co_await receive_assembled(candidate);
    }
    co_return co_await receive_whole(candidate);
}

// Thoughts that another vendor has signed must not reach one who would refuse them.
bool Exchange::passes(const decision::Candidate& candidate) const {
    if (facts_.protocol == Protocol::Responses && protocol::has_own_seal(body_)) return false;
    const assembly::Platform& platform = platform_of(candidate);
    const std::string_view model = upstream_model(candidate);
    return platform.passes(facts_.protocol, operation_) &&
           platform.adapter->takes(facts_, candidate.upstream_model, platform.caps_of(model));
}

// Writes the request in the vendor's words.
Result<void> Exchange::convert(const decision::Candidate& candidate) {
    const config::ConversionOptions& options = assembly_->config.conversion;
    if (!conversion_)
        conversion_.emplace(
            protocol::ConversionOptions{.default_max_tokens = options.default_max_tokens,
                                        .mid_system = options.mid_system,
                                        .sha256_hex = crypto::sha256_hex});
    const auto wish = call_.head().find("x-aigw-strict");
    const bool is_strict = wish ? *wish == "1" || *wish == "true" : options.strict;
    const auto created =
        std::chrono::duration_cast<std::chrono::seconds>(call_.loop().now().time_since_epoch());
    const assembly::Platform& platform = platform_of(candidate);
    const std::string_view model = upstream_model(candidate);
    return conversion_->write(
        facts_, body_,
        {.adapter = *platform.adapter, .model = model, .traits = platform.traits(model)},
        {.request_id = request_id_, .created = created.count()},
        is_strict ? Strict::Yes : Strict::No);
}

// Makes the request ready for the candidate: as it is, or in its vendor's words.
Result<void> Exchange::prepare(const decision::Candidate& candidate) {
    const bool is_to_be_said = operation_ != Operation::CountTokens;
    if (passes(candidate) || !is_to_be_said) {
        conversion_.reset();
        return {};
    }
    auto written = convert(candidate);
    count_losses();
    return written;
}

// Tokens that only an estimate counts, and an answer of no token. Anthropic itself does either.
bool Exchange::needs_no_call(const decision::Candidate& candidate) const {
    const bool asks_for_none = operation_ == Operation::CountTokens || facts_.max_output == 0;
    return asks_for_none && !passes(candidate);
}

Reply Exchange::answer_here(const decision::Candidate& candidate) {
    current_ = candidate;
    is_answered_ = true;
    usage_.is_estimated = true;
    settle(200);
    Reply reply{.status = 200, .headers = {}};
    if (operation_ == Operation::CountTokens) {
        reply.headers.add("content-type", "application/json");
        reply.body = "{\"input_tokens\":" + std::to_string(facts_.input_tokens) + "}";
    } else {
        reply.headers.add("content-type",
                          facts_.stream ? "text/event-stream; charset=utf-8" : "application/json");
        reply.body = conversion_->render_nothing(facts_, request_id_);
    }
    add_answer_headers(reply);
    return reply;
}

// A number that the vendor did not give, in an answer that was converted.
void Exchange::note_estimated_usage() {
    constexpr auto kEstimated = protocol::LossKind::Estimated;
    conversion_->add_loss(kEstimated, "usage");
    loop_state_.metrics->lost(protocol::name_of(kEstimated), "usage");
}

void Exchange::count_losses() {
    for (const protocol::Loss& loss : conversion_->losses().entries())
        loop_state_.metrics->lost(protocol::name_of(loss.kind), protocol::field_of(loss.path));
}

// What the upstream is asked for; not always what the caller wants.
bool Exchange::asks_for_stream() const {
    return facts_.stream || (conversion_ && conversion_->is_assembled());
}

// A caller's fields are for those who speak its protocol.
void Exchange::append_head(std::string& head, const decision::Candidate& candidate) const {
    const assembly::Platform& platform = platform_of(candidate);
    head.append("POST ");
    if (!conversion_) {
        head.append(platform.target(facts_.protocol, operation_))
            .append(" HTTP/1.1\r\n")
            .append(platform.fields);
        append_forwarded(head, call_.head(), platform.names);
        return;
    }
    const providers::WireCall call{.operation = Operation::Chat,
                                   .caller = conversion_->wire(),
                                   .model = upstream_model(candidate),
                                   .is_stream = asks_for_stream()};
    head.append(platform.adapter->target(platform.base, call))
        .append(" HTTP/1.1\r\n")
        .append(platform.fields)
        .append("content-type: application/json\r\naccept: ")
        .append(asks_for_stream() ? "text/event-stream" : "application/json")
        .append("\r\n");
    if (!conversion_->betas().empty())
        head.append("anthropic-beta: ").append(conversion_->betas()).append("\r\n");
}

Task<Result<void>> Exchange::send(const decision::Candidate& candidate) {
    const assembly::Platform& platform = platform_of(candidate);
    edits_.clear();
    protocol::Pieces pieces;
    pieces.push_back({});  // the head, once the body's length is known
    if (conversion_) {
        pieces.push_back(conversion_->body());
    } else {
        CO_CHECK(platform.adapter->edit(facts_, candidate.upstream_model, edits_));
        protocol::splice_views(body_, edits_, pieces);
    }
    std::size_t length = 0;
    for (const std::string_view piece : pieces) length += piece.size();

    std::string head;
    head.reserve(kUsualHead + platform.fields.size());
    append_head(head, candidate);
    append_length(head, length);
    pieces[0] = head;

    upstream_.emplace(call_.loop().upstreams().pool(platform.origin, platform.base),
                      timeouts_of(platform.timeouts));
    call_.on_gone([this] { upstream_->cancel(); });
    const auto answered = co_await upstream_->send({pieces.begin(), pieces.size()});
    if (!answered) co_return told(answered.error());
    co_return Result<void>{};
}

Task<Result<Reply>> Exchange::receive_whole(const decision::Candidate& candidate) {
    const engine::ResponseHead& head = upstream_->head();
    Reply reply{.status = head.status, .headers = {}};
    if (conversion_) {
        reply.headers.add("content-type", "application/json");
        add_upstream_limits(reply.headers, head, facts_.protocol, call_.loop().now());
    } else {
        reply.headers = forwarded(head);
    }
    const Clock::time_point begin = Clock::now();
    auto received = co_await upstream_->read_all(kMaxReplyBody);
    waited_ += Clock::now() - begin;
    if (!received) co_return told(std::move(received).error());
    std::string body = std::move(received).take();
    const protocol::ReplyOutline outline = protocol::outline_of(body);
    if (outline.is_error() || !outline.is_object) {
        http::Response response{
            .status = reply.status, .headers = reply.headers, .body = std::move(body)};
        if (auto checked = platform_of(candidate).adapter->check_reply(response); !checked) {
            Error error = std::move(checked).error();
            protocol::hide_secrets(error, platform_of(candidate).secrets);
            co_return error;
        }
        body = std::move(response.body);
    }
    if (is_cut_off(body, outline, upstream_->ends_with_connection())) {
        co_return Error{ErrorCode::UpstreamInvalid,
                        "the upstream's answer is not a whole JSON object"};
    }

    if (conversion_) {
        CO_TRY(auto answer, platform_of(candidate).adapter->decode(body));
        body = render_answer(std::move(answer));
    } else {
        const auto usage = outline.usage
                               ? platform_of(candidate).adapter->read_usage(outline.usage->of(body))
                               : std::nullopt;
        // Counting costs no tokens.
        const bool is_counted = operation_ == Operation::CountTokens;
        usage_ = usage.value_or(is_counted ? Usage{} : estimated_usage(body.size()));
    }
    is_answered_ = true;
    settle(reply.status);
    add_answer_headers(reply);
    reply.body = std::move(body);
    co_return reply;
}

// The answer in the caller's words.
std::string Exchange::render_answer(protocol::ChatReply answer) {
    usage_ = conversion_->usage_of(answer);
    if (usage_.is_estimated) note_estimated_usage();
    return conversion_->render(std::move(answer));
}

// An answer that comes in pieces, for a caller who wants it whole. Nothing goes out before its end:
// until then another candidate may still answer instead.
Task<Result<Reply>> Exchange::receive_assembled(const decision::Candidate& candidate) {
    const assembly::Platform& platform = platform_of(candidate);
    Reply reply{.status = 200, .headers = {{"content-type", "application/json"}}};
    add_upstream_limits(reply.headers, upstream_->head(), facts_.protocol, call_.loop().now());
    const auto parser = platform.adapter->make_parser();
    protocol::ReplyAssembler assembler;
    std::size_t received = 0;
    bool is_broken = false;
    while (!parser->is_over()) {
        const Clock::time_point begin = Clock::now();
        auto chunk = co_await upstream_->read();
        waited_ += Clock::now() - begin;
        if (!chunk) {
            if (chunk.error().code == ErrorCode::Cancelled) co_return std::move(chunk).error();
            is_broken = true;
            parser->interrupt(told(std::move(chunk).error()), assembler);
            break;
        }
        received += chunk->bytes.size();
        if (received > kMaxReplyBody) co_return reply_too_large();
        parser->feed(chunk->bytes, assembler);
        if (chunk->is_last) parser->finish(assembler);
    }
    if (!is_broken) co_await upstream_->read_over(kAfterDone);
    auto answer = std::move(assembler).reply();
    if (!answer) {
        Error error = std::move(answer).error();
        protocol::hide_secrets(error, platform.secrets);
        co_return error;
    }
    reply.body = render_answer(std::move(answer).take());
    is_answered_ = true;
    settle(reply.status);
    add_answer_headers(reply);
    co_return reply;
}

// Waits for the first event: until one has come, another candidate may still answer instead.
Task<Result<Reply>> Exchange::receive_stream(const decision::Candidate& candidate) {
    const engine::ResponseHead& head = upstream_->head();
    Reply reply{.status = head.status, .headers = {}};
    const assembly::Platform& platform = platform_of(candidate);
    if (conversion_) {
        reply.headers.add("content-type", "text/event-stream; charset=utf-8");
        reply.headers.add("cache-control", "no-cache");
        add_upstream_limits(reply.headers, head, facts_.protocol, call_.loop().now());
        relay_ = conversion_->make_relay(*platform.adapter, platform.secrets, request_id_);
    } else {
        reply.headers = forwarded(head);
        relay_ = platform.adapter->make_relay(facts_, platform.secrets);
    }
    auto first = co_await next_of_stream();
    if (!first) co_return std::move(first).error();
    if (relay_->failure() && relay_->events() <= 1) {
        Error error = *relay_->failure();
        relay_.reset();
        co_return error;
    }
    is_answered_ = true;
    if (assembly_->config.server.answer_headers) {
        if (const auto estimate = decision::estimate(*decision_, candidate)) {
            reply.headers.set(
                "X-Aigw-Price-Estimate",
                estimate->total().text() + " " + std::string(estimate->currency().text()));
        }
    }
    add_answer_headers(reply);
    first_bytes_ = *first;
    co_return reply;
}

// The next bytes for the caller; never empty unless the stream is over. An upstream that fails in
// the middle becomes an error event: the status has long gone out, and a silent end would look like
// an answer.
Task<Result<std::string_view>> Exchange::next_of_stream() {
    const Clock::time_point silent_since = Clock::now();
    while (true) {
        const Clock::time_point begin = Clock::now();
        const Clock::time_point due = keep_alive_due(silent_since);
        auto chunk = co_await upstream_->read(due);
        waited_ += Clock::now() - begin;
        if (!chunk) {
            Error error = told(std::move(chunk).error());
            if (!is_answered_) co_return error;  // nothing has gone out: another may answer
            if (error.code == ErrorCode::Cancelled) {
                if (!call_.is_interrupted()) co_return error;
                co_return relay_->interrupt(seen_by_caller(std::move(error)));
            }
            note_failure(*current_, error, platform_of(*current_).retry.attempts);
            co_return relay_->interrupt(std::move(error));
        }
        std::string_view bytes = relay_->feed(chunk->bytes);
        if (!bytes.empty() || relay_->is_over()) co_return bytes;
        if (chunk->is_last) co_return relay_->finish();
        if (Clock::now() >= due) co_return relay_->keep_alive();
    }
}

// Once a part of the answer is out, nobody else will be asked: of the request only the facts are
// needed.
void Exchange::forget_request() {
    if (body_.data() == nullptr) return;
    body_ = {};
    edits_.clear();
    if (conversion_) conversion_->forget_request();
    call_.forget_request();
}

// When the caller of a stream that says nothing is to hear that it is alive.
auto Exchange::keep_alive_due(Clock::time_point silent_since) const -> Clock::time_point {
    if (!is_answered_ || relay_->keep_alive().empty()) return Clock::time_point::max();
    return silent_since + assembly_->config.conversion.keep_alive;
}

// A call that ends because the gateway does: its caller is still there to read it.
Error Exchange::seen_by_caller(Error error) {
    if (error.code != ErrorCode::Cancelled || !call_.is_interrupted()) return error;
    failure_ = "the gateway is stopping";
    return Error{ErrorCode::Overloaded, failure_, "try again in a moment"};
}

// Platforms may be private: the log and administrators learn which address failed and how, callers
// only what happened.
Error Exchange::told(Error error) {
    failure_ = error.message;
    if (caller_.principal->role == Role::Admin) return error;
    if (error.code == ErrorCode::UpstreamUnreachable)
        error.message = "the upstream could not be reached";
    if (error.code == ErrorCode::UpstreamTimeout)
        error.message = "the upstream did not answer in time";
    if (error.code == ErrorCode::UpstreamInvalid)
        error.message = "the upstream's answer broke off or was not HTTP";
    return error;
}

Reply Exchange::refuse(const Error& error) {
    if (failure_.empty()) failure_ = error.message;
    const auto rendered =
        protocol::render_error(error, protocol::envelope_of(caller_.protocol), request_id_);
    if (!error.limit.empty()) loop_state_.metrics->refused(error.limit);
    settle(rendered.status);
    Reply reply{.status = rendered.status,
                .headers = {{"content-type", "application/json"}},
                .body = rendered.body};
    add_limit_headers(reply.headers, error, call_.loop().now());
    add_request_id(reply);
    if (!assembly_->config.server.answer_headers) return reply;
    if (attempts_ > 0) reply.headers.add("X-Aigw-Attempts", std::to_string(attempts_));
    reply.headers.add("Server-Timing", server_timing());
    return reply;
}

// Each protocol's SDKs look for their own name of it. What a conversion lost is said with it.
void Exchange::add_request_id(Reply& reply) const {
    reply.headers.add("X-Request-Id", request_id_);
    if (caller_.protocol == Protocol::Anthropic) reply.headers.add("request-id", request_id_);
    if (conversion_ && !conversion_->losses().empty())
        reply.headers.set("X-Aigw-Warnings", conversion_->losses().header());
}

void Exchange::add_answer_headers(Reply& reply) const {
    add_request_id(reply);
    if (!assembly_->config.server.answer_headers) return;
    reply.headers.add("X-Aigw-Platform", assembly_->snapshot.platform(current_->platform).name);
    reply.headers.add("X-Aigw-Attempts", std::to_string(attempts_));
    if (price_)
        reply.headers.add("X-Aigw-Price",
                          price_->total().text() + " " + std::string(price_->currency().text()));
    if (usage_.is_estimated) {
        reply.headers.add("X-Aigw-Token-Count", "estimated");
    } else if (operation_ == Operation::CountTokens) {
        reply.headers.add("X-Aigw-Token-Count", "exact");
    }
    reply.headers.add("Server-Timing", server_timing());
}

// Until this head: waiting for upstreams, pauses before retries among it, and the gateway's own.
// Source: www.w3.org/TR/server-timing, section 3.
std::string Exchange::server_timing() const {
    std::string text = "upstream;dur=";
    append_milliseconds(text, waited_);
    text.append(", gateway;dur=");
    append_milliseconds(text, Clock::now() - call_.started() - waited_);
    return text;
}

// Of an answer that does not say.
Usage Exchange::estimated_usage(std::size_t body_bytes) const {
    const bool is_text = operation_ != Operation::Embeddings;
    return {.input_tokens = facts_.input_tokens,
            .output_tokens = is_text ? static_cast<std::int64_t>(body_bytes / 4) : 0,
            .is_estimated = true};
}

// What has been used by now: the vendor's numbers, else an estimate of what was sent out.
Usage Exchange::usage_so_far() const {
    if (!relay_) return usage_;
    if (const auto usage = relay_->usage()) return *usage;
    // Every event carries about one token; exact counting is for those who count.
    return {.input_tokens = facts_.input_tokens,
            .output_tokens = relay_->events(),
            .is_estimated = true};
}

void Exchange::settle(int status) {
    if (is_settled_) return;
    is_settled_ = true;
    const bool is_client_gone = status == error_row(ErrorCode::Cancelled).http;
    const bool is_used = is_answered_ && current_.has_value();
    const Usage usage = is_used ? usage_so_far() : Usage{};
    const bool is_stream_whole = relay_ && relay_->is_complete();
    if (conversion_ && is_stream_whole && usage.is_estimated) note_estimated_usage();
    if (is_used && current_->row != nullptr) {
        auto price = pricing::cost(usage, *current_->row,
                                   assembly_->snapshot.platform(current_->platform).discount);
        if (price) price_ = std::move(price).take();
    }
    if (relay_ && relay_->failure() && failure_.empty()) failure_ = relay_->failure()->message;
    for (limits::Grant& grant : grants_) grant.keep();
    const auto duration = Clock::now() - call_.started();
    if (assembly_->config.metrics.enabled)
        loop_state_.metrics->finished(
            {.route = caller_.route,
             .model = model_,
             .platform =
                 is_used ? std::string_view(assembly_->snapshot.platform(current_->platform).name)
                         : std::string_view{},
             .status = is_client_gone ? 499 : status,
             .is_answered = is_answered_,
             .duration = duration,
             .first_byte = first_byte_,
             .overhead = duration - waited_,
             .usage = usage,
             .cost = price_ ? price_->total() : Money{},
             .is_unpriced = is_used && !price_,
             .key = assembly_->config.metrics.exports("s1")
                        ? std::string_view(caller_.principal->key)
                        : std::string_view{}});
    write_log_line(status, usage, duration);
}

void Exchange::write_log_line(int status, const Usage& usage, std::chrono::nanoseconds duration) {
    if (!pipeline_.log().is_on(config::LogLevel::Info)) return;
    const auto ms = std::chrono::duration<double, std::milli>(duration).count();
    const auto upstream_ms = std::chrono::duration<double, std::milli>(waited_).count();
    const std::string total = price_ ? price_->total().text() : "";
    const std::string_view currency = price_ ? price_->currency().text() : std::string_view{};
    const std::string_view platform =
        current_.has_value()
            ? std::string_view(assembly_->snapshot.platform(current_->platform).name)
            : std::string_view{};
    const std::string warnings = conversion_ ? conversion_->losses().header() : "";
    pipeline_.log().info("request finished", {{"id", request_id_},
                                              {"route", caller_.route},
                                              {"key", std::string_view(caller_.principal->key)},
                                              {"client_ip", std::string_view(caller_.address)},
                                              {"model", model_},
                                              {"platform", platform},
                                              {"status", std::int64_t{status}},
                                              {"stream", facts_.stream},
                                              {"attempts", std::int64_t{attempts_}},
                                              {"input_tokens", usage.total_input()},
                                              {"output_tokens", usage.total_output()},
                                              {"estimated", usage.is_estimated},
                                              {"price", total},
                                              {"currency", currency},
                                              {"ms", ms},
                                              {"upstream_ms", upstream_ms},
                                              {"warnings", warnings},
                                              {"error", failure_}});
}

}  // namespace aigw::exchange
