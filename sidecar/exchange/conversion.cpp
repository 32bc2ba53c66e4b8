#include "sidecar/exchange/conversion.h"

#include "protocol/answer_end.h"
#include "protocol/answer_restorer.h"
#include "protocol/anthropic_reply.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_stream.h"
#include "protocol/completions_answer.h"
#include "protocol/completions_request.h"
#include "protocol/converting_relay.h"
#include "protocol/json_tree.h"
#include "protocol/openai_reply.h"
#include "protocol/openai_request.h"
#include "protocol/openai_stream.h"
#include "protocol/responses_reply.h"
#include "protocol/responses_request.h"
#include "protocol/responses_stream.h"

namespace aigw::exchange {
namespace {

using protocol::AnswerPlan;
using protocol::ChatEventKind;
using protocol::ChatReply;
using protocol::ChatStreamWriter;

Error not_converted(Protocol protocol) {
    return Error{ErrorCode::InvalidRequest,
                 "no upstream of this model speaks " + std::string(name_of(protocol)),
                 "ask for it in another protocol"};
}

Error refused_by_strictness(const protocol::Loss& loss) {
    Error error{.code = ErrorCode::InvalidRequest,
                .message = loss.path + " would be " + std::string(name_of(loss.kind)) +
                           " for this model, and the request is strict",
                .hint = "leave it out, or do without X-Aigw-Strict"};
    error.wire_code = "invalid_value";
    error.param = loss.path;
    return error;
}

}  // namespace

Conversion::Form Conversion::form_of(const protocol::RequestFacts& facts) {
    if (facts.operation == Operation::Completions) return Form::Completion;
    switch (facts.protocol) {
        case Protocol::OpenAi:
            return Form::Chat;
        case Protocol::Anthropic:
            return Form::Message;
        case Protocol::Responses:
            return Form::Response;
    }
    return Form::Chat;
}

Result<void> Conversion::read(const protocol::RequestFacts& facts, std::string_view body) {
    if (request_) return {};
    form_ = form_of(facts);
    protocol::JsonTree tree;
    const protocol::JsonValue root = TRY(tree.parse(body));
    switch (form_) {
        case Form::Chat:
            request_ = TRY(protocol::read_openai_request(root, read_losses_));
            return {};
        case Form::Completion:
            request_ = TRY(protocol::read_completions_request(root, read_losses_));
            return {};
        case Form::Message:
            request_ = TRY(protocol::read_anthropic_request(root, protocol::MaxTokens::Required,
                                                            read_losses_));
            return {};
        case Form::Response:
            request_ = TRY(protocol::read_responses_request(root, read_losses_));
            echo_ = protocol::make_responses_echo(root);
            return {};
    }
    return {};
}

std::unique_ptr<ChatStreamWriter> Conversion::make_writer(Form form, const AnswerPlan& plan,
                                                          std::string_view request_id) {
    switch (form) {
        case Form::Chat:
            break;
        case Form::Completion:
            return protocol::make_completion_stream_writer(plan);
        case Form::Message:
            return protocol::make_anthropic_stream_writer(plan, request_id);
        case Form::Response:
            return protocol::make_responses_stream_writer(plan);
    }
    return protocol::make_openai_stream_writer(plan);
}

Result<void> Conversion::write(const protocol::RequestFacts& facts, std::string_view body,
                               const Upstream& upstream, const Occasion& occasion, Strict strict) {
    losses_ = {};
    if (facts.operation == Operation::Embeddings) {
        TRY(write_embeddings(facts, body, upstream));
    } else if (writes_text(facts.operation)) {
        TRY(write_chat(facts, body, upstream, occasion));
    } else {
        return not_converted(facts.protocol);
    }
    const protocol::Loss* loss = losses_.find_strict();
    if (strict == Strict::Yes && loss != nullptr) return refused_by_strictness(*loss);
    return {};
}

Result<void> Conversion::write_embeddings(const protocol::RequestFacts& facts,
                                          std::string_view body, const Upstream& upstream) {
    protocol::JsonTree tree;
    const protocol::JsonValue root = TRY(tree.parse(body));
    const auto request = TRY(protocol::read_embeddings_request(root));
    using protocol::VectorForm;
    vectors_ = request.wants_base64 ? VectorForm::Base64 : VectorForm::Numbers;
    plan_ = {.model = std::string(facts.model), .input_tokens = facts.input_tokens};
    protocol::RequestConversion to{.model = upstream.model,
                                   .traits = upstream.traits,
                                   .options = options_,
                                   .losses = losses_,
                                   .plan = plan_};
    body_ = TRY(upstream.adapter.encode_embeddings(request, to));
    return {};
}

Result<void> Conversion::write_chat(const protocol::RequestFacts& facts, std::string_view body,
                                    const Upstream& upstream, const Occasion& occasion) {
    TRY(read(facts, body));
    losses_ = read_losses_;
    plan_ = {.model = std::string(facts.model),
             .created = occasion.created,
             .fallback_id = std::string(occasion.request_id),
             .wants_usage = request_->wants_usage,
             .uses_functions = request_->uses_functions,
             .hides_thinking = request_->reasoning.mode == protocol::Reasoning::Mode::Disabled,
             .stop = request_->stop,
             .input_tokens = facts.input_tokens,
             .echo = echo_,
             .sha256_hex = options_.sha256_hex};
    protocol::RequestConversion to{.model = upstream.model,
                                   .traits = upstream.traits,
                                   .options = options_,
                                   .losses = losses_,
                                   .plan = plan_};
    body_ = TRY(upstream.adapter.encode(*request_, to));
    wire_ = to.wire;
    betas_ = std::move(to.betas);
    if (facts.max_output == 0) losses_.add(protocol::LossKind::Approximated, "max_tokens");
    return {};
}

// A vendor who does not say is believed to have read what was counted here.
Usage Conversion::usage_of(const protocol::EmbeddingsReply& reply) const {
    return reply.usage.value_or(Usage{.input_tokens = plan_.input_tokens, .is_estimated = true});
}

std::string Conversion::render(const protocol::EmbeddingsReply& reply) const {
    return protocol::write_embeddings(reply, plan_, vectors_);
}

Usage Conversion::usage_of(const ChatReply& reply) const {
    return protocol::usage_of(reply, plan_);
}

std::string Conversion::render(ChatReply reply) const {
    protocol::restore_answer(reply, plan_);
    switch (form_) {
        case Form::Chat:
            break;
        case Form::Completion:
            return protocol::write_completion(reply, plan_);
        case Form::Message:
            return protocol::write_anthropic_reply(reply, plan_);
        case Form::Response:
            return protocol::write_responses_reply(reply, plan_);
    }
    return protocol::write_openai_reply(reply, plan_);
}

std::unique_ptr<protocol::StreamRelay> Conversion::make_relay(
    std::unique_ptr<protocol::ChatStreamParser> parser, std::span<const std::string> secrets,
    std::string_view request_id, std::unique_ptr<protocol::OutputMeter> meter) const {
    auto plan = std::make_unique<const AnswerPlan>(plan_);
    auto writer = make_writer(form_, *plan, request_id);
    return std::make_unique<protocol::ConvertingRelay>(
        std::move(plan), std::move(parser), std::move(writer), secrets, std::move(meter));
}

std::string Conversion::render_nothing(const protocol::RequestFacts& facts,
                                       std::string_view request_id) const {
    const AnswerPlan plan{.model = std::string(facts.model),
                          .fallback_id = std::string(request_id),
                          .input_tokens = facts.input_tokens,
                          .sha256_hex = options_.sha256_hex};
    const protocol::Stop stop{.reason = protocol::StopReason::MaxTokens};
    const Usage usage{.input_tokens = facts.input_tokens, .is_estimated = true};
    if (!facts.stream) {
        return protocol::write_anthropic_reply({.stop = stop, .usage = usage}, plan);
    }
    const auto writer = protocol::make_anthropic_stream_writer(plan, request_id);
    writer->take({.kind = ChatEventKind::Start, .usage = &usage});
    writer->take({.kind = ChatEventKind::UsageSeen, .usage = &usage});
    writer->take({.kind = ChatEventKind::StopSeen, .stop = &stop});
    writer->take({.kind = ChatEventKind::End});
    return writer->take_output();
}

}  // namespace aigw::exchange
