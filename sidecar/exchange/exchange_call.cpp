// One call of one platform: what it is asked, and what its answer's head says.
#include "sidecar/exchange/exchange.h"

#include <utility>

#include "base/text.h"
#include "protocol/vendor_error.h"

namespace aigw::exchange {

using engine::Reply;
using engine::Task;

namespace {

constexpr std::size_t kMaxErrorBody = 256 * 1024;

bool is_event_stream(const engine::ResponseHead& head) {
    const auto type = head.find(engine::Field::ContentType);
    return type && starts_with_ignoring_case(*type, "text/event-stream");
}

// Upstreams are asked for answers as they are: one that is compressed could not be read here.
bool is_coded(const engine::ResponseHead& head) {
    const auto coding = head.find(engine::Field::ContentEncoding);
    return coding && !equals_ignoring_case(*coding, "identity");
}

engine::UpstreamTimeouts timeouts_of(const routing::Timeouts& timeouts) {
    return {.connect = timeouts.connect,
            .first_byte = timeouts.first_byte,
            .idle = timeouts.idle,
            .total = timeouts.total};
}

http::Response as_value(const engine::ResponseHead& head, std::string body) {
    http::Response response{.status = head.status, .headers = {}, .body = std::move(body)};
    for (const engine::FieldView& field : head.fields)
        response.headers.add(field.name, field.value);
    return response;
}

}  // namespace

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
        if (request_.asks_for_stream(facts_)) co_return co_await receive_assembled(candidate);
    }
    co_return co_await receive_whole(candidate);
}

Asked Exchange::asked() const {
    return {.facts = facts_,
            .body = body_,
            .head = call_.head(),
            .conversion = assembly_->config.conversion,
            .request_id = request_id_,
            .at = decision_->at,
            .path = caller_.upstream_path};
}

// Makes the request ready for the candidate: as it is, or in its vendor's words.
Result<void> Exchange::prepare(const decision::Candidate& candidate) {
    auto prepared =
        request_.prepare(asked(), recipient(candidate), decision::edits(*decision_, candidate));
    if (conversion() != nullptr) {
        count_losses();
        log_ignored();
    }
    return prepared;
}

Reply Exchange::answer_here(const decision::Candidate& candidate) {
    current_ = candidate;
    is_answered_ = true;
    usage_.is_estimated = !facts_.input_exact;
    settle(200);
    Reply reply{.status = 200, .headers = {}};
    if (operation_ == Operation::CountTokens) {
        reply.headers.add("content-type", "application/json");
        reply.body = "{\"input_tokens\":" + std::to_string(facts_.input_tokens) + "}";
    } else {
        reply.headers.add("content-type",
                          facts_.stream ? "text/event-stream; charset=utf-8" : "application/json");
        reply.body = conversion()->render_nothing(facts_, request_id_);
    }
    add_answer_headers(reply);
    return reply;
}

void Exchange::count_losses() {
    for (const protocol::Loss& loss : conversion()->losses().entries())
        loop_state_.metrics->lost(protocol::name_of(loss.kind), protocol::field_of(loss.path));
}

void Exchange::log_ignored() {
    const protocol::Losses& losses = conversion()->losses();
    if (losses.ignored().empty() || !pipeline_.log().is_on(config::LogLevel::Debug)) return;
    const std::string paths = losses.ignored_list();
    pipeline_.log().debug("left out of a conversion", {{"id", request_id_}, {"paths", paths}});
}

Task<Result<void>> Exchange::send(const decision::Candidate& candidate) {
    const assembly::Platform& platform = platform_of(candidate);
    std::string head;
    protocol::Pieces pieces;
    CO_CHECK(request_.write(asked(), recipient(candidate), fields_of(platform), head, pieces));
    upstream_.emplace(call_.loop().upstreams().pool(platform.origin, platform.base),
                      timeouts_of(platform.timeouts));
    call_.on_gone([this] { upstream_->cancel(); });
    const auto answered = co_await upstream_->send({pieces.begin(), pieces.size()});
    if (!answered) co_return told(answered.error());
    co_return Result<void>{};
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

}  // namespace aigw::exchange
