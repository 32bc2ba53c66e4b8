// How an exchange ends: what the caller's head says, what it used and cost, metrics and log.
#include "sidecar/exchange/exchange.h"

#include <array>
#include <charconv>
#include <utility>

#include "pricing/cost.h"
#include "protocol/error_envelope.h"
#include "sidecar/exchange/limit_headers.h"

namespace aigw::exchange {

using engine::Reply;

namespace {

// Milliseconds with three digits behind the point.
void append_milliseconds(std::string& out, std::chrono::nanoseconds duration) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), whole / 1000).ptr;
    out.append(digits.begin(), end).push_back('.');
    for (auto place = 100; place > 0; place /= 10)
        out.push_back(static_cast<char>('0' + whole / place % 10));
}

}  // namespace

// A call that ends because the gateway does: its caller is still there to read it.
Error Exchange::seen_by_caller(Error error) {
    if (error.code != ErrorCode::Cancelled || !call_.is_interrupted()) return error;
    failure_ = "the gateway is stopping";
    return Error{ErrorCode::Overloaded, failure_, "try again in a moment"};
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
    add_caller_limits(reply);
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
    if (conversion() != nullptr && !conversion()->losses().empty())
        reply.headers.set("X-Aigw-Warnings", conversion()->losses().header());
}

void Exchange::add_caller_limits(Reply& reply) const {
    if (!decision_) return;
    set_caller_limits(reply.headers, decision_->caller_limits(),
                      {.requests = holds_key_limits_ ? 1U : 0U, .tokens = settled_tokens_},
                      caller_.protocol, call_.loop().now());
}

void Exchange::add_answer_headers(Reply& reply) const {
    add_caller_limits(reply);
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

// What the vendor counted corrects what is counted for it from now on.
void Exchange::learn_from(const Usage& usage) {
    if (!input_count_ || input_count_->is_exact || usage.is_estimated) return;
    if (!assembly_->config.tokens.learns) return;
    pipeline_.counting().learned().observe(name_of(*current_), upstream_model(*current_),
                                           *input_count_, usage.total_input());
}

void Exchange::settle(int status) {
    if (is_settled_) return;
    is_settled_ = true;
    const bool is_client_gone = status == error_row(ErrorCode::Cancelled).http;
    const bool is_used = is_answered_ && current_.has_value();
    const Usage usage = is_used ? usage_so_far() : Usage{};
    if (is_used) learn_from(usage);
    const bool is_stream_whole = relay_ && relay_->is_complete();
    // Of an answer that was cut the vendor could not say it.
    const bool is_for_vendor_to_say = is_stream_whole && !truncation_.is_cut;
    if (conversion() != nullptr && is_for_vendor_to_say && usage.is_estimated)
        note_estimated_usage();
    if (is_for_vendor_to_say)
        pipeline_.counting().note_usage(name_of(*current_), upstream_model(*current_),
                                        !usage.is_estimated);
    if (is_used && current_->row != nullptr) {
        auto price = pricing::cost(usage, *current_->row,
                                   assembly_->snapshot.platform(current_->platform).discount);
        if (price) price_ = std::move(price).take();
    }
    if (relay_ && relay_->failure() && failure_.empty()) failure_ = relay_->failure()->message;
    limits::Used used{.tokens =
                          static_cast<std::uint64_t>(usage.total_input() + usage.total_output())};
    if (price_) used.money = price_->total();
    settled_tokens_ = used.tokens;
    if (!is_used) used.money = Money();  // what never answered costs nothing
    for (limits::Grant* grant : {&caller_grant_, &platform_grant_})
        grant->settle(used, call_.loop().now());
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

// Who says what was used.
std::string_view Exchange::counted_by(const Usage& usage) const {
    if (!is_answered_) return "";
    if (!usage.is_estimated && attempts_ > 0) return "vendor";
    return facts_.input_counter.empty() ? std::string_view("bytes") : facts_.input_counter;
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
    const std::string_view channel = decision_ ? decision_->placement.name() : std::string_view{};
    const std::string warnings = conversion() != nullptr ? conversion()->losses().header() : "";
    pipeline_.log().info("request finished", {{"id", request_id_},
                                              {"route", caller_.route},
                                              {"key", std::string_view(caller_.principal->key)},
                                              {"namespace", channel},
                                              {"client_ip", std::string_view(caller_.address)},
                                              {"model", model_},
                                              {"platform", platform},
                                              {"status", std::int64_t{status}},
                                              {"stream", facts_.stream},
                                              {"attempts", std::int64_t{attempts_}},
                                              {"input_tokens", usage.total_input()},
                                              {"output_tokens", usage.total_output()},
                                              {"estimated", usage.is_estimated},
                                              {"counted_by", counted_by(usage)},
                                              {"truncated", truncation_.is_cut},
                                              {"price", total},
                                              {"currency", currency},
                                              {"ms", ms},
                                              {"upstream_ms", upstream_ms},
                                              {"warnings", warnings},
                                              {"error", failure_}});
}

}  // namespace aigw::exchange
