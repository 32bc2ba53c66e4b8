// One call of one platform: what it is asked, and what its answer's head says.
#include "sidecar/exchange/exchange.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "crypto/digest.h"
#include "protocol/responses_reasoning.h"
#include "protocol/vendor_error.h"
#include "sidecar/exchange/forwarding.h"

namespace aigw::exchange {

using engine::Reply;
using engine::Task;

namespace {

constexpr std::size_t kMaxErrorBody = 256 * 1024;
constexpr std::size_t kUsualHead = 512;  // of a request, without the platform's own fields

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

void append_length(std::string& out, std::size_t length) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
    out.append("content-length: ").append(digits.data(), end).append("\r\n\r\n");
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
    log_ignored();
    return written;
}

// Tokens that are counted here, and an answer of no token. Anthropic itself does either.
bool Exchange::needs_no_call(const decision::Candidate& candidate) const {
    const bool asks_for_none = operation_ == Operation::CountTokens || facts_.max_output == 0;
    return asks_for_none && !passes(candidate);
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
        reply.body = conversion_->render_nothing(facts_, request_id_);
    }
    add_answer_headers(reply);
    return reply;
}

void Exchange::count_losses() {
    for (const protocol::Loss& loss : conversion_->losses().entries())
        loop_state_.metrics->lost(protocol::name_of(loss.kind), protocol::field_of(loss.path));
}

void Exchange::log_ignored() {
    const protocol::Losses& losses = conversion_->losses();
    if (losses.ignored().empty() || !pipeline_.log().is_on(config::LogLevel::Debug)) return;
    const std::string paths = losses.ignored_list();
    pipeline_.log().debug("left out of a conversion", {{"id", request_id_}, {"paths", paths}});
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
            .append(fields_of(platform));
        append_forwarded(head, call_.head(), platform.names);
        return;
    }
    const bool is_text = operation_ != Operation::Embeddings;
    const providers::WireCall call{.operation = is_text ? Operation::Chat : operation_,
                                   .caller = conversion_->wire(),
                                   .model = upstream_model(candidate),
                                   .is_stream = asks_for_stream()};
    head.append(platform.adapter->target(platform.base, call))
        .append(" HTTP/1.1\r\n")
        .append(fields_of(platform))
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
    head.reserve(kUsualHead + fields_of(platform).size());
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
