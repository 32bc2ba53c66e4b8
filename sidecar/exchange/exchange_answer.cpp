// A platform's answer on its way to the caller: whole, put together, or as a stream.
#include "sidecar/exchange/exchange.h"

#include <utility>

#include "policy/capped_body.h"
#include "policy/capped_parser.h"
#include "policy/capped_relay.h"
#include "policy/capped_reply.h"
#include "protocol/answer_end.h"
#include "protocol/metered_relay.h"
#include "protocol/reply_assembler.h"
#include "protocol/reply_outline.h"
#include "protocol/vendor_error.h"
#include "sidecar/exchange/forwarding.h"
#include "sidecar/exchange/limit_headers.h"
#include "tokens/answer_count.h"

namespace aigw::exchange {

using engine::Reply;
using engine::Task;

namespace {

constexpr std::size_t kMaxReplyBody = 64 * 1024 * 1024;
constexpr std::chrono::milliseconds kAfterDone{50};  // for the end of a body whose [DONE] has come
// Whoever takes what came within this time holds up nothing.
constexpr std::chrono::milliseconds kPromptReader{10};

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
            if (!exchange_->has_let_go()) co_await exchange_->upstream_->read_over(kAfterDone);
            co_return engine::Chunk{{}, true};
        }
        exchange_->forget_request();
        auto bytes = co_await exchange_->next_of_stream();
        if (!bytes) co_return std::move(bytes).error();
        co_return give(*bytes);
    }

    void cancel() override {
        if (exchange_->upstream_) exchange_->upstream_->cancel();
    }

private:
    // The end of the answer leaves with its last event where the upstream's has come with it, or
    // is not waited for: what an upstream writes behind a cut would still be paid.
    engine::Chunk give(std::string_view bytes) {
        const bool is_over = exchange_->relay_->is_over();
        if (is_over) exchange_->settle(200);  // before the last byte goes out
        exchange_->given_at_ = Exchange::Clock::now();
        if (is_over && exchange_->truncation_.is_cut) exchange_->upstream_.reset();
        return {bytes, is_over && exchange_->has_let_go()};
    }

    std::unique_ptr<Exchange> exchange_;
};

std::unique_ptr<engine::BodySource> Exchange::source_of(std::unique_ptr<Exchange> self) {
    return std::make_unique<StreamSource>(std::move(self));
}

Task<Result<Reply>> Exchange::receive_whole(const decision::Candidate& candidate) {
    const engine::ResponseHead& head = upstream_->head();
    Reply reply{.status = head.status, .headers = {}};
    if (conversion() != nullptr) {
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

    if (conversion() != nullptr && operation_ == Operation::Embeddings) {
        CO_TRY(const auto answer, platform_of(candidate).adapter->decode_embeddings(body));
        body = render_vectors(answer);
    } else if (conversion() != nullptr) {
        CO_TRY(auto answer, platform_of(candidate).adapter->decode(body));
        if (output_cap_) co_await cut_answer(answer);
        body = co_await render_answer(std::move(answer));
    } else {
        auto usage = outline.usage
                         ? platform_of(candidate).adapter->read_usage(outline.usage->of(body))
                         : std::nullopt;
        if (!usage && operation_ == Operation::Chat) {
            if (const auto answer = platform_of(candidate).adapter->decode(body))
                usage = co_await count_answer(*answer);
        }
        // Counting costs no tokens.
        const bool is_counted = operation_ == Operation::CountTokens;
        usage_ = usage.value_or(is_counted ? Usage{} : estimated_usage(body.size()));
        if (output_cap_ && writes_text(operation_)) body = co_await cut_passing(std::move(body));
    }
    is_answered_ = true;
    settle(reply.status);
    add_answer_headers(reply);
    reply.body = std::move(body);
    co_return reply;
}

// The answer in the caller's words.
Task<std::string> Exchange::render_answer(protocol::ChatReply answer) {
    if (!answer.usage) answer.usage = co_await count_answer(answer);
    usage_ = conversion()->usage_of(answer);
    if (usage_.is_estimated && !truncation_.is_cut) note_estimated_usage();
    co_return conversion()->render(std::move(answer));
}

// Of an answer that does not say; nullopt where it can't be counted.
Task<std::optional<Usage>> Exchange::count_answer(const protocol::ChatReply& answer) {
    const tokens::ModelCounter model = counter_of(upstream_model(*current_));
    std::optional<Usage> usage;
    const auto counted = co_await pipeline_.counting().run(
        call_.loop(), protocol::content_bytes(answer), model.encoding,
        [&](tokens::Counters& counters) -> Result<void> {
            const auto tokens =
                tokens::count_answer(answer, model, *TRY(counters.find(model.encoding)));
            usage = Usage{.input_tokens = facts_.input_tokens,
                          .output_tokens = tokens.output,
                          .reasoning_tokens = tokens.reasoning,
                          .is_estimated = true};
            return {};
        });
    co_return counted ? usage : std::nullopt;
}

// Counts a whole answer of so many bytes; where its model's vocabulary can't be used, by its bytes.
Task<void> Exchange::measure_answer(std::size_t bytes, const MeasuredWork& work) {
    policy::Measure measure{.model = counter_of(upstream_model(*current_))};
    const auto counted = co_await pipeline_.counting().run(
        call_.loop(), bytes, measure.model.encoding,
        [&](tokens::Counters& counters) -> Result<void> {
            measure.counter = TRY(counters.find(measure.model.encoding));
            work(measure);
            return {};
        });
    if (!counted) work({.model = measure.model});
}

Task<void> Exchange::cut_answer(protocol::ChatReply& answer) {
    const MeasuredWork cut = [&](const policy::Measure& measure) {
        truncation_.is_cut = policy::cut(answer, *output_cap_, measure, facts_.input_tokens);
    };
    co_await measure_answer(protocol::content_bytes(answer), cut);
}

Task<std::string> Exchange::cut_passing(std::string body) {
    std::optional<policy::CutBody> cut;
    const MeasuredWork work = [&](const policy::Measure& measure) {
        cut = policy::cut_body(body, facts_.protocol, *output_cap_, measure, usage_);
    };
    co_await measure_answer(body.size(), work);
    if (!cut) co_return body;
    truncation_.is_cut = true;
    usage_ = cut->usage;
    co_return std::move(cut->body);
}

// What counts a stream on its way; its vocabulary may have to be fetched first.
Task<void> Exchange::prepare_cap(const decision::Candidate& candidate) {
    if (!output_cap_) co_return;
    truncation_ = {};
    measure_ = {.model = counter_of(upstream_model(candidate))};
    counting::Counting& counting = pipeline_.counting();
    const tokens::Encoding encoding = measure_.model.encoding;
    if (counting.find_here(call_.loop(), encoding) == nullptr) {
        // Where that fails it has been said, and bytes are counted.
        [[maybe_unused]] const auto fetched =
            co_await counting.run(call_.loop(), 0, encoding,
                                  [](tokens::Counters&) -> Result<void> { return Result<void>{}; });
    }
    measure_.counter = counting.find_here(call_.loop(), encoding);
}

// What the upstream says, up to where it gets too long.
std::unique_ptr<protocol::ChatStreamParser> Exchange::make_parser(
    const decision::Candidate& candidate) {
    auto parser = platform_of(candidate).adapter->make_parser();
    if (!output_cap_) return parser;
    return std::make_unique<policy::CappedParser>(std::move(parser), *output_cap_, measure_,
                                                  facts_.input_tokens, truncation_);
}

// Of a stream that passes.
std::unique_ptr<protocol::StreamRelay> Exchange::make_relay(const decision::Candidate& candidate) {
    const assembly::Platform& platform = platform_of(candidate);
    auto relay = platform.adapter->make_relay(facts_, platform.secrets);
    if (auto meter = make_meter(candidate)) {
        relay = std::make_unique<protocol::MeteredRelay>(std::move(relay),
                                                         platform.adapter->make_parser(),
                                                         std::move(meter), facts_.input_tokens);
    }
    if (!output_cap_) return relay;
    auto wire = policy::make_capped_wire({.protocol = facts_.protocol,
                                          .operation = operation_,
                                          .answers = facts_.answers,
                                          .wants_usage = facts_.asks_usage},
                                         *output_cap_, measure_);
    return std::make_unique<policy::CappedRelay>(std::move(relay), std::move(wire),
                                                 facts_.input_tokens, truncation_);
}

// For the streams of a model whose vendor does not say what they use.
std::unique_ptr<protocol::OutputMeter> Exchange::make_meter(const decision::Candidate& candidate) {
    counting::Counting& counting = pipeline_.counting();
    const std::string_view model = upstream_model(candidate);
    if (!counting.is_silent(name_of(candidate), model)) return nullptr;
    const tokens::ModelCounter model_counter = counter_of(model);
    tokens::Counter* counter = counting.find_here(call_.loop(), model_counter.encoding);
    if (counter == nullptr) return nullptr;
    return std::make_unique<tokens::AnswerMeter>(model_counter, *counter);
}

std::string Exchange::render_vectors(const protocol::EmbeddingsReply& answer) {
    usage_ = conversion()->usage_of(answer);
    if (usage_.is_estimated) note_estimated_usage();
    return conversion()->render(answer);
}

// A number that the vendor did not give, in an answer that was converted.
void Exchange::note_estimated_usage() {
    constexpr auto kEstimated = protocol::LossKind::Estimated;
    conversion()->add_loss(kEstimated, "usage");
    loop_state_.metrics->lost(protocol::name_of(kEstimated), "usage");
}

// An answer that comes in pieces, for a caller who wants it whole. Nothing goes out before its end:
// until then another candidate may still answer instead.
Task<Result<Reply>> Exchange::receive_assembled(const decision::Candidate& candidate) {
    const assembly::Platform& platform = platform_of(candidate);
    Reply reply{.status = 200, .headers = {{"content-type", "application/json"}}};
    add_upstream_limits(reply.headers, upstream_->head(), facts_.protocol, call_.loop().now());
    co_await prepare_cap(candidate);
    const auto parser = make_parser(candidate);
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
    if (truncation_.is_cut) {
        upstream_->cancel();
    } else if (!is_broken) {
        co_await upstream_->read_over(kAfterDone);
    }
    auto answer = std::move(assembler).reply();
    if (!answer) {
        Error error = std::move(answer).error();
        protocol::hide_secrets(error, platform.secrets);
        co_return error;
    }
    reply.body = co_await render_answer(std::move(answer).take());
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
    co_await prepare_cap(candidate);
    if (conversion() != nullptr) {
        reply.headers.add("content-type", "text/event-stream; charset=utf-8");
        reply.headers.add("cache-control", "no-cache");
        add_upstream_limits(reply.headers, head, facts_.protocol, call_.loop().now());
        relay_ = conversion()->make_relay(make_parser(candidate), platform.secrets, request_id_,
                                          make_meter(candidate));
    } else {
        reply.headers = forwarded(head);
        relay_ = make_relay(candidate);
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
// an answer. It counts against its platform unless the caller has held it up for longer than was
// waited for it at last: that the time is over then, or the upstream has given up, is not its
// fault.
Task<Result<std::string_view>> Exchange::next_of_stream() {
    const Clock::time_point silent_since = Clock::now();
    if (is_answered_ && silent_since - given_at_ > kPromptReader)
        held_up_ += silent_since - given_at_;
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
            if (held_up_ > Clock::now() - begin) {
                count_failure(*current_, error);
            } else {
                note_failure(*current_, error, platform_of(*current_).retry.attempts);
            }
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
    request_.forget();
    call_.forget_request();
}

// When the caller of a stream that says nothing is to hear that it is alive.
auto Exchange::keep_alive_due(Clock::time_point silent_since) const -> Clock::time_point {
    if (!is_answered_ || relay_->keep_alive().empty()) return Clock::time_point::max();
    return silent_since + assembly_->config.conversion.keep_alive;
}

}  // namespace aigw::exchange
